#pragma once

#include <vector>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/task/due_changes.h"
#include "reconciler/cycle/edit_files.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Tries the changes of due dates on the files that `read` gives, one upon the other as far as they are open,
/// and writes nothing. A due date is refused as a whole: a file or a value is missing or stands there several
/// times, the bytes cannot be edited, a manifest of lockkeeper's stands there, or the release of one of the
/// fleet's clusters would change. Errors are those of `read` that are neither kInvalid nor kNotFound.
Result<TaskTrials> TryTaskChanges(const std::vector<DueChanges>& due, const Fleet& fleet,
                                  const ReadText& read);

/// The same on the commit that `reader` has read last, of whatever a plan at `now` wants tried. Nothing is
/// read where no task changes anything then.
Result<TaskTrials> TryTaskChanges(const FleetModel& model, const TaskStatus& status, FleetReader& reader,
                                  Instant now);

}  // namespace lockkeeper
