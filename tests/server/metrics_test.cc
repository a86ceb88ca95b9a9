#include "server/metrics.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "tests/server/exposition.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

Instant At(const char* text) { return *ParseInstant(text); }

/// Something of everything.
void Fill(Metrics& metrics) {
  metrics.CountPass(
      {.duration = 20ms, .bumps = 3, .commits = 2, .retries = 1, .at = At("2026-03-25T10:00:00Z")});
  metrics.CountPass({.error = ErrorKind::kTransient, .duration = 400s, .at = At("2026-03-25T10:01:00Z")});
  metrics.SetFetched(At("2026-03-25T10:00:01Z"));
  metrics.CountRemoteError(Metrics::RemoteCall::kFetch, ErrorKind::kTransient);
  metrics.CountWebhook("gitlab", "push");
  metrics.CountRequest("healthz", 200);
  metrics.CountRequest("healthz", 503);
  metrics.SetFleet({.decisions = {{"bump", 1}},
                    .held = {{{"window", "wait"}, 4}},
                    .clusters = {{"idle", 7}},
                    .upgrades = {{"running", 1}},
                    .upgrade_clusters = {{{"default/we \"quote\\ \n it", "running"}, 1}},
                    .outcomes = {{"success", 9}},
                    .locks = {{"active", 1}},
                    .schedules = {{"open", 2}},
                    .tasks = {{"overdue", 1}},
                    .findings = {{"error", 0}},
                    .next_wake = At("2026-03-25T22:00:00Z")});
}

TEST(Metrics, AreInPrometheusFormatAndByItsRules) {
  Metrics metrics("0.1.0");
  EXPECT_THAT(ReadExposition(metrics.Text()).problems, IsEmpty());
  Fill(metrics);
  const ExpositionText read = ReadExposition(metrics.Text());
  EXPECT_THAT(read.problems, IsEmpty());
  auto value = [&](const std::string& family, const std::string& series) {
    const auto& samples = read.families.at(family).samples;
    return samples.contains(series) ? samples.at(series) : -1;
  };
  EXPECT_EQ(value("lockkeeper_build_info", "lockkeeper_build_info{version=\"0.1.0\"}"), 1);
  EXPECT_EQ(value("lockkeeper_passes_total", "lockkeeper_passes_total{result=\"success\"}"), 1);
  EXPECT_EQ(value("lockkeeper_passes_total", "lockkeeper_passes_total{result=\"transient\"}"), 1);
  EXPECT_EQ(value("lockkeeper_passes_total", "lockkeeper_passes_total{result=\"denied\"}"), 0);
  EXPECT_EQ(value("lockkeeper_bumps_total", "lockkeeper_bumps_total"), 3);
  EXPECT_EQ(value("lockkeeper_commits_total", "lockkeeper_commits_total"), 2);
  EXPECT_EQ(value("lockkeeper_retries_total", "lockkeeper_retries_total"), 1);
  EXPECT_EQ(value("lockkeeper_pass_duration_seconds", "lockkeeper_pass_duration_seconds_bucket{le=\"0.01\"}"),
            0);
  EXPECT_EQ(
      value("lockkeeper_pass_duration_seconds", "lockkeeper_pass_duration_seconds_bucket{le=\"0.025\"}"), 1);
  EXPECT_EQ(value("lockkeeper_pass_duration_seconds", "lockkeeper_pass_duration_seconds_bucket{le=\"300\"}"),
            1);
  EXPECT_EQ(value("lockkeeper_pass_duration_seconds", "lockkeeper_pass_duration_seconds_count"), 2);
  EXPECT_NEAR(value("lockkeeper_pass_duration_seconds", "lockkeeper_pass_duration_seconds_sum"), 400.02,
              1e-9);
  // The pass that failed is none that ended well.
  EXPECT_EQ(value("lockkeeper_last_pass_timestamp_seconds", "lockkeeper_last_pass_timestamp_seconds"),
            1774432800);
  EXPECT_EQ(value("lockkeeper_last_fetch_timestamp_seconds", "lockkeeper_last_fetch_timestamp_seconds"),
            1774432801);
  EXPECT_EQ(value("lockkeeper_next_wake_timestamp_seconds", "lockkeeper_next_wake_timestamp_seconds"),
            1774476000);
  EXPECT_EQ(value("lockkeeper_remote_errors_total",
                  "lockkeeper_remote_errors_total{operation=\"fetch\",kind=\"transient\"}"),
            1);
  EXPECT_EQ(value("lockkeeper_held_decisions", "lockkeeper_held_decisions{gate=\"window\",verdict=\"wait\"}"),
            4);
  EXPECT_EQ(value("lockkeeper_http_requests_total",
                  "lockkeeper_http_requests_total{route=\"healthz\",code=\"5xx\"}"),
            1);
  EXPECT_EQ(
      value("lockkeeper_upgrade_clusters",
            "lockkeeper_upgrade_clusters{upgrade=\"default/we \\\"quote\\\\ \\n it\",state=\"running\"}"),
      1);
}

TEST(Metrics, ABucketHoldsItsBound) {
  Metrics metrics("1");
  metrics.CountPass({.duration = 1s, .at = At("2026-03-25T10:00:00Z")});
  EXPECT_THAT(metrics.Text(), testing::HasSubstr("seconds_bucket{le=\"0.5\"} 0\n"));
  EXPECT_THAT(metrics.Text(), testing::HasSubstr("seconds_bucket{le=\"1\"} 1\n"));
}

TEST(Metrics, WhatHasNotHappenedHasNoTime) {
  const std::string text = Metrics("1").Text();
  EXPECT_THAT(text, Not(testing::HasSubstr("timestamp")));
  EXPECT_THAT(text, Not(testing::HasSubstr("lockkeeper_decisions")));
}

TEST(Metrics, ArePraisedByPromtool) {
  if (std::system("command -v promtool > /dev/null") != 0)
    GTEST_SKIP() << "promtool (package prometheus) is not installed";
  Metrics metrics("1");
  Fill(metrics);
  const TempFolder folder;
  const std::string file = folder.path() + "/metrics";
  std::ofstream(file) << metrics.Text();
  EXPECT_EQ(std::system(("promtool check metrics < " + file).c_str()), 0);
}

struct ExpositionRow {
  const char* text;
  const char* problem;
};

TEST(ReadExposition, FindsWhatIsWrong) {
  for (const ExpositionRow& row : {
           ExpositionRow{"# HELP lockkeeper_a A.\n# TYPE lockkeeper_a gauge\nlockkeeper_a 1", "no end"},
           ExpositionRow{"# HELP lockkeeper_a A.\n# TYPE lockkeeper_a gauge\n", "has no samples"},
           ExpositionRow{"# HELP lockkeeper_a A.\n# TYPE lockkeeper_a gauge\nlockkeeper_b 1\n",
                         "not of the family"},
           ExpositionRow{
               "# HELP lockkeeper_a A.\n# TYPE lockkeeper_a gauge\nlockkeeper_a 1\nlockkeeper_a 2\n",
               "twice"},
           ExpositionRow{"# HELP lockkeeper_a A.\n# TYPE lockkeeper_a counter\nlockkeeper_a 1\n", "_total"},
           ExpositionRow{
               "# HELP lockkeeper_a_total A.\n# TYPE lockkeeper_a_total gauge\nlockkeeper_a_total 1\n",
               "_total"},
           ExpositionRow{"# HELP lockkeeper_a_ms A.\n# TYPE lockkeeper_a_ms gauge\nlockkeeper_a_ms 1\n",
                         "holds ms"},
           ExpositionRow{"# HELP other A.\n# TYPE other gauge\nother 1\n", "prefix"},
           ExpositionRow{"# HELP lockkeeper_a a\n# TYPE lockkeeper_a gauge\nlockkeeper_a 1\n", "no sentence"},
           ExpositionRow{"# HELP lockkeeper_a A.\n# TYPE lockkeeper_a gauge\nlockkeeper_a{x=\"\"\"} 1\n",
                         "no line"},
           ExpositionRow{
               "# HELP lockkeeper_a A.\n# TYPE lockkeeper_a histogram\nlockkeeper_a_sum 1\n"
               "lockkeeper_a_count 2\nlockkeeper_a_bucket{le=\"1\"} 2\nlockkeeper_a_bucket{le=\"+Inf\"} 1\n",
               "not cumulative"},
           ExpositionRow{"# TYPE lockkeeper_a gauge\nlockkeeper_a 1\n", "without its help"},
       }) {
    EXPECT_THAT(ReadExposition(row.text).problems, testing::Contains(testing::HasSubstr(row.problem)))
        << row.text;
  }
}

}  // namespace
}  // namespace lockkeeper
