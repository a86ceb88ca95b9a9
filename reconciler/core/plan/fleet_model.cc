#include "reconciler/core/plan/fleet_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "schemas/assert.h"

namespace lockkeeper {

FleetModel FleetModel::Build(const Fleet& fleet) {
  FleetModel model;
  model.fleet_ = &fleet;
  model.catalog_ = Catalog::Build(fleet.releases, model.findings_, fleet.broken);
  model.CompileSchedules();
  model.CompilePlans();
  model.CompileTasks();
  model.CompileUpgrades();
  model.TakeBrokenUpgrades();
  std::ranges::sort(model.upgrades_, {}, [](const UpgradeModel& m) { return m.upgrade->name; });
  model.FindSharedRefs();
  model.locks_ = LockTable::Build(fleet, model.findings_);
  model.policies_ = PolicyTable::Build(fleet, model.catalog_);
  SortDiagnostics(model.findings_);
  return model;
}

namespace {

/// `file:line: message`
std::string FirstError(const Diagnostics& reported) {
  auto error =
      std::ranges::find_if(reported, [](const Diagnostic& d) { return d.severity == Severity::kError; });
  LK_ASSERT(error != reported.end());
  return fmt::format("{}:{}: {}", error->file, error->mark.line, error->message);
}

/// `schedule ns/name has errors: file:line: message`
std::string DescribeProblem(const MaintenanceSchedule& schedule, const Diagnostics& reported) {
  return fmt::format("schedule {} has errors: {}", schedule.name.str(), FirstError(reported));
}

}  // namespace

void FleetModel::CompileSchedules() {
  for (const MaintenanceSchedule& schedule : fleet_->schedules) {
    if (schedule.is_default) default_schedules_.push_back(static_cast<uint32_t>(schedules_.size()));
    Diagnostics reported;
    ScheduleModel model{.schedule = &schedule,
                        .calendar = ScheduleCalendar::Compile(schedule, fleet_->calendars, reported)};
    model.match = CompiledMatch::Compile(schedule.match, EmptyMatch::kEverythingIfWritten,
                                         schedule.origin.file, findings_);
    if (!model.calendar) model.problem = DescribeProblem(schedule, reported);
    std::ranges::move(reported, std::back_inserter(findings_));
    schedules_.push_back(std::move(model));
  }
  for (const BrokenObject& object : fleet_->broken) {
    if (object.kind != "MaintenanceSchedule") continue;
    // The decoder has reported whatever is wrong with its matchers.
    Diagnostics reported;
    auto match =
        CompiledMatch::Compile(object.match, EmptyMatch::kEverythingIfWritten, object.origin.file, reported);
    broken_schedules_.push_back({&object, object.match_read ? std::move(match) : std::nullopt});
  }
}

std::optional<uint32_t> FleetModel::FindSchedule(const ObjectName& name) const {
  auto found =
      std::ranges::lower_bound(schedules_, name, {}, [](const ScheduleModel& m) { return m.schedule->name; });
  if (found == schedules_.end() || found->schedule->name != name) return std::nullopt;
  return static_cast<uint32_t>(found - schedules_.begin());
}

const BrokenObject* FleetModel::FindBroken(std::string_view kind, const ObjectName& name) const {
  auto found = std::ranges::find_if(
      fleet_->broken, [&](const BrokenObject& object) { return object.kind == kind && object.name == name; });
  return found == fleet_->broken.end() ? nullptr : &*found;
}

namespace {

struct RefPlace {
  uint64_t hash;
  uint32_t cluster;
  const Ref* ref;
};

uint64_t HashPlace(const Ref& ref) {
  std::hash<std::string_view> hash;
  uint64_t h = hash(ref.file.str());
  h = h * 0x9e3779b97f4a7c15ULL ^ hash(ref.path.str());
  return h * 0x9e3779b97f4a7c15ULL ^ static_cast<uint64_t>(ref.document);
}

bool SamePlace(const Ref& a, const Ref& b) {
  return a.file == b.file && a.document == b.document && a.path == b.path;
}

}  // namespace

void FleetModel::FindSharedRefs() {
  std::vector<RefPlace> places;
  for (uint32_t c = 0; c < fleet_->clusters.size(); ++c) {
    for (const Ref& ref : fleet_->clusters[c].refs) places.push_back({HashPlace(ref), c, &ref});
  }
  std::ranges::sort(places, {}, [](const RefPlace& place) { return std::pair{place.hash, place.cluster}; });

  // Clusters that meet in one place, directly or over others, are one group.
  std::map<uint32_t, uint32_t> leader;
  auto lead = [&](uint32_t c) {
    while (leader.contains(c) && leader[c] != c) c = leader[c];
    return c;
  };
  for (size_t i = 1; i < places.size(); ++i) {
    const RefPlace& a = places[i - 1];
    const RefPlace& b = places[i];
    if (a.hash != b.hash || a.cluster == b.cluster || !SamePlace(*a.ref, *b.ref)) continue;
    uint32_t first = lead(a.cluster), second = lead(b.cluster);
    leader[std::max(first, second)] = std::min(first, second);
    leader.try_emplace(std::min(first, second), std::min(first, second));
  }
  std::map<uint32_t, std::vector<uint32_t>> members;
  for (const auto& [cluster, unused] : leader) members[lead(cluster)].push_back(cluster);
  for (auto& [first, clusters] : members) {
    for (uint32_t c : clusters) shared_group_of_[c] = static_cast<uint32_t>(shared_groups_.size());
    shared_groups_.push_back(std::move(clusters));
  }
}

const std::vector<uint32_t>& FleetModel::SharedWith(uint32_t cluster) const {
  static const std::vector<uint32_t> kNobody;
  auto found = shared_group_of_.find(cluster);
  return found == shared_group_of_.end() ? kNobody : shared_groups_[found->second];
}

void FleetModel::CompilePlans() {
  for (const UpgradePlan& plan : fleet_->plans) {
    PlanModel model{.plan = &plan, .matches = {}, .problem = {}};
    for (const PlanStage& stage : plan.stages) {
      model.matches.push_back(
          CompiledMatch::Compile(stage.match, EmptyMatch::kEverythingIfWritten, plan.origin.file, findings_));
      if (!model.matches.back() && model.problem.empty()) {
        model.problem = fmt::format("{}: the matchers of stage {} of plan {} cannot be read",
                                    plan.origin.file, stage.name, plan.name.str());
      }
    }
    plans_.push_back(std::move(model));
  }
}

void FleetModel::CompileTasks() {
  for (const MaintenanceTask& task : fleet_->tasks) {
    TaskModel model{.task = &task,
                    .calendar = {},
                    .is_for_each_cluster = task.match.written,
                    .names = {},
                    .clusters = {},
                    .problem = {}};
    Diagnostics reported;
    auto calendar = TaskCalendar::Compile(task, reported);
    auto match =
        CompiledMatch::Compile(task.match, EmptyMatch::kEverythingIfWritten, task.origin.file, reported);
    if (!calendar || !match) {
      model.problem = FirstError(reported);
    } else {
      model.calendar = std::move(calendar);
      if (!task.match.written) model.names.emplace_back();
      for (uint32_t c = 0; task.match.written && c < fleet_->clusters.size(); ++c) {
        const Cluster& cluster = fleet_->clusters[c];
        // A name that stands there twice is reported; what is to be done is done for the name.
        if (!match->Selects(cluster.labels) ||
            (c > 0 && !model.names.empty() && model.names.back() == cluster.name))
          continue;
        model.names.push_back(cluster.name);
        model.clusters.push_back(c);
      }
    }
    std::ranges::move(reported, std::back_inserter(findings_));
    tasks_.push_back(std::move(model));
  }
}

}  // namespace lockkeeper
