#include "reconciler/cli/command_list.h"

// To add a command: write commands/NAME.cc with `void AddName(CommandLine&)`, and name it here.
#define LK_COMMANDS(X) \
  X(AddInit)           \
  X(AddValidate)       \
  X(AddClusters)       \
  X(AddWindows)        \
  X(AddEdit)           \
  X(AddDemo)           \
  X(AddPlan)           \
  X(AddExplain)        \
  X(AddSimulate)       \
  X(AddOnce)           \
  X(AddLock)           \
  X(AddUnlock)         \
  X(AddApprove)        \
  X(AddSuspend)        \
  X(AddResume)         \
  X(AddTask)           \
  X(AddStatus)         \
  X(AddHistory)        \
  X(AddAudit)          \
  X(AddCalendarExport) \
  X(AddProfiles)       \
  X(AddSchema)         \
  X(AddVersion)        \
  X(AddCompletion)

namespace lockkeeper {

#define LK_DECLARE(function) void function(CommandLine& line);
LK_COMMANDS(LK_DECLARE)
#undef LK_DECLARE

void AddCommands(CommandLine& line) {
#define LK_CALL(function) function(line);
  LK_COMMANDS(LK_CALL)
#undef LK_CALL
}

}  // namespace lockkeeper
