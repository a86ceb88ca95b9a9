#include "gitops/remote/remote_transport.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gitops/remote/conversations.h"
#include "gitops/remote/http_conversation.h"
#include "gitops/remote/remote_url.h"
#include "gitops/remote/ssh_conversation.h"
#include "net/foreign_text.h"
#include "net/http_client.h"

namespace lockkeeper {
namespace {

// Servers look for "git/" to tell Git's clients from browsers.
constexpr std::string_view kUserAgent = "git/2.0 (lockkeeper)";

HttpClient::Options HttpOptions(const RemoteUrl& url, const RemoteAccess& access,
                                const RemoteLimits& limits) {
  return {.where = url.text,
          .server = url.text,
          .agent = std::string(kUserAgent),
          .access = {.username = access.username.empty() ? url.user : access.username,
                     .token_file = access.token_file,
                     .headers_file = access.headers_file,
                     .ca_file = access.ca_file,
                     .client_certificate_file = access.client_certificate_file,
                     .client_key_file = access.client_key_file,
                     .proxy = access.proxy},
          .times = {.connect_max = limits.connect_time_max, .idle_max = limits.idle_time_max}};
}

class GitTransport : public RemoteTransport {
 public:
  GitTransport(RemoteUrl url, const RemoteAccess& access, const RemoteLimits& limits)
      : url_(std::move(url)), access_(access), limits_(limits) {
    if (url_.way == RemoteUrl::Way::kHttp) client_.emplace(HttpOptions(url_, access, limits));
  }

  Result<FetchOutcome> Fetch(const FetchRequest& request) override {
    const ConversationTerms terms = Terms();
    return Shown(FetchOver(*Begin(GitService::kUploadPack, terms), terms, request));
  }

  Result<void> Push(const PushRequest& request) override {
    const ConversationTerms terms = Terms();
    return Shown(PushOver(*Begin(GitService::kReceivePack, terms), terms, request));
  }

  std::optional<std::chrono::seconds> retry_after() const override {
    return client_ ? client_->retry_after() : std::nullopt;
  }

 private:
  ConversationTerms Terms() const {
    return {.where = url_.text,
            .limits = limits_,
            .deadline = std::chrono::steady_clock::now() + limits_.total_time_max,
            .announced = client_ ? Announced::kYes : Announced::kNo};
  }
  std::unique_ptr<GitConversation> Begin(GitService service, const ConversationTerms& terms) {
    if (client_) {
      client_->ForgetRetryAfter();
      return std::make_unique<HttpConversation>(
          *client_, HttpConversation::Options{
                        .service = service, .url = url_.text, .limits = limits_, .deadline = terms.deadline});
    }
    return std::make_unique<SshConversation>(SshConversation::Options{
        .service = service, .url = url_, .access = access_, .limits = limits_, .deadline = terms.deadline});
  }
  // The user part of a URL may be a token, and a server may say it back to us. The name that everybody has
  // with Git servers is no secret, and a word of its own.
  template <class T>
  Result<T> Shown(Result<T> result) const {
    if (!result && url_.user != "git")
      result.error().message = WithoutName(std::move(result.error().message), url_.user);
    return result;
  }

  RemoteUrl url_;
  RemoteAccess access_;
  RemoteLimits limits_;
  std::optional<HttpClient> client_;
};

}  // namespace

Result<std::unique_ptr<RemoteTransport>> OpenTransport(const std::string& url, const RemoteAccess& access,
                                                       const RemoteLimits& limits) {
  auto remote = ParseRemoteUrl(url);
  if (!remote) return std::unexpected(remote.error());
  return std::make_unique<GitTransport>(*remote, access, limits);
}

}  // namespace lockkeeper
