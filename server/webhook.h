#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/shared_secret.h"
#include "server/web_message.h"

namespace lockkeeper {

enum class WebhookForge : uint8_t { kGitLab, kGitHub, kGitea };
std::string_view Name(WebhookForge forge);
std::optional<WebhookForge> ParseWebhookForge(std::string_view word);

/// What is accepted of a delivery. GitHub sends up to 25 MB, but more than this only of pushes whose list of
/// commits nobody reads here; then the next poll finds them.
inline constexpr size_t kWebhookBytesMax = size_t{5} << 20;

enum class WebhookResult : uint8_t {
  kPush,         ///< of some branch or tag; `ref` says which
  kOtherEvent,   ///< a ping among them: well signed, and nothing to do
  kUnsigned,     ///< no token or signature
  kWrongSecret,  ///< one, or several, and not all of them right
  kMalformed,    ///< well signed, and not what it says it is
};
std::string_view Name(WebhookResult result);

struct WebhookVerdict {
  WebhookResult result = WebhookResult::kMalformed;
  std::string ref;      ///< of a push: refs/heads/main
  std::string message;  ///< for whoever looks at the forge's list of deliveries
};

/// Whether a delivery is what it claims to be, and of what. GitLab: X-Gitlab-Token is the secret. GitHub,
/// Gitea and Forgejo: X-Hub-Signature-256, X-Gitea-Signature and X-Forgejo-Signature are the HMAC-SHA256 of
/// the body; each that is there must be right. Nothing in the body is looked at before that. Pure.
WebhookVerdict JudgeWebhook(WebhookForge forge, const WebRequest& delivery, const SharedSecret& secret);

}  // namespace lockkeeper
