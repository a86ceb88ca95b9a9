#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schemas/kinds/approval.h"
#include "schemas/kinds/calendar.h"
#include "schemas/kinds/cluster.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/kinds/lock.h"
#include "schemas/kinds/policy.h"
#include "schemas/kinds/release.h"
#include "schemas/kinds/schedule.h"
#include "schemas/kinds/task.h"
#include "schemas/kinds/upgrade.h"
#include "schemas/kinds/upgrade_plan.h"

namespace lockkeeper {

/// An object that could not be decoded: it holds what refers to it, and leaves its neighbours alone
/// (SPEC 1.4).
struct BrokenObject {
  std::string kind;
  ObjectName name;
  Origin origin;
  std::string message;  ///< the first problem
  ClusterMatch match;   ///< as far as it could be read; what a broken schedule or upgrade would have governed
  /// `match` has been read; what was wrong in it has been left out, so that it selects too much rather than
  /// too little.
  bool match_read = false;
};

/// Everything that a commit of the repository says, decoded. Sorted by name throughout.
struct Fleet {
  std::string commit;
  std::optional<FleetSettings> settings;  ///< absent: no Fleet object in the repository, or a broken one
  std::span<const Cluster> clusters;      ///< owned by the inventory that found them
  std::vector<ClusterUpgrade> upgrades;
  std::vector<MaintenanceSchedule> schedules;
  std::vector<Release> releases;
  std::vector<UpgradePlan> plans;
  std::vector<UpgradePolicy> policies;
  std::vector<ClusterLock> locks;
  std::vector<UpgradeApproval> approvals;
  std::vector<MaintenanceTask> tasks;
  /// The iCalendar files that schedules name, also those that are not there.
  CalendarFiles calendars;
  std::vector<BrokenObject> broken;
  /// A file of the manifest folders that is no YAML at all: nobody knows which objects were in it, so nothing
  /// is taken for removed while there is one.
  std::vector<std::string> unreadable_files;
  /// Of them, those in which a schedule or a lock may stand: they hold every cluster.
  std::vector<std::string> unreadable_guards;
  /// Some file that the inventory should read could not be read: no cluster is taken for gone.
  bool inventory_incomplete = false;
  Diagnostics diagnostics;
};

}  // namespace lockkeeper
