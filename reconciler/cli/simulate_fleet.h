#pragma once

#include <functional>
#include <string>

#include "reconciler/cli/exit_code.h"
#include "reconciler/core/simulate/simulate.h"
#include "reconciler/cycle/fleet_reader.h"

namespace lockkeeper {

inline constexpr Seconds kSimulatedSpan = std::chrono::days{90};

/// From `start` until what `--to` says (empty: kSimulatedSpan later).
CliResult<Interval> ReadHorizon(Instant start, const std::string& to, Instant now);

/// The future of what `reader` has read last. Edits are tried on the files' bytes, as a pass tries them.
/// `go_on` is asked before each pass, and may be empty.
CliResult<Future> SimulateFleet(const FleetState& state, FleetReader& reader, Interval horizon,
                                const Assumptions& assumptions,
                                const std::function<Result<void>()>& go_on = {});

}  // namespace lockkeeper
