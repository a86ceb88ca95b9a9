#pragma once

#include <chrono>
#include <memory>

#include "gitops/remote/child_stream.h"
#include "gitops/remote/git_service.h"
#include "gitops/remote/remote_access.h"
#include "gitops/remote/remote_url.h"
#include "gitops/remote/ssh_call.h"

namespace lockkeeper {

/// Git's own protocol through a child ssh, which is gone when this ends.
class SshConversation : public GitConversation {
 public:
  struct Options {
    GitService service = GitService::kUploadPack;
    RemoteUrl url;
    RemoteAccess access;
    RemoteLimits limits;
    std::chrono::steady_clock::time_point deadline;
  };
  explicit SshConversation(Options options) : options_(std::move(options)) {}

  Result<void> ReadAdvertisement(AnswerReader& reader) override;
  Result<void> Ask(const ServiceRequest& request, AnswerReader& reader) override;
  void Leave() override;

 private:
  Result<void> Exchange(const ServiceRequest* request, AnswerReader& reader);
  std::chrono::steady_clock::time_point FinishBy() const;

  Options options_;
  SshCall call_;
  std::unique_ptr<ChildStream> child_;
};

}  // namespace lockkeeper
