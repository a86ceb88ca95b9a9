#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/kinds/cluster.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// A file of the repository's tree, as the inventory needs it.
struct TreeFile {
  std::string path;
  std::string blob;     ///< the content's id: equal ids hold equal bytes
  bool regular = true;  ///< false: symlink or submodule; reported, never read
};

/// One file that changed between two commits: `blob` empty means it is gone.
struct TreeChange {
  TreeFile file;
  bool removed = false;
};

/// Gives a blob's bytes; the view lives until the next call.
using ReadBlob = std::function<Result<std::string_view>(const TreeFile&)>;

/// The clusters of a repository, kept between commits: an update costs what changed, not what is there.
class Inventory {
 public:
  explicit Inventory(std::vector<InventoryRule> rules);
  ~Inventory();
  Inventory(Inventory&&) noexcept;
  Inventory& operator=(Inventory&&) noexcept;

  /// Takes in files that are new, changed or gone (all of them at a cold start). What a file cannot be read
  /// for is a diagnostic. Only an error of `read` that another attempt may not meet ends the call (any kind
  /// but kInvalid and kNotFound, which mean that this blob can never be had); then the inventory is empty,
  /// and the next update must be a cold start.
  Result<void> Update(const std::vector<TreeChange>& changes, const ReadBlob& read);

  /// The same rules where they stand now: nothing but their marks may differ from those at the start. No file
  /// is read again.
  void MoveRules(std::vector<InventoryRule> rules);

  /// False where a rule cannot be used, or a file that a rule includes could not be read: clusters may be
  /// missing.
  bool complete() const;
  /// Sorted by name. Two clusters of one name carry a problem `duplicate-cluster` at both places and are both
  /// kept. A ref that stands in the same place for several clusters keeps no problem here; see SharedRefs in
  /// the planner.
  const std::vector<Cluster>& clusters() const;
  /// Sorted. Files that cannot be read and names used twice are errors; refs that will never be changed,
  /// rules without clusters and documents without a usable name are warnings. Problems of clusters and refs
  /// are all in here.
  const Diagnostics& diagnostics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A built-in profile: a data file, embedded at build time.
struct Profile {
  std::string name;
  std::string description;
  bool general = false;  ///< matches much that is no cluster, so only people can say where it applies
  std::string text;      ///< the YAML as it is
};
const std::vector<Profile>& BuiltInProfiles();

/// Merges the profile that `rule.profile` names under the fields that the rule sets itself. kNotFound lists
/// the names.
Result<InventoryRule> ResolveProfile(InventoryRule rule);

/// Glob over a path: `*` and `?` within a folder, `**` across, `[a-z]`, `{a,b}`. A pattern without wildcard
/// that names a folder (with or without a final '/') matches all below it.
bool GlobMatch(std::string_view pattern, std::string_view path);

}  // namespace lockkeeper
