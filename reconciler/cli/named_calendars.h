#pragma once

#include <string>
#include <vector>

#include "schemas/kinds/calendar.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// The iCalendar files that schedules name which somebody keeps in `folder`, read from the disk: from the
/// root of the work tree that the folder is in or, where it is in none, from the folder itself. As in a
/// repository symbolic links are not followed.
CalendarFiles ReadNamedCalendars(const std::vector<MaintenanceSchedule>& schedules,
                                 const std::string& folder);

/// The folder that a file of this path is in; of `-`, stdin, the current one.
std::string FolderOfFile(const std::string& path);

}  // namespace lockkeeper
