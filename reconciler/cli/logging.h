#pragma once

#include "reconciler/cli/global_options.h"

namespace lockkeeper {

/// Sends spdlog's messages to stderr, one line each, as text or as JSON objects {"time","level","message"}.
void StartLogging(const GlobalOptions& options);

}  // namespace lockkeeper
