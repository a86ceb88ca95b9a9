#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "reconciler/core/plan/observation.h"
#include "schemas/diagnostic.h"

namespace lockkeeper {

/// What somebody who looked at the clusters reports: a list, in YAML or JSON, of
/// `{upgrade, cluster, ready: true|false, outcome: success|failure, message}`. `upgrade` is NAME or
/// NAMESPACE/NAME; of `ready` and `outcome` at least one is there. Everything that is wrong is reported, with
/// its place, and then nothing of the file counts.
std::expected<Observations, Diagnostics> DecodeObserved(std::string_view file, std::string_view text);

}  // namespace lockkeeper
