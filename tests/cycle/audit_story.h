#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reconciler/cycle/audit.h"
#include "reconciler/cycle/rebuild_status.h"
#include "reconciler/cycle/reconcile.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {

/// A fleet that is open from 06:00 to 10:00 every day, people who commit to it, and forgers.
class AuditStory {
 public:
  AuditStory() {
    temp_.Commit({{"lockkeeper.yaml", kFleet},
                  {"upgrades/schedule.yaml", kSchedule},
                  {"upgrades/up.yaml", UpgradeText("v1.32.0")},
                  {"clusters/c1.yaml", ClusterText("c1", "v1.31.0")},
                  {"clusters/c2.yaml", ClusterText("c2", "v1.31.2")},
                  {"notes.txt", "hello\n"}});
    repository_ = *OpenLocalRepository({.location = temp_.path(), .branch = "main"});
    reader_.emplace(*repository_);
  }

  TempRepository& temp() { return temp_; }
  Repository& repository() { return *repository_; }
  std::string Head() const { return temp_.Head(); }

  void Pass(std::string_view at) {
    auto result = Reconcile(*repository_, *reader_, {.now = *ParseInstant(at), .back_off = {}});
    ASSERT_TRUE(result) << result.error().message;
  }
  void Rebuild(std::string_view at) {
    auto result = RebuildStatus(*repository_, *reader_, {.now = *ParseInstant(at), .back_off = {}});
    ASSERT_TRUE(result) << result.error().message;
  }

  AuditResult Audited(const std::string& since = "") {
    auto result = Audit(*repository_, {.head = Head(), .since = since});
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }

  /// `code upgrade cluster` of each violation.
  std::vector<std::string> Found(const std::string& since = "") {
    std::vector<std::string> found;
    for (const Violation& v : Audited(since).violations)
      found.push_back(fmt::format("{} {} {}", Name(v.code), v.upgrade, v.cluster));
    return found;
  }

  /// Replaces the newest commit of a branch by what comes of its raw text, with the same tree unless `tree`
  /// is given.
  void Rewrite(const std::function<void(std::string&)>& change, const std::string& branch = "main") {
    std::string raw = temp_.Git({"cat-file", "commit", branch});
    change(raw);
    std::string id = temp_.Git({"hash-object", "-t", "commit", "-w", "--stdin"}, raw);
    temp_.Git({"update-ref", "refs/heads/" + branch, id.substr(0, 40)});
  }
  /// The newest commit with these files besides its own.
  void Smuggle(const std::vector<TestFile>& files) {
    const std::string before = Head();
    temp_.Commit(files, "Smuggled");
    const std::string tree = temp_.Git({"rev-parse", "main^{tree}"}).substr(0, 40);
    temp_.Git({"update-ref", "refs/heads/main", before});
    Rewrite([&](std::string& raw) { raw.replace(raw.find("tree ") + 5, 40, tree); });
  }

  static void Replace(std::string& text, std::string_view from, std::string_view to) {
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " is not in " << text;
    text.replace(at, from.size(), to);
  }

  static std::string UpgradeText(const std::string& target, const std::string& more = "") {
    return fmt::format(
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: up}}\nspec:\n"
        "  matchers: [{{key: cluster, value: c.*, isRegex: true}}]\n"
        "  releaseRef: {{apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: {}}}\n{}",
        target, more);
  }
  static std::string ClusterText(const std::string& name, const std::string& version) {
    return fmt::format(
        "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {{name: {}}}\n"
        "spec: {{topology: {{class: c, version: {}}}}}\n",
        name, version);
  }

  static constexpr const char* kFleet = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  inventory:
  - profile: capi-topology
    include: ["clusters/**"]
  commit: {authorName: Fleet Bot, authorEmail: bot@example.com}
)";
  static constexpr const char* kSchedule = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: mornings}
spec:
  matchers: []
  maintenanceWindows:
  - {name: morning, startTime: 2026-01-05T06:00:00Z, duration: 4h, recurrence: FREQ=DAILY}
)";

 private:
  TempRepository temp_;
  std::unique_ptr<Repository> repository_;
  std::optional<FleetReader> reader_;
};

}  // namespace lockkeeper
