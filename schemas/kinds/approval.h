#pragma once

#include <optional>
#include <string>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

/// SPEC 2.9: somebody's word that an upgrade, or one stage of it, may start.
struct UpgradeApproval {
  ObjectName name;
  Origin origin;
  ClusterMatch match;  ///< none; every kind in an ObjectTable has one
  Field<ObjectName> upgrade;
  std::string stage;  ///< empty: the upgrade as a whole
  std::string to_release;
  std::string clusters;  ///< `sha256:` of the sorted names that were shown, each with a line end; empty: any
  std::string by;
  Instant at;
  std::optional<Instant> expires_at;
  /// Name and e-mail of who committed the file as it is, `name <e-mail>`: whoever reads the repository fills
  /// it in. Empty: nobody knows.
  std::string author;
};

}  // namespace lockkeeper
