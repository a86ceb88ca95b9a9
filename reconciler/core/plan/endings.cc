#include "reconciler/core/plan/endings.h"

#include <algorithm>

namespace lockkeeper {
namespace {

const UpgradeModel* FindUpgrade(const PlanContext& context, const ObjectName& name) {
  const auto& upgrades = context.model.upgrades();
  auto found =
      std::ranges::lower_bound(upgrades, name, {}, [](const UpgradeModel& m) { return m.upgrade->name; });
  return found == upgrades.end() || found->upgrade->name != name ? nullptr : &*found;
}

bool Exists(const PlanContext& context, const std::string& cluster) {
  auto clusters = context.model.fleet().clusters;
  auto found = std::ranges::lower_bound(clusters, cluster, {}, &Cluster::name);
  return found != clusters.end() && found->name == cluster;
}

void Cancel(const UpgradeRecord& record, std::vector<Transition>& out) {
  for (const ClusterRecord& line : record.clusters) {
    if (line.state == ClusterState::kFinished) continue;
    out.emplace_back(StateChanged{.upgrade = record.upgrade,
                                  .cluster = line.name,
                                  .state = ClusterState::kFinished,
                                  .outcome = Outcome::kCancelled,
                                  .reason = "manifest-removed"});
  }
}

void EndMissing(const PlanContext& context, const UpgradeModel& upgrade, const UpgradeRecord& record,
                std::vector<Transition>& out) {
  for (const ClusterRecord& line : record.clusters) {
    if (line.state == ClusterState::kFinished) continue;
    bool selected = std::ranges::binary_search(
        upgrade.clusters, std::string_view{line.name}, {},
        [&](uint32_t c) { return std::string_view{context.model.cluster(c).name}; });
    if (selected) continue;
    bool gone = !Exists(context, line.name);
    if (gone && context.model.fleet().inventory_incomplete) continue;
    out.emplace_back(StateChanged{.upgrade = record.upgrade,
                                  .cluster = line.name,
                                  .state = ClusterState::kFinished,
                                  .outcome = Outcome::kSkipped,
                                  .reason = gone ? "gone" : "not-selected"});
  }
}

}  // namespace

bool MayRecord(const PlanContext& context, const UpgradeModel& upgrade) {
  return !upgrade.broken && upgrade.target && !context.input.broken_status.contains(upgrade.upgrade->name);
}

std::vector<Transition> TargetsTakenUp(const PlanContext& context) {
  std::vector<Transition> out;
  for (const UpgradeModel& upgrade : context.model.upgrades()) {
    if (!MayRecord(context, upgrade)) continue;
    auto record = context.input.book.find(upgrade.upgrade->name);
    bool known = record != context.input.book.end();
    if (!known && upgrade.clusters.empty()) continue;
    std::string target = upgrade.target->str();
    if (known && record->second.target == target && record->second.spec_hash == upgrade.upgrade->spec_hash)
      continue;
    out.emplace_back(TargetSet{upgrade.upgrade->name, std::move(target), upgrade.upgrade->spec_hash});
  }
  return out;
}

std::vector<Transition> Endings(const PlanContext& context) {
  std::vector<Transition> out;
  for (const auto& [name, record] : context.input.book) {
    const UpgradeModel* upgrade = FindUpgrade(context, name);
    if (upgrade == nullptr) {
      if (context.model.fleet().unreadable_files.empty()) Cancel(record, out);
    } else if (MayRecord(context, *upgrade) && upgrade->manifest_problem.empty()) {
      EndMissing(context, *upgrade, record, out);
    }
  }
  return out;
}

}  // namespace lockkeeper
