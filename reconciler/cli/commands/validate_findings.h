#pragma once

#include <string>
#include <vector>

#include "reconciler/cycle/fleet_reader.h"
#include "schemas/diagnostic.h"
#include "schemas/instant.h"
#include "schemas/kinds/fleet.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {

/// All that can be said against a repository: what reading it found, what making it ready for the planner
/// finds, and SPEC's advice. Sorted.
Diagnostics JudgeFleet(const FleetState& state, Instant now);

/// The same for manifests without the repository that they belong to: nothing is said about names that other
/// files may hold. `calendars` are the iCalendar files that their schedules name.
Diagnostics JudgeManifests(const std::vector<DecodedFile>& files, const CalendarFiles& calendars,
                           Instant now);

}  // namespace lockkeeper
