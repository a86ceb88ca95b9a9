// Which clusters an upgrade selects, which schedules govern a cluster, and what is wrong with an upgrade's
// manifest.

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/generated_manifest.h"

namespace lockkeeper {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// `working-hours` or `team-a/working-hours`.
ObjectName ParseScheduleName(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {.name = std::string{text}};
  return {.ns = std::string{text.substr(0, slash)}, .name = std::string{text.substr(slash + 1)}};
}

}  // namespace

void FleetModel::SelectClusters(UpgradeModel& model) {
  auto match = CompiledMatch::Compile(model.upgrade->match, EmptyMatch::kNothing, model.upgrade->origin.file,
                                      findings_);
  if (!match) {
    model.manifest_problem = "its matchers cannot be read, so nobody can tell which clusters it selects";
    return;
  }
  for (uint32_t c = 0; c < fleet_->clusters.size(); ++c) {
    if (match->Selects(fleet_->clusters[c].labels)) model.clusters.push_back(c);
  }
}

/// A manifest that was moved, renamed or sent to another release is its owner's.
void FleetModel::FindPolicy(UpgradeModel& model) const {
  const ClusterUpgrade& upgrade = *model.upgrade;
  if (!model.target || !upgrade.origin.file.ends_with(GeneratedPath("/", upgrade.name))) return;
  auto is_maker = [&](const ObjectName& policy) {
    return policy.ns == upgrade.name.ns && GeneratedName(policy, *model.target, false) == upgrade.name.name;
  };
  for (const UpgradePolicy& policy : fleet_->policies) {
    if (!is_maker(policy.name)) continue;
    model.policy = &policy.name;
    model.auto_approve = policy.auto_approve;
    return;
  }
  for (const BrokenObject& object : fleet_->broken) {
    if (object.kind == "UpgradePolicy" && is_maker(object.name)) model.policy = &object.name;
  }
}

void FleetModel::CompileUpgrades() {
  upgrades_.reserve(fleet_->upgrades.size());
  for (const ClusterUpgrade& upgrade : fleet_->upgrades) {
    UpgradeModel model{.upgrade = &upgrade};
    SelectClusters(model);
    std::string problem = CheckUpgrade(model);
    if (model.manifest_problem.empty()) model.manifest_problem = std::move(problem);
    FindPolicy(model);
    upgrades_.push_back(std::move(model));
  }
}

void FleetModel::TakeBrokenUpgrades() {
  for (const BrokenObject& object : fleet_->broken) {
    if (object.kind != "ClusterUpgrade" || object.name.name.empty()) continue;
    // Two objects of one name are both broken; one stand-in is enough.
    bool known =
        std::ranges::any_of(broken_upgrades_, [&](const ClusterUpgrade& u) { return u.name == object.name; });
    if (known) continue;
    broken_upgrades_.push_back({.name = object.name, .origin = object.origin, .match = object.match});
    UpgradeModel model{.upgrade = &broken_upgrades_.back(), .broken = true};
    Diagnostics reported;
    std::swap(reported, findings_);
    SelectClusters(model);
    std::swap(reported, findings_);
    model.manifest_problem =
        fmt::format("{}:{}: {}", object.origin.file, object.origin.mark.line, object.message);
    upgrades_.push_back(std::move(model));
  }
}

std::string FleetModel::CheckRelease(UpgradeModel& model) {
  const std::string& name = model.upgrade->release.name.value;
  auto target = ParseReleaseName(name);
  if (!target) return fmt::format("releaseRef.name '{}' holds no version: {}", name, target.error().message);
  model.target = *target;
  if (!settings().has_catalog()) return {};
  // From the target itself the way is free, whatever its state, if only the catalog has it.
  auto known = catalog_.NextHop(target->version, *target, {}, [](const ClusterMatch&) { return false; });
  if (!known && known.error().code == "unknown-release") return known.error().message;
  if (known) model.release = known->release;
  return {};
}

std::string FleetModel::CheckPlan(UpgradeModel& model) {
  const ObjectName& name = model.upgrade->plan->value;
  auto found = std::ranges::lower_bound(plans_, name, {}, [](const PlanModel& m) { return m.plan->name; });
  if (found == plans_.end() || found->plan->name != name) {
    const BrokenObject* broken = FindBroken("UpgradePlan", name);
    return fmt::format("spec.upgradePlanRef: plan {} {}", name.str(),
                       broken != nullptr
                           ? fmt::format("is broken: {}: {}", broken->origin.file, broken->message)
                           : std::string{"does not exist"});
  }
  if (!found->problem.empty()) return found->problem;
  model.plan = static_cast<uint32_t>(found - plans_.begin());
  return {};
}

std::string FleetModel::CheckUpgrade(UpgradeModel& model) {
  const ClusterUpgrade& upgrade = *model.upgrade;
  auto report = [&](Mark mark, std::string code, std::string message) {
    findings_.push_back({upgrade.origin.file, mark, Severity::kError, std::move(code), message});
    return message;
  };
  if (std::string problem = CheckRelease(model); !problem.empty()) {
    return report(upgrade.release.name.mark, "unknown-release", std::move(problem));
  }
  if (upgrade.schedule) {
    const ObjectName& name = upgrade.schedule->value;
    model.schedule = FindSchedule(name);
    if (!model.schedule) {
      const BrokenObject* broken = FindBroken("MaintenanceSchedule", name);
      std::string why = broken != nullptr
                            ? fmt::format("is broken: {}: {}", broken->origin.file, broken->message)
                            : std::string{"does not exist"};
      return report(upgrade.schedule->mark, "unknown-schedule",
                    fmt::format("spec.maintenanceScheduleRef: schedule {} {}", name.str(), why));
    }
    if (!schedules_[*model.schedule].calendar) {
      return schedules_[*model.schedule].problem;
    }
  }
  if (upgrade.plan) {
    if (std::string problem = CheckPlan(model); !problem.empty()) {
      return report(upgrade.plan->mark, "unknown-plan", std::move(problem));
    }
  }
  const auto& mode = upgrade.delivery ? *upgrade.delivery : settings().delivery.mode;
  if (mode.value != DeliveryMode::kCommit) {
    return report(mode.mark, "unsupported-delivery",
                  "delivery.mode: this version delivers by commit only; set mode: commit, if bumps may go to "
                  "the branch directly");
  }
  if (!settings().status.branch.value.empty()) {
    return "Fleet: status.branch: this version writes the status to the same branch only; remove it";
  }
  return {};
}

bool FleetModel::SelectsAll(const CompiledMatch& match) const {
  if (fleet_->clusters.empty()) return match.Selects({});
  return std::ranges::all_of(fleet_->clusters, [&](const Cluster& c) { return match.Selects(c.labels); });
}

ScheduleSet FleetModel::GoverningAll() const {
  ScheduleSet set;
  for (uint32_t s = 0; s < schedules_.size(); ++s) {
    const ScheduleModel& model = schedules_[s];
    if (!model.match) {
      set.broken = fmt::format("the matchers of schedule {} cannot be read, so it may govern every cluster",
                               model.schedule->name.str());
    } else if (SelectsAll(*model.match)) {
      set.schedules.push_back(s);
    }
  }
  for (const BrokenSchedule& broken : broken_schedules_) {
    const bool may_be_default = broken.match && !broken.object->match.written && set.schedules.empty();
    if (broken.match && !may_be_default && !SelectsAll(*broken.match)) continue;
    set.broken = fmt::format("schedule {} is broken and may govern every cluster: {}: {}",
                             broken.object->name.str(), broken.object->origin.file, broken.object->message);
  }
  if (set.schedules.empty()) set.schedules = default_schedules_;
  for (uint32_t s : set.schedules) {
    if (!schedules_[s].calendar) set.broken = schedules_[s].problem;
  }
  return set;
}

ScheduleSet FleetModel::Governing(uint32_t index, std::optional<uint32_t> extra) const {
  const Cluster& c = cluster(index);
  ScheduleSet set;
  if (extra) set.schedules.push_back(*extra);
  std::string_view names = c.schedule_names.str();
  while (!names.empty()) {
    size_t comma = std::min(names.find(','), names.size());
    std::string_view text = Trim(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
    if (text.empty()) continue;
    ObjectName name = ParseScheduleName(text);
    if (auto found = FindSchedule(name)) {
      set.schedules.push_back(*found);
    } else if (set.named_problem.empty()) {
      const char* what = FindBroken("MaintenanceSchedule", name) != nullptr ? "is broken" : "does not exist";
      set.named_problem = fmt::format(
          "the cluster names schedule {} (lockkeeper.dev/maintenance-schedule), which {}", name.str(), what);
    }
  }
  for (uint32_t s = 0; s < schedules_.size(); ++s) {
    const ScheduleModel& model = schedules_[s];
    if (!model.match) {
      set.broken = fmt::format("the matchers of schedule {} cannot be read, so it may govern this cluster",
                               model.schedule->name.str());
    } else if (model.match->Selects(c.labels)) {
      set.schedules.push_back(s);
    }
  }
  for (const BrokenSchedule& broken : broken_schedules_) {
    // One without matchers may be meant as a default.
    bool may_be_default = broken.match && !broken.object->match.written && set.schedules.empty();
    if (broken.match && !may_be_default && !broken.match->Selects(c.labels)) continue;
    set.broken = fmt::format("schedule {} is broken and {} this cluster: {}: {}", broken.object->name.str(),
                             broken.object->match.written ? "governs" : "may govern",
                             broken.object->origin.file, broken.object->message);
  }
  if (set.schedules.empty() && set.named_problem.empty()) set.schedules = default_schedules_;
  std::ranges::sort(set.schedules);
  auto repeated = std::ranges::unique(set.schedules);
  set.schedules.erase(repeated.begin(), repeated.end());
  for (uint32_t s : set.schedules) {
    if (schedules_[s].calendar) continue;
    set.broken = schedules_[s].problem;
  }
  return set;
}

}  // namespace lockkeeper
