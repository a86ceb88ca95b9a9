#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/status/record.h"
#include "reconciler/cycle/fleet_paths.h"
#include "schemas/diagnostic.h"
#include "schemas/inventory/inventory.h"

namespace lockkeeper {

/// The status files of upgrades, kept between commits: only those that changed are read.
class StatusFiles {
 public:
  /// Takes in files that are new, changed or gone, each path once, and brings the book up to date, which is
  /// the same one at every call. Errors as in ManifestFiles. True where anything changed.
  Result<bool> Update(const std::vector<TreeChange>& changes, const FleetPaths& paths, const ReadBlob& read,
                      StatusBook& book);

  /// The upgrades whose status is not known, and why. A file that says it is another upgrade's breaks the
  /// status of both, unless the other has one in its own place.
  const std::map<ObjectName, std::string>& broken() const { return broken_; }
  const Diagnostics& findings() const { return findings_; }
  /// Those of them whose path does not say which upgrade it is: what StatusFilePath gives for it (a very long
  /// name is written as a hash), and why it is broken.
  const std::map<std::string, std::string>& unnamed() const { return unnamed_; }

 private:
  struct File {
    ObjectName upgrade;               ///< by its path
    std::optional<ObjectName> claim;  ///< of a file that says that it is another upgrade's
    Mark mark;
    std::string problem;  ///< empty: it is in the book
  };

  Result<void> Take(const TreeFile& file, std::string_view name, ObjectName upgrade, const ReadBlob& read,
                    StatusBook& book);
  void Tell(const FleetPaths& paths);

  std::map<std::string, File> files_;  ///< by path
  std::map<ObjectName, std::string> broken_;
  std::map<std::string, std::string> unnamed_;
  Diagnostics findings_;
};

/// The upgrade that StatusFilePath gives this name; nullopt for what is no status file of an upgrade. Names
/// that StatusFilePath would write in another way are read too.
std::optional<ObjectName> UpgradeOfStatusFile(std::string_view name);

}  // namespace lockkeeper
