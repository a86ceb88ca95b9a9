#include "gitops/remote/remote_transport.h"

#include <fmt/format.h>

#include <utility>

#include "gitops/remote/conversations.h"
#include "gitops/remote/http_conversation.h"
#include "gitops/remote/remote_url.h"
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

class HttpTransport : public RemoteTransport {
 public:
  HttpTransport(RemoteUrl url, const RemoteAccess& access, const RemoteLimits& limits)
      : url_(std::move(url)), limits_(limits), client_(HttpOptions(url_, access, limits)) {}

  Result<FetchOutcome> Fetch(const FetchRequest& request) override {
    const ConversationTerms terms = Terms();
    HttpConversation conversation = Open(GitService::kUploadPack, terms);
    return Shown(FetchOver(conversation, terms, request));
  }

  Result<void> Push(const PushRequest& request) override {
    const ConversationTerms terms = Terms();
    HttpConversation conversation = Open(GitService::kReceivePack, terms);
    return Shown(PushOver(conversation, terms, request));
  }

  std::optional<std::chrono::seconds> retry_after() const override { return client_.retry_after(); }

 private:
  ConversationTerms Terms() const {
    return {.where = url_.text,
            .limits = limits_,
            .deadline = std::chrono::steady_clock::now() + limits_.total_time_max,
            .announced = Announced::kYes};
  }
  HttpConversation Open(GitService service, const ConversationTerms& terms) {
    return {client_, {.service = service, .url = url_.text, .limits = limits_, .deadline = terms.deadline}};
  }
  // The user part of a URL may be a token, and a server may say it back to us.
  template <class T>
  Result<T> Shown(Result<T> result) const {
    if (!result) result.error().message = WithoutName(std::move(result.error().message), url_.user);
    return result;
  }

  RemoteUrl url_;
  RemoteLimits limits_;
  HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<RemoteTransport>> OpenTransport(const std::string& url, const RemoteAccess& access,
                                                       const RemoteLimits& limits) {
  auto remote = ParseRemoteUrl(url);
  if (!remote) return std::unexpected(remote.error());
  if (remote->way == RemoteUrl::Way::kHttp) return std::make_unique<HttpTransport>(*remote, access, limits);
  return Invalid(fmt::format("{}: ssh comes next", remote->text));
}

}  // namespace lockkeeper
