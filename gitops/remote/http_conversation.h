#pragma once

#include <chrono>
#include <string>

#include "gitops/remote/git_service.h"
#include "gitops/remote/remote_access.h"
#include "net/http_client.h"

namespace lockkeeper {

/// Smart HTTP (gitprotocol-http), version 0.
class HttpConversation : public GitConversation {
 public:
  struct Options {
    GitService service = GitService::kUploadPack;
    std::string url;  ///< of the repository
    RemoteLimits limits;
    std::chrono::steady_clock::time_point deadline;
  };
  HttpConversation(HttpClient& client, Options options) : client_(client), options_(std::move(options)) {}

  Result<void> ReadAdvertisement(AnswerReader& reader) override;
  Result<void> Ask(const ServiceRequest& request, AnswerReader& reader) override;
  void Leave() override {}

 private:
  HttpRequest Base(AnswerReader& reader) const;

  HttpClient& client_;
  Options options_;
};

}  // namespace lockkeeper
