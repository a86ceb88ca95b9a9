#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/release/catalog.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/kinds/fleet.h"
#include "schemas/version.h"

namespace lockkeeper {

struct ScheduleModel {
  const MaintenanceSchedule* schedule = nullptr;
  std::optional<ScheduleCalendar> calendar;  ///< absent: it does not compile
  CompiledMatch match;
};

/// The schedules that govern a cluster, or why that cannot be told.
struct ScheduleSet {
  std::vector<uint32_t> schedules;  ///< sorted indices into FleetModel::schedules
  std::string named_problem;        ///< one that was asked for by name is missing or broken
  std::string broken;               ///< one that selects the cluster is broken
};

struct UpgradeModel {
  const ClusterUpgrade* upgrade = nullptr;
  std::optional<ReleaseName> target;
  std::string manifest_problem;  ///< empty: the manifest and what it names are well
  std::optional<uint32_t> schedule;
  std::vector<uint32_t> clusters;  ///< the selected ones, as indices into Fleet::clusters
};

/// Clusters whose refs stand in the same place.
using SharedGroup = std::vector<uint32_t>;

/// A Fleet made ready for planning: matchers compiled, schedules compiled, names resolved. Pure; keeps pointers into the
/// Fleet, which must outlive it.
class FleetModel {
 public:
  static FleetModel Build(const Fleet& fleet);

  const Fleet& fleet() const { return *fleet_; }
  const Catalog& catalog() const { return catalog_; }
  const std::vector<ScheduleModel>& schedules() const { return schedules_; }
  const std::vector<UpgradeModel>& upgrades() const { return upgrades_; }
  /// Which schedules govern this cluster; `extra` is the upgrade's maintenanceScheduleRef.
  ScheduleSet Governing(uint32_t cluster, std::optional<uint32_t> extra) const;
  /// Index into shared_groups; -1 for a cluster that shares nothing.
  int SharedGroupOf(uint32_t cluster) const;
  const std::vector<SharedGroup>& shared_groups() const { return shared_groups_; }
  /// Why nothing at all may be bumped; empty: it may.
  const std::string& fleet_problem() const { return fleet_problem_; }
  /// What holds every cluster at the lock gate; empty: nothing does.
  const std::string& lock_problem() const { return lock_problem_; }
  /// A schedule that cannot be read may govern this cluster; empty: none.
  std::string BrokenScheduleOf(uint32_t cluster) const;
  std::optional<uint32_t> FindSchedule(const ObjectName& name) const;
  /// What compiling found: rules, zones, names that lead nowhere.
  const Diagnostics& findings() const { return findings_; }
  const VersionFormat* Format(const std::string& text) const;

 private:
  void CompileSchedules();
  void CompileUpgrades();
  void FindSharedRefs();
  void FindHolds();
  const BrokenObject* FindBroken(std::string_view kind, const ObjectName& name) const;
  std::string CheckUpgrade(UpgradeModel& model);

  const Fleet* fleet_ = nullptr;
  Catalog catalog_;
  std::vector<ScheduleModel> schedules_;
  std::vector<UpgradeModel> upgrades_;
  std::vector<SharedGroup> shared_groups_;
  std::map<uint32_t, int> shared_group_of_;
  struct BrokenSchedule {
    const BrokenObject* object;
    std::optional<CompiledMatch> match;  ///< absent: nobody can tell what it governs
  };
  std::vector<BrokenSchedule> broken_schedules_;
  std::string fleet_problem_;
  std::string lock_problem_;
  std::map<std::string, VersionFormat> formats_;
  Diagnostics findings_;
};

}  // namespace lockkeeper
