#pragma once

#include <optional>
#include <string_view>

#include "reconciler/core/plan/fleet_model.h"
#include "schemas/kinds/policy.h"
#include "schemas/kinds/release.h"
#include "schemas/version.h"

namespace lockkeeper {

/// SPEC 2.7 autoApprove: whether a bump to a newer release needs nobody's word. `release` is the one that is
/// bumped to; null: not in the catalog.
bool IsAutomatic(AutoApprove limit, const Version& from, const Version& to, const Release* release);

/// Whether a cluster needs an approval that the upgrade itself does not ask for: a policy made it for others,
/// and the step of this one, which came later, is above what the policy lets pass. `from` absent: nobody
/// knows what runs.
bool NeedsApproval(const UpgradeModel& upgrade, const std::optional<Version>& from);

/// `major`, `minor` or `patch`; the word of a manifest.
std::string_view LevelWord(const Version& from, const Version& to);
std::string_view AutoApproveWord(AutoApprove limit);

}  // namespace lockkeeper
