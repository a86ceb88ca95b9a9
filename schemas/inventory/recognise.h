#pragma once

#include <string>
#include <vector>

#include "schemas/inventory/inventory.h"

namespace lockkeeper {

/// How sure it is that what a profile finds are clusters.
enum class RecognitionConfidence {
  kCertain,  ///< the documents can be nothing else
  kGuess,    ///< a general profile (Profile::general): a person must say whether these stand for clusters
};

/// A rule that `init` may propose.
struct RecognisedRule {
  InventoryRule rule;  ///< `profile`, `include` and `exclude` only, as they would be written
  RecognitionConfidence confidence = RecognitionConfidence::kCertain;
  size_t clusters = 0;  ///< found by it
  size_t usable = 0;    ///< of these, how many have nothing but refs that may be changed
  /// Up to kExamplesMax: `mgab6 33.1.1 (clusters/mgab6.yaml)`.
  std::vector<std::string> examples;
  std::string note;  ///< for people; empty: nothing to say
};
inline constexpr size_t kRecognitionExamplesMax = 3;

/// What the built-in profiles find in a tree, best first; the same for the same tree. Each file is read once.
/// Profiles that find nothing usable are proposed only where no other does, general ones only where no other
/// finds anything, and none whose clusters a better one has found already. Fails as Inventory::Update does.
Result<std::vector<RecognisedRule>> RecogniseInventory(const std::vector<TreeFile>& files,
                                                       const ReadBlob& read);

/// Globs that match these paths and those that look like them: a part that differs, or is named after the
/// cluster, is a wildcard. For paths of many shapes the folder above all of them.
struct NamedPath {
  std::string path;
  std::string cluster;
};
std::vector<std::string> ProposeGlobs(const std::vector<NamedPath>& paths);

}  // namespace lockkeeper
