#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/kinds/approval.h"
#include "schemas/kinds/lock.h"

namespace lockkeeper {

/// A manifest of its own, as the commands write it: one document, fields in the order of the manual, no
/// comments. DecodeManifests reads it back to the same. Of a lock only the matchers are written, no
/// clusterSelector.
std::string LockManifest(const ClusterLock& lock);
std::string ApprovalManifest(const UpgradeApproval& approval);

/// The words for the changes that a lock holds, in the order in which they are written.
std::span<const std::pair<ChangeScope, std::string_view>> ScopeWords();

/// A name for an object that people recognise `words` in: an RFC 1123 label of at most 60 bytes. The same
/// words give the same name; where letters had to give way a short hash of the words keeps different ones
/// apart.
std::string NameFromWords(std::string_view words);

}  // namespace lockkeeper
