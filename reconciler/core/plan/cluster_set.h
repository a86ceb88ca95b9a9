#pragma once

#include <string>
#include <vector>

namespace lockkeeper {

/// What an UpgradeApproval's `clusters` says of a set of clusters (SPEC 2.9): `sha256:` and the hex digest of
/// the names, each followed by a line feed. The names are sorted by bytes, each is there once, and none holds
/// a line end, as the inventory sees to; so two sets never have the same text.
std::string HashClusterSet(const std::vector<std::string>& sorted_names);

}  // namespace lockkeeper
