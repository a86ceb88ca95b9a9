#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gitops/repository/repository.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {

inline std::unique_ptr<Repository> Opened(const std::string& location, const std::string& branch = "") {
  auto repository = OpenLocalRepository({.location = location, .branch = branch});
  if (!repository) throw std::runtime_error(repository.error().message);
  return std::move(*repository);
}

inline CommitDraft Draft(std::vector<FileWrite> writes, const std::string& message = "Upgrade mgab6\n") {
  return {.writes = std::move(writes),
          .message = message,
          .author_name = "lockkeeper",
          .author_email = "lockkeeper@example.com",
          .time = Instant(Seconds(1700001000))};
}

/// Objects are sound and complete, and no rubbish is left in the pack folder.
inline void ExpectSound(const TempRepository& repository) {
  ProgramResult result = repository.TryGit({"fsck", "--strict", "--full"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(result.errors.find("error"), std::string::npos) << result.errors;
}

#define EXPECT_ERROR(result, expected_kind, part)                                                \
  do {                                                                                           \
    const auto& checked = (result);                                                              \
    ASSERT_FALSE(checked.has_value());                                                           \
    EXPECT_EQ(static_cast<int>(checked.error().kind), static_cast<int>(expected_kind))           \
        << checked.error().message;                                                              \
    EXPECT_NE(checked.error().message.find(part), std::string::npos) << checked.error().message; \
  } while (false)

#define ASSERT_OK(result) ASSERT_TRUE((result).has_value()) << (result).error().message

}  // namespace lockkeeper
