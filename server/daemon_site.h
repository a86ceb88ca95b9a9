#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/http_server.h"
#include "server/metrics.h"
#include "server/shared_secret.h"
#include "server/web_message.h"
#include "server/webhook.h"

namespace lockkeeper {

/// What is below /api/v1/. Called by several threads at once.
class WebApi {
 public:
  virtual ~WebApi() = default;
  /// For counting, `api/plan`; empty: there is no such resource.
  virtual std::string_view RouteOf(std::string_view path) const = 0;
  /// To GET and HEAD of a path that has a route.
  virtual WebAnswer Answer(const WebRequest& request) = 0;
};

enum class MetricsAccess : bool { kOpen, kWithToken };

struct DaemonSiteOptions {
  std::string api_token_file;  ///< empty: the API is open to whoever reaches it
  MetricsAccess metrics = MetricsAccess::kOpen;
  std::string webhook_secret_file;  ///< empty: there are no webhooks
};

/// How something is, and why, in one line.
struct HealthWords {
  bool is_well = false;
  std::string words;
};

/// What the site asks and tells the loop; called by several threads at once, so each must be quick.
struct DaemonHooks {
  std::function<HealthWords()> alive;                ///< the loop has turned lately
  std::function<HealthWords()> ready;                ///< there is a plan, and it is not old
  std::function<std::string()> branch;               ///< that is followed; empty: not known yet
  std::function<void(const std::string& ref)> poke;  ///< look at the repository soon; often is as once
  std::function<void(const std::string& message)> complain;  ///< for the log: what is wrong on our side
};

/// Routes: /healthz, /readyz, /metrics, /api/v1/..., /webhook/{gitlab,github,gitea}. docs/api.md has them.
class DaemonSite : public WebSite {
 public:
  /// All but the options must outlive it.
  DaemonSite(DaemonSiteOptions options, DaemonHooks hooks, Metrics& metrics, WebApi& api);

  Admission Admit(const WebRequest& head) override;
  WebAnswer Answer(const WebRequest& request) override;
  void Served(std::string_view route, int status) override;

 private:
  Admission AdmitApi(const WebRequest& head);
  Admission AdmitWebhook(const WebRequest& head);
  std::optional<WebAnswer> CheckToken(const WebRequest& head);
  WebAnswer AnswerWebhook(const WebRequest& request);
  Result<SharedSecret> ReadSecret(const std::string& path, std::string_view consequence);

  DaemonSiteOptions options_;
  DaemonHooks hooks_;
  Metrics& metrics_;
  WebApi& api_;

  std::mutex mutex_;
  std::map<std::string, std::string> complaints_;  ///< what was said last of a file; once is enough
};

}  // namespace lockkeeper
