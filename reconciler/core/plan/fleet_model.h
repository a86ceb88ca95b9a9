#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/plan/locks.h"
#include "reconciler/core/plan/policy_table.h"
#include "reconciler/core/release/catalog.h"
#include "reconciler/core/task/task_calendar.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/kinds/fleet.h"
#include "schemas/version.h"

namespace lockkeeper {

struct ScheduleModel {
  const MaintenanceSchedule* schedule = nullptr;
  std::optional<ScheduleCalendar> calendar;  ///< absent: it does not compile
  std::optional<CompiledMatch> match;        ///< absent: nobody can tell what it governs
  std::string problem;                       ///< why the calendar is absent: the first finding, and its place
};

/// The schedules that govern a cluster, or why that cannot be told.
struct ScheduleSet {
  std::vector<uint32_t> schedules;  ///< sorted indices into FleetModel::schedules
  std::string named_problem;        ///< one that was asked for by name is missing or broken
  std::string broken;               ///< one that selects the cluster, or may do so, is broken
  auto operator<=>(const ScheduleSet&) const = default;
};

struct PlanModel {
  const UpgradePlan* plan = nullptr;
  std::vector<std::optional<CompiledMatch>> matches;  ///< of its stages; absent: it cannot be read
  std::string problem;  ///< why clusters cannot be told into stages; empty: they can
};

struct UpgradeModel {
  const ClusterUpgrade* upgrade = nullptr;
  std::optional<ReleaseName> target;  ///< absent: the name is no version
  const Release* release = nullptr;   ///< null: not in the catalog, or there is none
  std::string manifest_problem;       ///< empty: the manifest and what it names are well
  bool broken = false;                ///< the manifest does not decode: nothing of it is recorded
  std::optional<uint32_t> schedule;   ///< maintenanceScheduleRef
  std::optional<uint32_t> plan;       ///< upgradePlanRef
  std::vector<uint32_t> clusters;     ///< the selected ones, as sorted indices into Fleet::clusters
  const ObjectName* policy =
      nullptr;  ///< whose manifest it is, by name and file; null: nobody's, or an enforced one
  AutoApprove auto_approve = AutoApprove::kNone;  ///< of that policy; kNone where it is broken
};

struct TaskModel {
  const MaintenanceTask* task = nullptr;
  std::optional<TaskCalendar> calendar;  ///< absent: the task is held
  bool is_for_each_cluster = false;
  std::vector<std::string> names;  ///< whose it is: sorted clusters, or one empty name for the fleet
  std::vector<uint32_t> clusters;  ///< of each name, as indices into Fleet::clusters; empty for the fleet
  std::string problem;             ///< why it is held
};

/// A Fleet made ready for planning: matchers and schedules compiled, names resolved. Pure. Keeps pointers
/// into the Fleet, which must outlive it and stay where it is.
class FleetModel {
 public:
  static FleetModel Build(const Fleet& fleet);

  const Fleet& fleet() const { return *fleet_; }
  const FleetSettings& settings() const { return *fleet_->settings; }
  const Cluster& cluster(uint32_t index) const { return fleet_->clusters[index]; }
  const Catalog& catalog() const { return catalog_; }
  const std::vector<ScheduleModel>& schedules() const { return schedules_; }
  /// Sorted by name; with those whose manifest is broken, as far as it can be told what they would select.
  const std::vector<UpgradeModel>& upgrades() const { return upgrades_; }

  /// SPEC 2.3: the schedules that the cluster names, that select it, and `extra` (an upgrade's
  /// maintenanceScheduleRef); where there is none of these, the default ones.
  ScheduleSet Governing(uint32_t cluster, std::optional<uint32_t> extra) const;
  /// Of what concerns the fleet as a whole: the schedules that select every cluster; where there is none of
  /// these, the default ones.
  ScheduleSet GoverningAll() const;
  std::optional<uint32_t> FindSchedule(const ObjectName& name) const;

  /// Clusters whose refs stand in the same place, the cluster itself among them; empty for one that shares
  /// nothing.
  const std::vector<uint32_t>& SharedWith(uint32_t cluster) const;

  const std::vector<PlanModel>& plans() const { return plans_; }
  const LockTable& locks() const { return locks_; }
  /// Sorted by name; without those whose manifest does not decode, which are held as they are.
  const std::vector<TaskModel>& tasks() const { return tasks_; }
  const std::vector<PolicyModel>& policies() const { return policies_.policies(); }

  /// What compiling found: rules, zones, matchers, releases, names that lead nowhere.
  const Diagnostics& findings() const { return findings_; }

 private:
  void CompileSchedules();
  void CompileUpgrades();
  void TakeBrokenUpgrades();
  void SelectClusters(UpgradeModel& model);
  void FindPolicy(UpgradeModel& model) const;
  void FindSharedRefs();
  void CompilePlans();
  void CompileTasks();
  bool SelectsAll(const CompiledMatch& match) const;
  std::string CheckPlan(UpgradeModel& model);
  const BrokenObject* FindBroken(std::string_view kind, const ObjectName& name) const;
  std::string CheckUpgrade(UpgradeModel& model);
  std::string CheckRelease(UpgradeModel& model);

  struct BrokenSchedule {
    const BrokenObject* object;
    std::optional<CompiledMatch> match;  ///< absent: nobody can tell what it governs
  };

  const Fleet* fleet_ = nullptr;
  Catalog catalog_;
  std::vector<ScheduleModel> schedules_;
  std::vector<uint32_t> default_schedules_;
  std::vector<BrokenSchedule> broken_schedules_;
  std::vector<UpgradeModel> upgrades_;
  std::deque<ClusterUpgrade> broken_upgrades_;  ///< stand-ins for what does not decode
  std::map<uint32_t, uint32_t> shared_group_of_;
  std::vector<std::vector<uint32_t>> shared_groups_;
  std::vector<PlanModel> plans_;
  LockTable locks_;
  std::vector<TaskModel> tasks_;
  PolicyTable policies_;
  Diagnostics findings_;
};

}  // namespace lockkeeper
