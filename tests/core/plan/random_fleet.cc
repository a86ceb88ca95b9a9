#include "tests/core/plan/random_fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

constexpr std::array kVersions{"1.30.1", "1.30.4", "1.31.0", "1.31.3", "1.32.0", "1.32.2", "1.33.0", "2.0.0"};
constexpr std::array kStages{"dev", "staging", "prod"};

CivilTime Civil(int month, int day, int hour) {
  using namespace std::chrono;
  return local_days{year{2026} / month / day} + hours{hour};
}

WindowItem Window(std::string name, CivilTime start, Seconds length, std::string recurrence) {
  WindowItem item;
  item.name = std::move(name);
  item.start.value = start;
  item.duration = Field<Seconds>{length, {}};
  item.recurrence.value = std::move(recurrence);
  return item;
}

Matcher LabelIs(std::string key, std::string value, bool is_regex = false) {
  return {.key = std::move(key), .value = std::move(value), .is_regex = is_regex};
}

}  // namespace

Instant World::Start() { return *ParseInstant("2026-03-02T07:00:00Z"); }

World::World(unsigned seed, size_t clusters) : random_(seed), policy_random_(seed * 31) {
  fleet_.commit = "0000000000000000000000000000000000000000";
  fleet_.settings.emplace();
  fleet_.settings->releases = {"releases/"};
  fleet_.settings->unscheduled = static_cast<Unscheduled>(Pick(3));
  fleet_.settings->limits.max_concurrency = Pick(2) == 0 ? 0 : 1 + Pick(3);
  fleet_.settings->limits.bumps_per_hour = Pick(3) == 0 ? 2 + Pick(3) : 0;
  AddSchedules();
  AddReleases();
  AddClusters(clusters);
  AddPlans();
  for (size_t i = 0; i < 1 + static_cast<size_t>(Pick(4)); ++i) AddUpgrade(i);
  for (int i = Pick(3); i > 0; --i) AddLock();
  for (int i = PickForPolicies(3); i > 0; --i) AddPolicy();
}

void World::AddPolicy() {
  using std::chrono::hours;
  UpgradePolicy policy{.name = {.name = fmt::format("p{}-{}", changes_, fleet_.policies.size())}};
  policy.match.written = true;
  policy.match.matchers.push_back(PickForPolicies(2) == 0
                                      ? LabelIs("stage", kStages[static_cast<size_t>(PickForPolicies(3))])
                                      : LabelIs("cluster", "c.*", true));
  if (PickForPolicies(3) == 0) policy.range.value = "<2.0.0";
  if (PickForPolicies(3) == 0) policy.blocked = {{"1\\.32\\..*", {}}};
  policy.minimum_release_age = hours{PickForPolicies(3) * 30};
  policy.auto_approve = static_cast<AutoApprove>(PickForPolicies(5));
  policy.on_end_of_life = static_cast<OnEndOfLife>(PickForPolicies(3));
  policy.spec_template = PickForPolicies(2) == 0 ? "{}"
                                                 : R"({"noticePeriod":"30h","priority":2,)"
                                                   R"("upgradePlanRef":{"name":"dev-then-prod"}})";
  fleet_.policies.push_back(std::move(policy));
  std::ranges::sort(fleet_.policies, {}, &UpgradePolicy::name);
}

void World::AddPlans() {
  using std::chrono::hours;
  UpgradePlan plan{.name = {.name = "dev-then-prod"}};
  for (const char* stage : kStages) {
    PlanStage added{.name = stage};
    added.match.written = true;
    if (Pick(6) != 0) added.match.matchers.push_back(LabelIs("stage", stage));
    if (!plan.stages.empty() && Pick(5) != 0) added.depends_on = {plan.stages.back().name};
    if (Pick(2) == 0) added.max_concurrency = Pick(2) == 0 ? Share{1 + Pick(2), false} : Share{40, true};
    added.max_failures = Pick(3) != 0 ? Share{Pick(2), false} : Share{30, true};
    if (Pick(2) == 0) added.soak_time = hours{1 + Pick(40)};
    if (Pick(5) == 0) added.approval.required = true;
    plan.stages.push_back(std::move(added));
  }
  if (Pick(3) == 0) plan.max_skip = MaxSkip{.major = 1, .minor = 1};
  if (Pick(3) == 0) plan.mutex_keys = {"stage"};
  if (Pick(2) == 0) plan.min_interval = {.major = hours{90}, .minor = hours{30}, .patch = hours{5}};
  nlohmann::json spec{{"stages", nlohmann::json::array()}};
  for (const PlanStage& stage : plan.stages) {
    auto share = [](const Share& s) {
      return s.percent ? nlohmann::json(fmt::format("{}%", s.value)) : nlohmann::json(s.value);
    };
    nlohmann::json one{{"name", stage.name},
                       {"matchers", nlohmann::json::array()},
                       {"dependsOn", stage.depends_on},
                       {"maxFailures", share(stage.max_failures)}};
    if (stage.max_concurrency) one["maxConcurrency"] = share(*stage.max_concurrency);
    if (stage.soak_time > Seconds{0}) one["soakTime"] = FormatDuration(stage.soak_time);
    if (stage.approval.required) one["approval"] = {{"required", true}};
    for (const Matcher& m : stage.match.matchers)
      one["matchers"].push_back({{"key", m.key}, {"value", m.value}});
    spec["stages"].push_back(std::move(one));
  }
  if (plan.max_skip) spec["maxSkip"] = {{"major", 1}, {"minor", 1}};
  if (!plan.mutex_keys.empty()) spec["mutexKeys"] = plan.mutex_keys;
  if (plan.min_interval.major) spec["minInterval"] = {{"major", "90h"}, {"minor", "30h"}, {"patch", "5h"}};
  plan.copy = spec.dump();
  plan.hash = "sha256:" + std::to_string(changes_);
  fleet_.plans = {std::move(plan)};
}

void World::AddLock() {
  using std::chrono::hours;
  ClusterLock lock{.name = {.name = fmt::format("lock-{}-{}", changes_, fleet_.locks.size())}};
  lock.match.written = true;
  if (Pick(3) != 0) lock.match.matchers.push_back(LabelIs("stage", kStages[static_cast<size_t>(Pick(3))]));
  lock.reason = "release week";
  const Instant start = Start() + hours{Pick(200)};
  if (Pick(2) == 0) lock.start = start;
  lock.expires_at = start + hours{1 + Pick(60)};
  if (Pick(3) == 0) lock.scope = static_cast<ChangeScopes>(ChangeScope::kMinor);
  fleet_.locks.push_back(std::move(lock));
}

void World::AddApproval() {
  using std::chrono::hours;
  if (fleet_.upgrades.empty()) return;
  const ClusterUpgrade& upgrade =
      fleet_.upgrades[static_cast<size_t>(Pick(static_cast<int>(fleet_.upgrades.size())))];
  UpgradeApproval approval{.name = {.name = fmt::format("approval-{}", changes_)}};
  approval.upgrade.value = upgrade.name;
  approval.to_release = upgrade.release.name.value;
  if (Pick(3) == 0) approval.stage = kStages[static_cast<size_t>(Pick(3))];
  approval.by = "alice";
  approval.at = Start() + hours{Pick(100)};
  if (Pick(2) == 0) approval.expires_at = approval.at + hours{1 + Pick(200)};
  fleet_.approvals.push_back(std::move(approval));
}

void World::Observe() {
  for (const auto& [name, record] : book_) {
    for (const ClusterRecord& line : record.clusters) {
      if (line.state != ClusterState::kRunning) continue;
      const int answer = Pick(5);
      if (answer == 0) continue;
      observations_[{name, line.name}].outcome = answer <= 2 ? Outcome::kFailure : Outcome::kSuccess;
    }
  }
}

void World::AddSchedules() {
  using std::chrono::hours;
  MaintenanceSchedule work{.name = {.name = "a-work"}};
  work.match.written = true;
  work.match.matchers.push_back(LabelIs("stage", "dev|staging", true));
  work.windows.push_back(Window("work", Civil(1, 5, 8), hours{8}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"));
  WindowItem freeze = Window("freeze", Civil(3, 4, 0), hours{30}, "");
  freeze.scope =
      static_cast<ChangeScopes>(ChangeScope::kMajor) | static_cast<ChangeScopes>(ChangeScope::kMinor);
  work.exclusions.push_back(freeze);
  work.runway = hours{1};
  work.time_zone.value = "Europe/Stockholm";

  MaintenanceSchedule night{.name = {.name = "b-night"}};
  night.is_default = Pick(2) == 0;
  night.windows.push_back(Window("night", Civil(1, 4, 2), hours{7}, "FREQ=DAILY"));
  if (Pick(2) == 0) night.spread = hours{2};
  if (Pick(2) == 0) night.time_zone.value = "America/New_York";
  fleet_.schedules = {std::move(work), std::move(night)};
}

void World::AddReleases() {
  for (const char* version : kVersions) {
    Release release{.name = fmt::format("v{}", version)};
    if (Pick(6) == 0) release.state = ReleaseState::kDeprecated;
    if (Pick(6) == 0) release.disruption = Disruption::kNone;
    using std::chrono::hours;
    if (PickForPolicies(4) != 0) release.date = Start() + hours{PickForPolicies(400) - 200};
    if (PickForPolicies(3) == 0) release.end_of_life = Start() + hours{PickForPolicies(2'000)};
    if (PickForPolicies(4) == 0) release.security = true;
    fleet_.releases.push_back(std::move(release));
  }
}

void World::SetRelease(Cluster& cluster, Ref& ref, const std::string& version) {
  ref.version = version;
  ref.value = "v" + version;
  cluster.release = version;
}

Cluster World::MakeCluster(size_t number) {
  Cluster cluster;
  cluster.name = fmt::format("c{:03}", number);
  cluster.ns = "default";
  cluster.file = fmt::format("clusters/{}.yaml", cluster.name);
  cluster.labels = {{"cluster", cluster.name}, {"stage", kStages[number % kStages.size()]}};
  if (Pick(2) == 0) cluster.max_skip.minor = 1;
  if (Pick(5) == 0) cluster.schedule_names = "b-night";
  Ref ref{.file = cluster.file, .path = "spec.version", .format = "v{version}"};
  SetRelease(cluster, ref, kVersions[static_cast<size_t>(Pick(5))]);
  if (Pick(12) == 0) {
    ref.problem_code = "templated";
    ref.problem = "the value is a template";
  }
  cluster.refs.push_back(std::move(ref));
  return cluster;
}

void World::AddClusters(size_t count) {
  for (size_t i = 0; i < count; ++i) clusters_.push_back(MakeCluster(i));
  // Some share a ref with their neighbour, and so its release.
  for (size_t i = 1; i < count; ++i) {
    if (Pick(8) != 0) continue;
    clusters_[i].refs = clusters_[i - 1].refs;
    clusters_[i].release = clusters_[i - 1].release;
  }
  fleet_.clusters = clusters_;
}

void World::AddUpgrade(size_t number) {
  using std::chrono::days;
  ClusterUpgrade upgrade{.name = {.name = fmt::format("u{}", number)}};
  upgrade.match.written = true;
  upgrade.match.matchers.push_back(Pick(3) == 0 ? LabelIs("stage", kStages[static_cast<size_t>(Pick(3))])
                                                : LabelIs("cluster", "c.*", true));
  upgrade.release.name.value = fmt::format("v{}", kVersions[2 + static_cast<size_t>(Pick(6))]);
  if (Pick(2) == 0) upgrade.start_time = Start() + days{Pick(4)} - days{1};
  if (Pick(4) == 0) upgrade.start_deadline = Start() + days{2 + Pick(6)};
  if (Pick(4) == 0) upgrade.runway = Seconds{1800};
  if (Pick(4) == 0) upgrade.finish_timeout = Seconds{7200};
  if (Pick(2) == 0) upgrade.checks_after.push_back({.type = "Nodes", .parameters = "{}"});
  if (Pick(8) == 0) upgrade.checks_before.push_back({.type = "Jobs", .parameters = "{}"});
  if (Pick(2) == 0) upgrade.plan = Field<ObjectName>{{.name = "dev-then-prod"}, {}};
  if (Pick(5) == 0) upgrade.approval.required = true;
  if (Pick(5) == 0) {
    upgrade.notice_period = std::chrono::hours{10 + Pick(50)};
    upgrade.reminders = {std::chrono::hours{24}, std::chrono::hours{3}};
  }
  if (Pick(5) == 0) upgrade.schedule = Field<ObjectName>{{.name = "a-work"}, {}};
  if (Pick(6) == 0) upgrade.allow_downgrade = true;
  if (Pick(6) == 0) upgrade.suspend = true;
  if (Pick(5) == 0) upgrade.override_ = Override{true, "urgent", "alice", Start() + days{Pick(3)}};
  upgrade.priority = Pick(3);
  upgrade.spec_hash = fmt::format("sha256:{}-{}", number, changes_);
  fleet_.upgrades.push_back(std::move(upgrade));
}

void World::Disturb() {
  ++changes_;
  fleet_.commit = fmt::format("{:040}", changes_);
  Observe();
  if (PickForPolicies(6) == 0) AddPolicy();
  switch (Pick(8)) {
    case 5:
      AddLock();
      break;
    case 6:
      AddApproval();
      break;
    case 7:
      AddPlans();
      break;
    case 0: {
      Cluster& cluster = clusters_[static_cast<size_t>(Pick(static_cast<int>(clusters_.size())))];
      const std::string version = kVersions[static_cast<size_t>(Pick(5))];
      const Ref moved = cluster.refs.front();
      for (Cluster& other : clusters_) {
        for (Ref& ref : other.refs) {
          if (ref.file == moved.file) SetRelease(other, ref, version);
        }
      }
      break;
    }
    case 1:
      if (!fleet_.upgrades.empty())
        fleet_.upgrades.erase(fleet_.upgrades.begin() + Pick(static_cast<int>(fleet_.upgrades.size())));
      break;
    case 2:
      if (!fleet_.upgrades.empty()) {
        ClusterUpgrade& upgrade =
            fleet_.upgrades[static_cast<size_t>(Pick(static_cast<int>(fleet_.upgrades.size())))];
        upgrade.release.name.value = fmt::format("v{}", kVersions[2 + static_cast<size_t>(Pick(6))]);
        upgrade.spec_hash += "*";
      }
      break;
    case 3:
      if (clusters_.size() > 2) clusters_.erase(clusters_.begin() + Pick(static_cast<int>(clusters_.size())));
      break;
    default:
      AddUpgrade(9 + static_cast<size_t>(changes_));
      break;
  }
  std::ranges::sort(fleet_.upgrades, {}, &ClusterUpgrade::name);
  fleet_.clusters = clusters_;
}

Plan World::MakePlanAt(Instant now, Detail detail) const {
  const std::map<ObjectName, std::string> broken_status;
  const EditRefusals refusals;
  FleetModel model = FleetModel::Build(fleet_);
  return MakePlan(model, {.book = book_,
                          .broken_status = broken_status,
                          .refusals = refusals,
                          .now = now,
                          .detail = detail,
                          .observations = &observations_});
}

void World::CarryOut(const Plan& plan) {
  Record record{.at = plan.at, .decided_on = plan.commit, .transitions = plan.transitions};
  for (const PlanFrozen& frozen : plan.frozen) record.transitions.emplace_back(frozen);
  std::vector<RefEdit> edits;
  for (const Decision& decision : plan.decisions) {
    // What was seen of the hop before says nothing of this one.
    if (!decision.edits.empty()) observations_.erase({decision.upgrade, decision.cluster});
    record.transitions.insert(record.transitions.end(), decision.transitions.begin(),
                              decision.transitions.end());
    edits.insert(edits.end(), decision.edits.begin(), decision.edits.end());
  }
  Apply(record, book_);
  for (const Document& document : plan.documents) {
    if (!document.proposal) continue;
    DecodedFile decoded = DecodeManifests(document.path, document.text);
    std::ranges::move(decoded.upgrades, std::back_inserter(fleet_.upgrades));
  }
  std::ranges::sort(fleet_.upgrades, {}, &ClusterUpgrade::name);
  for (const RefEdit& edit : edits) {
    for (Cluster& cluster : clusters_) {
      for (Ref& ref : cluster.refs) {
        if (ref.file == edit.file && ref.path == edit.path) SetRelease(cluster, ref, edit.value.substr(1));
      }
    }
  }
}

std::string Describe(const Plan& plan) {
  auto at = [](const std::optional<Instant>& instant) { return instant ? FormatInstant(*instant) : "-"; };
  std::string text = fmt::format("{} next {}\n", FormatInstant(plan.at), at(plan.next_wake));
  text += FormatTrailers({.at = plan.at, .decided_on = plan.commit, .transitions = plan.transitions});
  for (const Document& document : plan.documents) text += document.path + "\n" + document.text;
  for (const Decision& d : plan.decisions) {
    text += fmt::format("{} {} {} {} {} {} {} until {}\n", d.upgrade.str(), d.cluster, d.from, d.target,
                        d.hop, Name(d.action), d.reason, at(d.until));
    for (const auto& [gate, result] : d.gates) {
      text += fmt::format("  {} {} {} {} {}\n", Name(gate), Name(result.verdict), at(result.until),
                          at(result.changes_at), result.message);
    }
    text += FormatTrailers({.at = plan.at, .decided_on = plan.commit, .transitions = d.transitions});
    for (const RefEdit& edit : d.edits) {
      text += fmt::format("  edit {} {} {} -> {}\n", edit.file, edit.path, edit.expected, edit.value);
    }
  }
  return text;
}

std::string Gist(const Plan& plan) {
  std::string text;
  for (const Decision& d : plan.decisions) {
    text += fmt::format("{} {} {} {} {}\n", d.upgrade.str(), d.cluster, Name(d.action), d.reason, d.hop);
  }
  return text;
}

}  // namespace lockkeeper
