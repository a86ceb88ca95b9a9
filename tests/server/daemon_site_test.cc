#include "server/daemon_site.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/server/web_client.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeApi : public WebApi {
 public:
  std::string_view RouteOf(std::string_view path) const override {
    return path == "/api/v1/plan" ? "api/plan" : "";
  }
  WebAnswer Answer(const WebRequest& request) override {
    std::string text;
    for (const auto& [name, value] : request.query) text += name + "=" + value + ";";
    return {.body = text};
  }
};

/// The site behind a real server.
class DaemonSiteTest : public testing::Test {
 protected:
  void Start(DaemonSiteOptions options = {}) {
    site_.emplace(
        std::move(options),
        DaemonHooks{.alive = [this] { return alive_; },
                    .ready = [this] { return ready_; },
                    .branch = [this] { return branch_; },
                    .poke = [this](const std::string& ref) { pokes_.push_back(ref); },
                    .complain = [this](const std::string& message) { complaints_.push_back(message); }},
        metrics_, api_);
    auto server = HttpServer::Start({.listen = ":0"}, *site_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  std::string Secret(const std::string& name, std::string_view text) {
    std::ofstream(folder_.path() + "/" + name) << text;
    return folder_.path() + "/" + name;
  }
  ClientAnswer Get(std::string_view target, std::string_view more = {}) {
    return Ask(server_->address(), "GET", target, more);
  }
  ClientAnswer Push(std::string_view ref, std::string_view token = "hush") {
    return Ask(server_->address(), "POST", "/webhook/gitlab",
               "Content-Type: application/json\r\nX-Gitlab-Event: Push Hook\r\nX-Gitlab-Token: " +
                   std::string(token) + "\r\n",
               R"({"object_kind":"push","ref":")" + std::string(ref) + "\"}");
  }

  TempFolder folder_;
  HealthWords alive_{true, "ok"}, ready_{true, "ok"};
  std::string branch_ = "main";
  std::vector<std::string> pokes_, complaints_;
  Metrics metrics_{"1.2.3"};
  FakeApi api_;
  std::optional<DaemonSite> site_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(DaemonSiteTest, HealthIsWhatTheLoopSays) {
  Start();
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").body, "ok\n");
  alive_ = {false, "the loop has not turned since 2026-01-01T00:00:00Z"};
  ready_ = {false, "there is no plan yet"};
  EXPECT_EQ(Get("/healthz").status, 503);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/readyz").body, "there is no plan yet\n");
  EXPECT_EQ(Get("/readyz").Header("Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(DaemonSiteTest, MetricsAreText) {
  Start();
  const ClientAnswer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("lockkeeper_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(Get("/metrics").body,
              HasSubstr("lockkeeper_http_requests_total{route=\"metrics\",code=\"2xx\"} 1\n"));
}

struct RouteRow {
  const char* method;
  const char* target;
  int status;
  const char* allow;
};

TEST_F(DaemonSiteTest, KnowsItsRoutes) {
  Start({.webhook_secret_file = Secret("hook", "hush")});
  for (const RouteRow& row : {
           RouteRow{"GET", "/", 404, nullptr},
           RouteRow{"GET", "/metrics/", 404, nullptr},
           RouteRow{"GET", "/etc/passwd", 404, nullptr},
           RouteRow{"GET", "/../../etc/passwd", 404, nullptr},
           RouteRow{"GET", "/api/v1/nothing", 404, nullptr},
           RouteRow{"GET", "/api/v1/plan", 200, nullptr},
           RouteRow{"HEAD", "/api/v1/plan", 200, nullptr},
           RouteRow{"HEAD", "/healthz", 200, nullptr},
           RouteRow{"POST", "/api/v1/plan", 405, "GET, HEAD"},
           RouteRow{"DELETE", "/healthz", 405, "GET, HEAD"},
           RouteRow{"OPTIONS", "/metrics", 405, "GET, HEAD"},
           RouteRow{"GET", "/webhook/github", 405, "POST"},
           RouteRow{"POST", "/webhook/bitbucket", 404, nullptr},
           RouteRow{"POST", "/webhook/", 404, nullptr},
           RouteRow{"POST", "/webhook/github", 411, nullptr},
       }) {
    const ClientAnswer answer = Ask(server_->address(), row.method, row.target);
    EXPECT_EQ(answer.status, row.status) << row.method << " " << row.target;
    if (row.allow != nullptr) {
      EXPECT_EQ(answer.Header("Allow"), row.allow) << row.target;
    }
    if (row.status >= 400 && std::string_view(row.method) != "HEAD") {
      EXPECT_THAT(answer.body, testing::StartsWith("{\"error\":\"")) << row.target;
    }
  }
}

TEST_F(DaemonSiteTest, WithoutATokenTheApiIsOpen) {
  Start();
  EXPECT_EQ(Get("/api/v1/plan?a=1&b=2").body, "a=1;b=2;");
}

TEST_F(DaemonSiteTest, TheApiAsksForItsToken) {
  const std::string file = Secret("token", "open sesame\n");
  Start({.api_token_file = file});
  const ClientAnswer without = Get("/api/v1/plan");
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.Header("WWW-Authenticate"), "Bearer realm=\"lockkeeper\"");
  for (const char* wrong :
       {"Bearer open", "Bearer open sesame!", "Bearer ", "Basic open sesame", "open sesame", ""})
    EXPECT_EQ(Get("/api/v1/plan", "Authorization: " + std::string(wrong) + "\r\n").status, 401) << wrong;
  // Who may not ask is not told what there is.
  EXPECT_EQ(Get("/api/v1/nothing").status, 401);
  EXPECT_EQ(Get("/api/v1/plan", "Authorization: Bearer open sesame\r\n").status, 200);
  EXPECT_EQ(Get("/api/v1/plan", "authorization: bEARER open sesame\r\n").status, 200);
  EXPECT_EQ(Get("/metrics").status, 200);
  EXPECT_EQ(Get("/healthz").status, 200);

  Secret("token", "another");
  EXPECT_EQ(Get("/api/v1/plan", "Authorization: Bearer open sesame\r\n").status, 401);
  EXPECT_EQ(Get("/api/v1/plan", "Authorization: Bearer another\r\n").status, 200);
}

TEST_F(DaemonSiteTest, WithoutAReadableTokenTheApiIsClosed) {
  const std::string file = Secret("token", "");
  Start({.api_token_file = file});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("/api/v1/plan", "Authorization: Bearer \r\n").status, 503);
  EXPECT_THAT(complaints_,
              ElementsAre("the API is closed: " + file + ": is empty; write the token or key into it"));
  EXPECT_EQ(Get("/healthz").status, 200);
  Secret("token", "again");
  EXPECT_EQ(Get("/api/v1/plan", "Authorization: Bearer again\r\n").status, 200);
  Secret("token", "");
  EXPECT_EQ(Get("/api/v1/plan").status, 503);
  EXPECT_EQ(complaints_.size(), 2u);
}

TEST_F(DaemonSiteTest, MetricsAskForTheTokenWhereTheyShould) {
  Start({.api_token_file = Secret("token", "t"), .metrics = MetricsAccess::kWithToken});
  EXPECT_EQ(Get("/metrics").status, 401);
  EXPECT_EQ(Get("/metrics", "Authorization: Bearer t\r\n").status, 200);
}

TEST_F(DaemonSiteTest, APushIsAHint) {
  Start({.webhook_secret_file = Secret("hook", "hush\n")});
  const ClientAnswer answer = Push("refs/heads/main");
  EXPECT_EQ(answer.status, 202);
  EXPECT_THAT(answer.body, HasSubstr("\"result\":\"push\""));
  EXPECT_THAT(pokes_, ElementsAre("refs/heads/main"));
  for (const char* other :
       {"refs/heads/main2", "refs/heads/feature/main", "refs/tags/main", "refs/heads/Main"}) {
    const ClientAnswer ignored = Push(other);
    EXPECT_EQ(ignored.status, 202) << other;
    EXPECT_THAT(ignored.body, HasSubstr("\"result\":\"ignored\"")) << other;
  }
  EXPECT_EQ(pokes_.size(), 1u);
  EXPECT_EQ(Push("refs/heads/main", "wrong").status, 403);
  EXPECT_EQ(Push("refs/heads/main", "").status, 401);
  EXPECT_EQ(pokes_.size(), 1u);
  const std::string metrics = Get("/metrics").body;
  EXPECT_THAT(metrics,
              HasSubstr("lockkeeper_webhook_deliveries_total{forge=\"gitlab\",result=\"push\"} 1\n"));
  EXPECT_THAT(metrics,
              HasSubstr("lockkeeper_webhook_deliveries_total{forge=\"gitlab\",result=\"ignored\"} 4\n"));
  EXPECT_THAT(metrics,
              HasSubstr("lockkeeper_webhook_deliveries_total{forge=\"gitlab\",result=\"denied\"} 1\n"));
  EXPECT_THAT(metrics,
              HasSubstr("lockkeeper_webhook_deliveries_total{forge=\"gitlab\",result=\"unsigned\"} 1\n"));
}

TEST_F(DaemonSiteTest, BeforeTheBranchIsKnownEveryPushIsAHint) {
  branch_ = "";
  Start({.webhook_secret_file = Secret("hook", "hush")});
  EXPECT_EQ(Push("refs/heads/anything").status, 202);
  EXPECT_THAT(pokes_, ElementsAre("refs/heads/anything"));
}

TEST_F(DaemonSiteTest, WithoutASecretThereAreNoWebhooks) {
  Start();
  EXPECT_EQ(Push("refs/heads/main").status, 404);
  EXPECT_THAT(pokes_, IsEmpty());
}

TEST_F(DaemonSiteTest, WithoutAReadableSecretNoWebhookIsTaken) {
  const std::string file = Secret("hook", "");
  Start({.webhook_secret_file = file});
  EXPECT_EQ(Push("refs/heads/main").status, 503);
  EXPECT_EQ(Push("refs/heads/main").status, 503);
  EXPECT_THAT(complaints_, ElementsAre(HasSubstr(file)));
  EXPECT_THAT(pokes_, IsEmpty());
}

TEST_F(DaemonSiteTest, WebhooksAreTakenUpToTheirLimit) {
  Start({.webhook_secret_file = Secret("hook", "hush")});
  auto push = [&](size_t size) {
    std::string body = R"({"object_kind":"push","ref":"refs/heads/main","x":")";
    body += std::string(size - body.size() - 2, 'x') + "\"}";
    return Ask(server_->address(), "POST", "/webhook/gitlab",
               "Content-Type: application/json\r\nX-Gitlab-Event: Push Hook\r\nX-Gitlab-Token: hush\r\n",
               body);
  };
  EXPECT_EQ(push(kWebhookBytesMax).status, 202);
  EXPECT_EQ(push(kWebhookBytesMax + 1).status, 413);
  EXPECT_EQ(pokes_.size(), 1u);
  EXPECT_EQ(Ask(server_->address(), "POST", "/webhook/gitlab", "Content-Encoding: gzip\r\n", "xx").status,
            415);
}

}  // namespace
}  // namespace lockkeeper
