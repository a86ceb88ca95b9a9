#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gitops/remote/cloned_repository.h"
#include "repository_test_cases.h"
#include "tests/support/local_transport.h"

namespace lockkeeper {

/// A bare remote, a folder for clones of it, and the faults on the way to it.
class RemoteTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<RemoteRepository>> TryOpen(const std::string& clone_folder,
                                                    const CloneLimits& limits = {},
                                                    const std::string& branch = "") {
    return ClonedRepository::Open(
        {.url = "https://git.example.com/fleet.git", .branch = branch, .clone_folder = clone_folder},
        std::make_unique<LocalTransport>(remote_.path(), faults_), limits);
  }
  std::unique_ptr<RemoteRepository> Open(const CloneLimits& limits = {}, const std::string& branch = "") {
    auto repository = TryOpen(clone(), limits, branch);
    if (!repository) throw std::runtime_error(repository.error().message);
    return std::move(*repository);
  }
  std::string clone() const { return folder_.path() + "/clone"; }
  /// The bare repository that is in use.
  std::string git_dir() const {
    auto name = ReadSmallFile(clone() + "/current", 100);
    return name ? clone() + "/" + name->substr(0, name->find(' ')) : "";
  }
  std::vector<std::string> Packs() const {
    std::vector<std::string> packs;
    for (const auto& entry : std::filesystem::directory_iterator(git_dir() + "/objects/pack")) {
      if (entry.path().extension() == ".pack") packs.push_back(entry.path().string());
    }
    return packs;
  }
  void ExpectSoundClone() const {
    ProgramResult result = TryGit(git_dir(), {"fsck", "--strict", "--full"});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    EXPECT_EQ(result.errors.find("error"), std::string::npos) << result.errors;
  }

  TempRepository remote_;
  TempFolder folder_;
  std::shared_ptr<TransportFaults> faults_ = std::make_shared<TransportFaults>();
};

}  // namespace lockkeeper
