#include "server/daemon_site.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace lockkeeper {
namespace {

constexpr std::string_view kApi = "/api/";
constexpr std::string_view kWebhook = "/webhook/";
constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

bool IsRead(const WebRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

WebAnswer NotAllowed(std::string_view methods) {
  WebAnswer answer = ErrorAnswer(405, fmt::format("only {} is answered here", methods));
  answer.headers.emplace_back("Allow", methods);
  return answer;
}

WebAnswer NoSuchPage() { return ErrorAnswer(404, "there is nothing here"); }

WebAnswer HealthAnswer(const HealthWords& health) {
  return {.status = health.is_well ? 200 : 503,
          .body = health.words + "\n",
          .content_type = std::string{kPlainText}};
}

WebAnswer WebhookAnswer(int status, std::string_view result, std::string_view message) {
  const nlohmann::ordered_json body{{"result", result}, {"message", message}};
  return {.status = status, .body = body.dump() + "\n"};
}

/// A route's name for counting; these are constants, since metrics keep them.
std::string_view RouteOf(WebhookForge forge) {
  switch (forge) {
    case WebhookForge::kGitLab:
      return "webhook/gitlab";
    case WebhookForge::kGitHub:
      return "webhook/github";
    case WebhookForge::kGitea:
      return "webhook/gitea";
  }
  return "none";
}

std::optional<WebhookForge> ForgeOf(const WebRequest& request) {
  if (!request.path.starts_with(kWebhook)) return std::nullopt;
  return ParseWebhookForge(std::string_view(request.path).substr(kWebhook.size()));
}

}  // namespace

DaemonSite::DaemonSite(DaemonSiteOptions options, DaemonHooks hooks, Metrics& metrics, WebApi& api)
    : options_(std::move(options)), hooks_(std::move(hooks)), metrics_(metrics), api_(api) {}

Admission DaemonSite::Admit(const WebRequest& head) {
  if (head.path.starts_with(kApi)) return AdmitApi(head);
  if (head.path.starts_with(kWebhook)) return AdmitWebhook(head);
  Admission admission;
  if (head.path == "/healthz") admission.route = "healthz";
  if (head.path == "/readyz") admission.route = "readyz";
  if (head.path == "/metrics") admission.route = "metrics";
  if (admission.route == "none") {
    admission.refusal = NoSuchPage();
  } else if (!IsRead(head)) {
    admission.refusal = NotAllowed("GET, HEAD");
  } else if (admission.route == "metrics" && options_.metrics == MetricsAccess::kWithToken) {
    admission.refusal = CheckToken(head);
  }
  return admission;
}

Admission DaemonSite::AdmitApi(const WebRequest& head) {
  const std::string_view route = api_.RouteOf(head.path);
  Admission admission{.route = route.empty() ? "none" : route, .lane = Lane::kQuery};
  // Who may not ask is not told what there is.
  admission.refusal = CheckToken(head);
  if (admission.refusal) return admission;
  if (route.empty()) {
    admission.refusal = ErrorAnswer(404, "the API has no such resource; /api/v1/openapi.json has them all");
  } else if (!IsRead(head)) {
    admission.refusal = NotAllowed("GET, HEAD");
  }
  return admission;
}

Admission DaemonSite::AdmitWebhook(const WebRequest& head) {
  const auto forge = ForgeOf(head);
  if (!forge) {
    return {.refusal = ErrorAnswer(404, "webhooks are /webhook/gitlab, /webhook/github and /webhook/gitea")};
  }
  Admission admission{.route = RouteOf(*forge), .lane = Lane::kWebhook, .body_bytes_max = kWebhookBytesMax};
  if (options_.webhook_secret_file.empty()) {
    admission.refusal =
        ErrorAnswer(404, "this daemon takes no webhooks: it was given no --webhook-secret-file");
  } else if (head.method != "POST") {
    admission.refusal = NotAllowed("POST");
  } else if (head.Header("content-length") == nullptr) {
    admission.refusal = ErrorAnswer(411, "send the body with a Content-Length");
  } else if (head.Header("content-encoding") != nullptr) {
    admission.refusal = ErrorAnswer(415, "send the body as it is, without a Content-Encoding");
  }
  return admission;
}

std::optional<WebAnswer> DaemonSite::CheckToken(const WebRequest& head) {
  if (options_.api_token_file.empty()) return std::nullopt;
  auto secret = ReadSecret(options_.api_token_file, "the API is closed");
  if (!secret) {
    return ErrorAnswer(503, "the API is closed, since its token cannot be read; the daemon's log says why");
  }
  constexpr std::string_view kScheme = "bearer ";
  const std::string* given = head.Header("authorization");
  const bool has_scheme = given != nullptr && given->size() > kScheme.size() &&
                          std::ranges::equal(given->substr(0, kScheme.size()), kScheme, [](char a, char b) {
                            return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
                          });
  if (has_scheme && secret->Equals(std::string_view(*given).substr(kScheme.size()))) return std::nullopt;
  WebAnswer answer = ErrorAnswer(
      401, given == nullptr ? "send the token: Authorization: Bearer TOKEN" : "this is not the token");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"lockkeeper\"");
  return answer;
}

Result<SharedSecret> DaemonSite::ReadSecret(const std::string& path, std::string_view consequence) {
  auto secret = SharedSecret::Read(path);
  const std::scoped_lock lock(mutex_);
  if (secret) {
    complaints_.erase(path);
  } else if (std::string& said = complaints_[path]; said != secret.error().message) {
    said = secret.error().message;
    hooks_.complain(fmt::format("{}: {}", consequence, said));
  }
  return secret;
}

WebAnswer DaemonSite::Answer(const WebRequest& request) {
  if (request.path == "/healthz") return HealthAnswer(hooks_.alive());
  if (request.path == "/readyz") return HealthAnswer(hooks_.ready());
  if (request.path == "/metrics")
    return {.body = metrics_.Text(), .content_type = std::string{Metrics::kContentType}};
  if (request.path.starts_with(kWebhook)) return AnswerWebhook(request);
  return api_.Answer(request);
}

WebAnswer DaemonSite::AnswerWebhook(const WebRequest& request) {
  const auto forge = ForgeOf(request);
  if (!forge) return NoSuchPage();
  auto secret = ReadSecret(options_.webhook_secret_file, "webhooks are not taken");
  if (!secret) {
    metrics_.CountWebhook(Name(*forge), "unavailable");
    return ErrorAnswer(
        503, "webhooks are not taken, since their secret cannot be read; the daemon's log says why");
  }
  WebhookVerdict verdict = JudgeWebhook(*forge, request, *secret);
  std::string_view result = Name(verdict.result);
  if (verdict.result == WebhookResult::kPush) {
    const std::string branch = hooks_.branch();
    if (branch.empty() || verdict.ref == "refs/heads/" + branch) {
      hooks_.poke(verdict.ref);
    } else {
      result = Name(WebhookResult::kOtherEvent);
      verdict.message = "only pushes to the branch that is followed matter here";
    }
  }
  metrics_.CountWebhook(Name(*forge), result);
  switch (verdict.result) {
    case WebhookResult::kPush:
    case WebhookResult::kOtherEvent:
      return WebhookAnswer(202, result, verdict.message);
    case WebhookResult::kUnsigned:
      return ErrorAnswer(401, verdict.message);
    case WebhookResult::kWrongSecret:
      return ErrorAnswer(403, verdict.message);
    case WebhookResult::kMalformed:
      return ErrorAnswer(400, verdict.message);
  }
  return NoSuchPage();
}

void DaemonSite::Served(std::string_view route, int status) { metrics_.CountRequest(route, status); }

}  // namespace lockkeeper
