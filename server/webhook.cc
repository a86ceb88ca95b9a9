#include "server/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace lockkeeper {
namespace {

constexpr std::array<std::pair<WebhookForge, std::string_view>, 3> kForges{{
    {WebhookForge::kGitLab, "gitlab"},
    {WebhookForge::kGitHub, "github"},
    {WebhookForge::kGitea, "gitea"},
}};

WebhookVerdict Denied(WebhookResult result, std::string message) {
  return {.result = result, .message = std::move(message)};
}

std::optional<WebhookVerdict> CheckToken(const WebRequest& delivery, const SharedSecret& secret) {
  const std::string* token = delivery.Header("x-gitlab-token");
  if (token == nullptr || token->empty()) {
    return Denied(WebhookResult::kUnsigned,
                  "there is no X-Gitlab-Token: set the webhook's secret token in GitLab");
  }
  if (secret.Equals(*token)) return std::nullopt;
  return Denied(WebhookResult::kWrongSecret, "X-Gitlab-Token is not the webhook's secret");
}

std::optional<WebhookVerdict> CheckSignatures(WebhookForge forge, const WebRequest& delivery,
                                              const SharedSecret& secret) {
  bool is_signed = false;
  for (std::string_view name : {"x-hub-signature-256", "x-gitea-signature", "x-forgejo-signature"}) {
    if (forge == WebhookForge::kGitHub && name != "x-hub-signature-256") continue;
    const std::string* header = delivery.Header(name);
    if (header == nullptr || header->empty()) continue;
    std::string_view hex = *header;
    if (name == "x-hub-signature-256") hex = hex.starts_with("sha256=") ? hex.substr(7) : "";
    if (!secret.Signs(delivery.body, hex)) {
      return Denied(WebhookResult::kWrongSecret,
                    fmt::format("{} is not the body's under the webhook's secret", name));
    }
    is_signed = true;
  }
  if (is_signed) return std::nullopt;
  return Denied(WebhookResult::kUnsigned, "there is no signature: set the webhook's secret in the forge");
}

/// The first of these headers; empty: none is there.
std::string EventOf(WebhookForge forge, const WebRequest& delivery) {
  if (forge == WebhookForge::kGitLab) {
    const std::string* event = delivery.Header("x-gitlab-event");
    // A system hook says in its body what it is about.
    return event == nullptr ? "" : *event == "Push Hook" || *event == "System Hook" ? "push" : *event;
  }
  for (std::string_view name : {"x-github-event", "x-gitea-event", "x-forgejo-event"}) {
    if (forge == WebhookForge::kGitHub && name != "x-github-event") continue;
    if (const std::string* event = delivery.Header(name)) return *event;
  }
  return "";
}

/// The JSON of a delivery, wherever it stands in the body; nullopt: nowhere.
std::optional<std::string> PayloadOf(const WebRequest& delivery) {
  const std::string* type = delivery.Header("content-type");
  std::string_view media = type == nullptr ? "" : std::string_view(*type);
  media = media.substr(0, media.find_first_of("; \t"));
  if (media == "application/json") return delivery.body;
  if (media != "application/x-www-form-urlencoded") return std::nullopt;
  constexpr std::string_view kField = "payload=";
  std::string_view form = delivery.body;
  while (!form.empty()) {
    const std::string_view part = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(part.size() + 1, form.size()));
    if (part.starts_with(kField)) return DecodeFormValue(part.substr(kField.size()));
  }
  return std::nullopt;
}

/// Members of the outermost object that are text. Whatever is deeper is passed over while reading, so that a
/// body costs no more memory than its own.
std::optional<nlohmann::json> OuterMembers(const std::string& payload) {
  using nlohmann::json;
  auto keep = [](int depth, json::parse_event_t event, json&) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    return !opens || depth == 0;
  };
  json outer = json::parse(payload, keep, false);
  if (!outer.is_object()) return std::nullopt;
  return outer;
}

std::string TextOf(const nlohmann::json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

std::string_view Name(WebhookForge forge) {
  for (const auto& [value, name] : kForges) {
    if (value == forge) return name;
  }
  return "";
}

std::optional<WebhookForge> ParseWebhookForge(std::string_view word) {
  for (const auto& [value, name] : kForges) {
    if (name == word) return value;
  }
  return std::nullopt;
}

std::string_view Name(WebhookResult result) {
  switch (result) {
    case WebhookResult::kPush:
      return "push";
    case WebhookResult::kOtherEvent:
      return "ignored";
    case WebhookResult::kUnsigned:
      return "unsigned";
    case WebhookResult::kWrongSecret:
      return "denied";
    case WebhookResult::kMalformed:
      return "malformed";
  }
  return "";
}

WebhookVerdict JudgeWebhook(WebhookForge forge, const WebRequest& delivery, const SharedSecret& secret) {
  auto denied = forge == WebhookForge::kGitLab ? CheckToken(delivery, secret)
                                               : CheckSignatures(forge, delivery, secret);
  if (denied) return std::move(*denied);
  const std::string event = EventOf(forge, delivery);
  if (event.empty()) return {.message = "there is no header that says which event this is"};
  if (event != "push") return {.result = WebhookResult::kOtherEvent, .message = "only pushes matter here"};
  auto payload = PayloadOf(delivery);
  if (!payload) {
    return {.message =
                "the body is neither application/json nor a form with a payload: set the webhook's "
                "content type to application/json"};
  }
  auto outer = OuterMembers(*payload);
  if (!outer) return {.message = "the body is no JSON object"};
  const std::string kind = TextOf(*outer, "object_kind");
  if (forge == WebhookForge::kGitLab && kind != "push")
    return {.result = WebhookResult::kOtherEvent, .message = "only pushes matter here"};
  std::string ref = TextOf(*outer, "ref");
  if (!ref.starts_with("refs/")) return {.message = "the push does not say of which ref it is"};
  return {.result = WebhookResult::kPush, .ref = std::move(ref), .message = "will look at the repository"};
}

}  // namespace lockkeeper
