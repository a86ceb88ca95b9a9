#include "net/http_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/foreign_text.h"
#include "net/time_text.h"

namespace lockkeeper {
namespace {

constexpr size_t kWordsMax = 300;

// Alerts by which a server says that our certificate, or the lack of one, is the reason.
bool BlamesOurCertificate(std::string_view why) {
  constexpr std::array<std::string_view, 6> kAlerts{"certificate required", "alert bad certificate",
                                                    "alert unknown ca",     "alert certificate",
                                                    "alert access denied",  "alert handshake failure"};
  return std::ranges::any_of(kAlerts, [&](std::string_view alert) { return why.contains(alert); });
}

Error Make(ErrorKind kind, std::string_view where, std::string_view what) {
  return Error{kind, fmt::format("{}: {}", where, what)};
}

// Only plain words: pages are for browsers.
std::string Said(const Exchange& exchange) {
  if (!exchange.content_type().starts_with("text/plain")) return "";
  const std::string words = OneLine(exchange.said(), kWordsMax);
  return words.empty() ? "" : fmt::format(": {}", words);
}

std::string_view TokenAdvice(const HttpClient::Options& options, bool credentials_sent, long status) {
  const bool any = !options.access.token_file.empty() || !options.access.headers_file.empty();
  if (!any) return "; name a file with a token";
  if (!credentials_sent)
    return "; it was reached by a redirect to another host, port or scheme, where credentials are not sent: "
           "use its own URL";
  if (status == 401) return "; the token may be wrong or too old, or need a user name beside it";
  return "; the token may lack the right to do this";
}

}  // namespace

Error TransferError(const HttpClient::Options& options, const Exchange& exchange) {
  const std::string& where = options.where;
  const std::string why = OneLine(exchange.why(), kWordsMax);
  if (exchange.proxy_status() >= 400) {
    const bool denied = exchange.proxy_status() == 407 || exchange.proxy_status() == 403;
    return Make(denied ? ErrorKind::kDenied : ErrorKind::kTransient, where,
                fmt::format("the proxy refuses to connect us (status {})", exchange.proxy_status()));
  }
  switch (exchange.code()) {
    case CURLE_OPERATION_TIMEDOUT:
      return Make(ErrorKind::kTransient, where,
                  fmt::format("no connection within {}", TimeText(options.times.connect_max)));
    case CURLE_PEER_FAILED_VERIFICATION:
      return Make(ErrorKind::kDenied, where,
                  fmt::format("the server's certificate is not trusted: {}; where it comes from an authority "
                              "of your own, name that one's file",
                              why));
    case CURLE_SSL_CACERT_BADFILE:
      return Make(ErrorKind::kInvalid, where,
                  fmt::format("{}: there are no certificates of authorities in it", options.access.ca_file));
    case CURLE_SSL_CERTPROBLEM:
      return Make(ErrorKind::kInvalid, where,
                  fmt::format("{}: the client certificate or its key cannot be used: {}; both must be PEM, "
                              "and the key without a passphrase",
                              options.access.client_certificate_file, why));
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return Make(ErrorKind::kTransient, where, fmt::format("not reached: {}", why));
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return Make(ErrorKind::kTransient, where, fmt::format("the connection was cut: {}", why));
    case CURLE_SEND_FAIL_REWIND:
      // libcurl would ask again on another connection, and what was sent is sent once only.
      return Make(ErrorKind::kTransient, where, "the connection was cut before an answer came");
    default:
      break;
  }
  if (BlamesOurCertificate(why)) {
    return Make(
        ErrorKind::kDenied, where,
        fmt::format("the server {}: {}",
                    options.access.client_certificate_file.empty() ? "asks for a client certificate"
                                                                   : "does not accept our certificate",
                    why));
  }
  return Make(ErrorKind::kTransient, where, fmt::format("the connection failed: {}", why));
}

Error StatusError(const HttpClient::Options& options, const Exchange& exchange, bool credentials_sent) {
  const long status = exchange.status();
  const std::string said = Said(exchange);
  const auto make = [&](ErrorKind kind, std::string_view what) {
    return Make(kind, options.where, fmt::format("{} (status {}){}", what, status, said));
  };
  if (status == 401 || status == 403) {
    Error error = make(ErrorKind::kDenied,
                       status == 401 ? "the server asks who we are" : "the server does not let us do this");
    error.message += TokenAdvice(options, credentials_sent, status);
    return error;
  }
  if (status == 404 || status == 410) {
    return make(ErrorKind::kDenied,
                "there is no such repository, or the server does not show it to us: check the URL, and the "
                "token's rights");
  }
  if (status == 407) return make(ErrorKind::kDenied, "the proxy asks who we are");
  if (status == 413) return make(ErrorKind::kDenied, "what we send is too large for the server");
  if (status == 429) return make(ErrorKind::kTransient, "the server has had too many requests");
  if (status == 408 || status >= 500) return make(ErrorKind::kTransient, "the server has trouble");
  if (status >= 400) return make(ErrorKind::kDenied, "the server refuses");
  return make(ErrorKind::kTransient, "the server gives an answer that means nothing here");
}

}  // namespace lockkeeper
