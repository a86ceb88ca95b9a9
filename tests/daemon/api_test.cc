#include "reconciler/daemon/api.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kNow = "2026-03-25T10:00:00Z";

CliResult<std::unique_ptr<Repository>> OpenLocal(const std::string& path) {
  auto repository = OpenLocalRepository({.location = path, .branch = "main"});
  if (!repository) return Stop(ExitCode::kUnreachable, repository.error().message);
  return std::move(*repository);
}

class CommandApiTest : public testing::Test {
 protected:
  CommandApiTest() { repository_.Commit(FleetExample()); }

  WarmFleet::OpenFleetRepository Opener() {
    return [this] {
      ++opened_;
      return OpenLocal(repository_.path());
    };
  }
  static Instant Clock() { return *ParseInstant(kNow); }

  /// `target` as in a request's first line.
  WebAnswer Get(const std::string& target) { return Get(api_, target); }
  static WebAnswer Get(CommandApi& api, const std::string& target) {
    auto request = ParseHead("GET " + target + " HTTP/1.0");
    EXPECT_TRUE(request) << target;
    EXPECT_NE(api.RouteOf(request->path), "") << target;
    return api.Answer(*request);
  }
  ProgramResult Run(std::vector<std::string> arguments) const {
    for (const char* word : {"--repo", repository_.path().c_str(), "--now", kNow.data(), "-o", "json"})
      arguments.emplace_back(word);
    return RunLockkeeper(arguments);
  }

  TempRepository repository_;
  int opened_ = 0;
  CommandApi api_{Opener(), "the repository", Clock};
};

std::string ErrorOf(const WebAnswer& answer) { return json::parse(answer.body)["error"]; }

struct SameRow {
  const char* target;
  std::vector<std::string> command;
};

TEST_F(CommandApiTest, AnswersAsTheCommandsDo) {
  Run({"once"});
  for (const SameRow& row : {
           SameRow{"/api/v1/clusters", {"clusters"}},
           SameRow{"/api/v1/clusters?cluster=rose&cluster=tulip", {"clusters", "rose", "tulip"}},
           SameRow{"/api/v1/clusters?selector=stage%3Ddev", {"clusters", "-l", "stage=dev"}},
           SameRow{"/api/v1/clusters?selector=stage%3Ddev&selector=cluster!%3Drose",
                   {"clusters", "-l", "stage=dev", "-l", "cluster!=rose"}},
           SameRow{"/api/v1/plan", {"plan"}},
           SameRow{"/api/v1/plan?now=2027-01-01", {"plan", "--now", "2027-01-01"}},
           SameRow{"/api/v1/plan?now=+3d", {"plan", "--now", "2026-03-28T10:00:00Z"}},
           SameRow{"/api/v1/explain?cluster=rose", {"explain", "rose"}},
           SameRow{"/api/v1/windows", {"windows"}},
           SameRow{"/api/v1/windows?cluster=tulip&from=2026-04-01&to=2026-04-10",
                   {"windows", "--cluster", "tulip", "--from", "2026-04-01", "--to", "2026-04-10"}},
           SameRow{"/api/v1/windows?from=-12h&to=%2B3d", {"windows", "--from=-12h", "--to", "+3d"}},
           SameRow{"/api/v1/windows?at=now", {"windows", "--at", "now"}},
           SameRow{"/api/v1/status", {"status"}},
           SameRow{"/api/v1/history?cluster=rose", {"history", "rose"}},
           SameRow{"/api/v1/history?cluster=rose&since=-7d&outcome=success",
                   {"history", "rose", "--since=-7d", "--outcome", "success"}},
           SameRow{"/api/v1/simulate", {"simulate"}},
           SameRow{"/api/v1/"
                   "simulate?from=2026-03-26&to=2026-05-01&outcome=failure:rose&duration=45m&cluster=rose",
                   {"simulate", "--from", "2026-03-26", "--to", "2026-05-01", "--outcome", "failure:rose",
                    "--duration", "45m", "--cluster", "rose"}},
       }) {
    // A --now of the row's own comes later, and wins.
    std::vector<std::string> command = row.command;
    for (const char* word : {"--repo", repository_.path().c_str(), "-o", "json"}) command.emplace_back(word);
    if (std::ranges::find(command, "--now") == command.end())
      command.insert(command.end(), {"--now", std::string(kNow)});
    const ProgramResult printed = RunLockkeeper(command);
    ASSERT_EQ(printed.exit_code, 0) << row.target << ": " << printed.errors;
    const WebAnswer answer = Get(row.target);
    EXPECT_EQ(answer.status, 200) << row.target << ": " << answer.body;
    EXPECT_EQ(answer.body, printed.output) << row.target;
    EXPECT_EQ(answer.content_type, "application/json");
  }
  EXPECT_EQ(opened_, 1);
}

struct WrongRow {
  const char* target;
  int status;
  const char* words;
};

TEST_F(CommandApiTest, SaysWhatIsWrong) {
  for (const WrongRow& row : {
           WrongRow{"/api/v1/explain", 400, "cluster: is missing"},
           WrongRow{"/api/v1/explain?cluster=", 400, "cluster: is empty"},
           WrongRow{"/api/v1/explain?cluster=rose&cluster=tulip", 400, "cluster: is there more than once"},
           WrongRow{"/api/v1/explain?cluster=rosa", 404, "cluster: "},
           WrongRow{"/api/v1/explain?cluster=rosa", 404, "'rose'"},
           WrongRow{"/api/v1/explain?cluster=rose&upgrade=none", 404, "upgrade: there is no upgrade 'none'"},
           WrongRow{"/api/v1/clusters?cluster=rosa", 404, "cluster: "},
           WrongRow{"/api/v1/clusters?selector=stage", 400, "selector: 'stage'"},
           WrongRow{"/api/v1/windows?from=yesterday", 400, "from: 'yesterday' is no instant"},
           WrongRow{"/api/v1/windows?from=2026-05-01&to=2026-04-01", 400,
                    "to: 2026-04-01T00:00:00Z is not after"},
           WrongRow{"/api/v1/windows?at=now&from=now", 400, "from and at cannot be used together"},
           WrongRow{"/api/v1/windows?schedule=none", 404, "schedule: there is no MaintenanceSchedule 'none'"},
           WrongRow{"/api/v1/plan?now=tomorrow", 400, "now: 'tomorrow' is no instant"},
           WrongRow{"/api/v1/plan?now=now&now=now", 400, "now: is there more than once"},
           WrongRow{"/api/v1/status?upgrade=none", 404, "upgrade: nothing is recorded of an upgrade 'none'"},
           WrongRow{"/api/v1/history?cluster=nobody", 404, "cluster: neither the inventory nor the history"},
           WrongRow{"/api/v1/history?cluster=rose&outcome=great", 400, "outcome: 'great' is none of"},
           WrongRow{"/api/v1/simulate?outcome=maybe", 400, "outcome: 'maybe' is none of"},
           WrongRow{"/api/v1/simulate?duration=long", 400, "duration: "},
           WrongRow{"/api/v1/simulate?to=2030-01-01", 400, "to: more than 400 days"},
           WrongRow{"/api/v1/simulate?from=0001-01-01&to=9999-01-01", 400, "to: more than 400 days"},
           WrongRow{"/api/v1/simulate?to=2020-01-01", 400, "to: 2020-01-01T00:00:00Z is not after"},
       }) {
    const WebAnswer answer = Get(row.target);
    EXPECT_EQ(answer.status, row.status) << row.target << ": " << answer.body;
    EXPECT_THAT(ErrorOf(answer), HasSubstr(row.words)) << row.target;
    EXPECT_THAT(ErrorOf(answer), Not(HasSubstr("--"))) << row.target;
  }
}

TEST_F(CommandApiTest, NothingElseCanBeSaid) {
  for (const char* name :
       {"repo", "branch", "config", "output", "o", "log-level", "cache", "color", "file", "observed", "diff",
        "timeline", "help", "h", "--upgrade", "--repo", "Cluster", "CLUSTER"}) {
    for (const char* path : {"plan", "explain", "windows", "clusters", "simulate"}) {
      const WebAnswer answer = Get("/api/v1/" + std::string(path) + "?" + name + "=x");
      EXPECT_EQ(answer.status, 400) << path << " " << name;
      EXPECT_THAT(ErrorOf(answer), HasSubstr("has no such parameter; it has")) << name;
    }
  }
  EXPECT_THAT(ErrorOf(Get("/api/v1/explain?x=y")), HasSubstr("it has cluster, upgrade, now"));
}

TEST_F(CommandApiTest, AValueIsNeverAnOption) {
  for (const char* value :
       {"--repo=/etc", "-o", "--help", "-h", "--", "-", "rose%20--upgrade=x", "rose%20tulip", "%25%25"}) {
    const WebAnswer answer = Get("/api/v1/explain?cluster=" + std::string(value));
    EXPECT_EQ(answer.status, 404) << value << answer.body;
    EXPECT_THAT(ErrorOf(answer), StartsWith("cluster: ")) << value;
  }
  EXPECT_EQ(Get("/api/v1/explain?cluster=rose&upgrade=--help").status, 404);
  EXPECT_EQ(Get("/api/v1/clusters?cluster=--selector&cluster=x").status, 404);
}

TEST_F(CommandApiTest, TheEnvironmentDoesNotCount) {
  // Each test is a process of its own.
  ::setenv("LOCKKEEPER_EXPLAIN_UPGRADE", "none", 1);  // NOLINT(concurrency-mt-unsafe)
  ::setenv("LOCKKEEPER_REPO", "/nowhere", 1);         // NOLINT(concurrency-mt-unsafe)
  ::setenv("LOCKKEEPER_OUTPUT", "yaml", 1);           // NOLINT(concurrency-mt-unsafe)
  const WebAnswer answer = Get("/api/v1/explain?cluster=rose");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(json::accept(answer.body));
}

TEST_F(CommandApiTest, FollowsTheBranch) {
  const std::string before = json::parse(Get("/api/v1/plan").body)["commit"];
  const std::string after = repository_.Commit({{.path = "note.txt", .content = "x"}});
  EXPECT_NE(before, after);
  EXPECT_EQ(json::parse(Get("/api/v1/plan").body)["commit"], after);
  EXPECT_EQ(opened_, 1);
}

TEST_F(CommandApiTest, WithoutAFleetThereIsAConflict) {
  repository_.Commit({{.path = "lockkeeper.yaml", .remove = true}});
  const WebAnswer answer = Get("/api/v1/explain?cluster=rose");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(ErrorOf(answer), StartsWith("the repository, branch main: there is no Fleet"));
}

TEST_F(CommandApiTest, WhatCannotBeReadIsAskedForLater) {
  bool is_there = false;
  CommandApi api{[&]() -> CliResult<std::unique_ptr<Repository>> {
                   if (!is_there) return Stop(ExitCode::kUnreachable, "the clone is not there yet");
                   return OpenLocal(repository_.path());
                 },
                 "the repository", Clock};
  const WebAnswer answer = Get(api, "/api/v1/plan");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(ErrorOf(answer), "the clone is not there yet");
  EXPECT_THAT(answer.headers, testing::Contains(testing::Pair("Retry-After", "5")));
  is_there = true;
  EXPECT_EQ(Get(api, "/api/v1/plan").status, 200);
  repository_.Git({"update-ref", "-d", "refs/heads/main"});
  EXPECT_EQ(Get(api, "/api/v1/plan").status, 503);
  repository_.Commit(FleetExample());
  EXPECT_EQ(Get(api, "/api/v1/plan").status, 200);
}

TEST_F(CommandApiTest, AnAnswerInPartIsNone) {
  repository_.Commit({{.path = "upgrades/broken.yaml",
                       .content = "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\n"
                                  "metadata: {name: broken}\nspec: {timeZone: Nowhere/Nix}\n"}});
  const WebAnswer answer = Get("/api/v1/windows");
  EXPECT_EQ(answer.status, 409) << answer.body;
  EXPECT_THAT(json::parse(answer.body)["notes"][0], HasSubstr("Nowhere/Nix"));
}

TEST_F(CommandApiTest, AnAnswerHasALimit) {
  CommandApi api{Opener(), "the repository", Clock, {.answer_bytes_max = 100}};
  const WebAnswer answer = Get(api, "/api/v1/plan");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(ErrorOf(answer), HasSubstr("longer than 100 bytes"));
}

TEST_F(CommandApiTest, ASimulationHasALimit) {
  CommandApi api{Opener(), "the repository", Clock, {.simulation_time_max = 0ms}};
  const WebAnswer answer = Get(api, "/api/v1/simulate");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(ErrorOf(answer), HasSubstr("takes too long"));
  EXPECT_EQ(Get(api, "/api/v1/plan").status, 200);
}

TEST_F(CommandApiTest, WhoWaitsTooLongIsToldToComeAgain) {
  std::promise<void> entered, release;
  CommandApi api{[&] {
                   entered.set_value();
                   release.get_future().wait();
                   return OpenLocal(repository_.path());
                 },
                 "the repository",
                 Clock,
                 {.turn_time_max = 50ms}};
  auto first = std::async(std::launch::async, [&] { return Get(api, "/api/v1/plan"); });
  entered.get_future().wait();
  const WebAnswer second = Get(api, "/api/v1/plan");
  EXPECT_EQ(second.status, 503);
  release.set_value();
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(Get(api, "/api/v1/plan").status, 200);
}

}  // namespace
}  // namespace lockkeeper
