#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/kinds/policy.h"
#include "schemas/version.h"

namespace lockkeeper {

/// What a policy wants written as a ClusterUpgrade.
struct ManifestDraft {
  const UpgradePolicy& policy;
  std::string name;  ///< in the policy's namespace
  const ReleaseName& release;
  std::optional<Matcher> provider = {};  ///< besides the policy's own matchers
  bool needs_approval = false;
  /// Away from a release at its end of life: no approval, and before others. Only for `clusters` then.
  bool enforced = false;
  std::vector<std::string> clusters;  ///< the only ones that it selects; empty: all of the policy's
  std::vector<std::string> why;       ///< the comment at the top, line by line
};

/// An enforced upgrade goes by so much before what the policy's template says.
inline constexpr int kEnforcedPriority = 1'000;

/// `<policy>-<release>`, with `-` for what may not stand in a name (`+` of a build, say).
std::string GeneratedName(const ObjectName& policy, const ReleaseName& release, bool enforced);

/// What keeps clusters out that follow releases of another provider; `providers` are the catalog's. nullopt:
/// nobody does.
std::optional<Matcher> ProviderMatcher(const UpgradePolicy& policy, const ReleaseName& release,
                                       const std::vector<std::string>& providers);

/// Below the folder, which ends in '/': `<name>.yaml`, of other namespaces than `default` in a folder of
/// their own.
std::string GeneratedPath(std::string_view folder, const ObjectName& name);

/// The manifest: the policy's matchers, the release, and the template's fields. Decodes to what it says, if
/// the name is one.
std::string GeneratedText(const ManifestDraft& draft);

}  // namespace lockkeeper
