#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/cli/exit_code.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// The index of a cluster in Fleet::clusters; where there is none, `argument` (such as `--cluster`) and the
/// nearest name are in the message.
CliResult<uint32_t> FindCluster(const Fleet& fleet, std::string_view argument, const std::string& name);

}  // namespace lockkeeper
