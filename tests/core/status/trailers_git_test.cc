// Git itself as the judge of what is a trailer.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "reconciler/core/status/trailer_block.h"
#include "tests/core/status/random_records.h"

namespace lockkeeper {
namespace {

/// What `git interpret-trailers --parse` makes of a message.
std::string AskGit(const std::string& message) {
  const std::string file = ::testing::TempDir() + "lockkeeper_trailers_" +
                           std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::ofstream{file, std::ios::binary} << message;
  const std::string command =
      "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git interpret-trailers --parse '" + file + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"),
                                                   [](FILE* f) { return pclose(f); }};
  std::string out;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) out += static_cast<char>(c);
  std::remove(file.c_str());
  return out;
}

std::string AskUs(const std::string& message) {
  std::string out;
  for (const Trailer& trailer : FindTrailers(message, ""))
    out += std::string{trailer.key} + ": " + trailer.value + "\n";
  return out;
}

TEST(TrailersGit, ReadsOurTrailersAsWeDo) {
  const std::string around[] = {"", "Signed-off-by: A <a@example.com>\n"};
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    const Record record = RandomRecords{seed}.NextRecord(RandomRecords::Bytes::kAny);
    std::string message = "Upgrade it\n\nBecause: of this.\n\n" + around[seed % 2] + FormatTrailers(record) +
                          around[seed / 2 % 2];
    if (seed % 5 == 0) message += "\n\n";
    const std::string git = AskGit(message);
    ASSERT_NE(git, "") << message;
    ASSERT_EQ(git, AskUs(message)) << message;
  }
}

TEST(TrailersGit, FindsNoneWhereWeFindNone) {
  const std::string trailer = "Lockkeeper-Bump: a v1 -> v2\n";
  const std::string messages[] = {
      trailer,
      "Subject\n" + trailer,
      "Subject\n\n" + trailer + "\nSee above.\n",
      "Subject\n\n> " + trailer,
      "Subject\n\n    " + trailer,
      "Subject\n\nProse\n" + trailer,
      "Subject\n\n",
      "",
  };
  for (const std::string& message : messages) {
    EXPECT_EQ(AskGit(message), "") << message;
    EXPECT_EQ(AskUs(message), "") << message;
  }
}

TEST(TrailersGit, FindsThemWhereWeFindThem) {
  const std::string trailer = "Lockkeeper-Bump: a v1 -> v2\n";
  const std::string messages[] = {
      "Subject\n\n" + trailer,
      "Subject\n \t\n" + trailer,
      "Subject\r\n\r\nLockkeeper-Bump: a v1 -> v2\r\nOther-Key: b\r\n",
      "Subject\n\nLockkeeper-Bump : a v1 -> v2\nOther-Key:b\nEmpty-One: x\n",
      "Subject\n\nLockkeeper-Bump: a\n  v1 ->\n\tv2  \n",
      "Subject\n\nPro: se\n\n" + trailer + "\n\n",
  };
  for (const std::string& message : messages) {
    EXPECT_NE(AskGit(message), "") << message;
    EXPECT_EQ(AskGit(message), AskUs(message)) << message;
  }
}

}  // namespace
}  // namespace lockkeeper
