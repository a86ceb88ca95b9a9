#include "net/http_client.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <mutex>
#include <utility>

#include "net/credentials.h"
#include "net/exchange.h"
#include "net/foreign_text.h"
#include "net/http_failure.h"
#include "net/time_text.h"
#include "net/url.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr int kRedirectsMax = 5;
constexpr long kConnectionsKept = 2;

void UseLibcurl() {
  static std::once_flag once;
  std::call_once(once, [] { LK_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

// A server that closes while we write must not end the process. The signal is this thread's alone, so it can
// be kept off it without telling the others.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
  ~WithoutSigpipe() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
};

bool IsRedirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string OriginOf(const std::string& text) {
  const auto url = ParseUrl(text);
  return url ? url->Origin() : "";
}

Secret Base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (size_t i = 0; i < text.size(); i += 3) {
    const std::string_view part = text.substr(i, 3);
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < part.size() ? static_cast<uint8_t>(part[k]) : 0U);
    for (size_t k = 0; k < 4; ++k) encoded += k <= part.size() ? kDigits[(bits >> (18 - 6 * k)) & 63] : '=';
  }
  return Secret(encoded);
}

// What must stand in no message, in every form that it goes over the wire in: a server may repeat it.
std::vector<Secret> AllSecrets(const std::string& username, const HttpCredentials& credentials) {
  std::vector<Secret> secrets{credentials.token, Base64(username + ":" + credentials.token.Reveal())};
  for (const SecretHeader& header : credentials.headers) secrets.push_back(header.value);
  return secrets;
}

Result<void> CheckFiles(const HttpAccess& access) {
  for (const auto& [path, what] : {std::pair{&access.ca_file, "file of authorities"},
                                   std::pair{&access.client_certificate_file, "client certificate"},
                                   std::pair{&access.client_key_file, "client key"}}) {
    if (path->empty()) continue;
    if (auto readable = RequireReadable(*path, what); !readable) return readable;
  }
  return {};
}

// Where to ask next. The user part of a redirect is nobody's whom we know.
Result<std::string> NextUrl(const std::string& from, const std::string& to) {
  auto next = ParseUrl(to);
  if (!next || (next->scheme != "http" && next->scheme != "https"))
    return Fail(ErrorKind::kTransient, "it redirects us to an address that is none of http or https");
  if (next->scheme == "http" && from.starts_with("https://")) {
    // Not the whole of it: its query may hold a token.
    return Fail(ErrorKind::kDenied, fmt::format("it redirects us from https to {}, without encryption",
                                                OneLine(next->Origin(), 300)));
  }
  return next->Text();
}

}  // namespace

struct HttpClient::Connections {
  CurlMultiHandle multi;
};

HttpClient::HttpClient(Options options) : options_(std::move(options)) {
  UseLibcurl();
  connections_ = std::make_unique<Connections>(Connections{CurlMultiHandle(curl_multi_init())});
  LK_ASSERT(connections_->multi != nullptr);
  curl_multi_setopt(connections_->multi.get(), CURLMOPT_MAXCONNECTS, kConnectionsKept);
}

HttpClient::~HttpClient() {
  const WithoutSigpipe guard;
  connections_.reset();
}

Result<HttpAnswer> HttpClient::Send(const HttpRequest& request) {
  retry_after_.reset();
  auto credentials = ReadCredentials(options_.access);
  if (credentials) {
    if (auto readable = CheckFiles(options_.access); !readable)
      credentials = std::unexpected(readable.error());
  }
  if (!credentials) {
    return Fail(credentials.error().kind, fmt::format("{}: {}", options_.where, credentials.error().message));
  }
  auto answer = SendOn(request, *credentials);
  if (!answer) {
    answer.error().message =
        WithoutSecrets(std::move(answer.error().message), AllSecrets(options_.access.username, *credentials));
  }
  return answer;
}

Result<HttpAnswer> HttpClient::SendOn(const HttpRequest& request, const HttpCredentials& credentials) {
  const WithoutSigpipe guard;
  const std::string origin = OriginOf(options_.server);
  const std::string& where = options_.where;
  std::string url = request.url;
  for (int redirects = 0;; ++redirects) {
    const bool known = OriginOf(url) == origin;
    Exchange exchange(options_, request, url, known ? &credentials : nullptr);
    const Exchange::End end = exchange.Run(connections_->multi.get());
    retry_after_ = exchange.retry_after();
    if (end == Exchange::End::kLate) {
      return Fail(ErrorKind::kTransient,
                  fmt::format("{}: not done within {}; the server or the network is too slow", where,
                              TimeText(request.total_max)));
    }
    if (end == Exchange::End::kIdle) {
      return Fail(ErrorKind::kTransient, fmt::format("{}: connected, but nothing came or went for {}", where,
                                                     TimeText(options_.times.idle_max)));
    }
    if (end == Exchange::End::kRefused) {
      return Fail(exchange.refusal().kind, fmt::format("{}: {}", where, exchange.refusal().message));
    }
    // Of an answer that refuses us the beginning is enough.
    const bool cut_by_us = exchange.code() == CURLE_WRITE_ERROR && exchange.status() != 200;
    if (end == Exchange::End::kFailed && !cut_by_us)
      return std::unexpected(TransferError(options_, exchange));
    if (exchange.status() == 200) return HttpAnswer{url};
    const std::string target = exchange.redirect_url();
    if (!IsRedirect(exchange.status()) || target.empty())
      return std::unexpected(StatusError(options_, exchange, known));
    if (request.redirects == Redirects::kRefuse || redirects == kRedirectsMax) {
      return Fail(ErrorKind::kTransient,
                  fmt::format("{}: {}", where,
                              redirects == kRedirectsMax ? "it redirects us without end"
                                                         : "it redirects us where no redirect is followed"));
    }
    auto next = NextUrl(url, target);
    if (!next) return Fail(next.error().kind, fmt::format("{}: {}", where, next.error().message));
    url = std::move(*next);
  }
}

}  // namespace lockkeeper
