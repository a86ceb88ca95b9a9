#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/windows_view.h"
#include "reconciler/cli/exit_code.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// The schedules that one source holds, made ready, and what is wrong with others.
struct FoundSchedules {
  std::vector<ScheduleView> schedules;  ///< sorted by name
  std::vector<BrokenObject> broken;     ///< one without a kind: a text that may hold schedules is no YAML
  Diagnostics findings;                 ///< the errors that explain `broken`
  std::string where;                    ///< ` in FILE`
  std::string incomplete;               ///< what to say where `broken` is not empty
  std::string zone;                     ///< of the cluster; empty: no cluster was asked about, or it has none
  std::string ungoverned;               ///< of a cluster that no schedule governs: what holds for it
  std::shared_ptr<const void> owner;    ///< of what `schedules` points to
};

/// `-` is stdin.
CliResult<FoundSchedules> SchedulesOfFile(const std::string& path);
CliResult<FoundSchedules> SchedulesOfRepository(const Invocation& call);
/// Those that govern a cluster.
CliResult<FoundSchedules> SchedulesOfCluster(const Invocation& call, const std::string& cluster);

}  // namespace lockkeeper
