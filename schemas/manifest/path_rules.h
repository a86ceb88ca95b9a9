#pragma once

#include <initializer_list>
#include <string_view>

#include "schemas/error.h"
#include "schemas/manifest/field_reader.h"

namespace lockkeeper {

/// A path in the repository's tree: relative to its root, without `.`, `..`, empty parts and backslashes. May
/// end in '/'.
Result<void> CheckTreePath(std::string_view path);

/// A branch's name, or its beginning, that git check-ref-format accepts.
Result<void> CheckBranchName(std::string_view name);

/// https://, http:// (for tests and closed networks) with a host, and no credentials in it.
Result<void> CheckForgeUrl(std::string_view url);

/// Every pair of braces in the text holds one of these names.
Result<void> CheckPlaceholders(std::string_view text, std::initializer_list<std::string_view> known);

/// A path relative to a cluster's manifest in which {cluster} and {namespace} are filled in.
Result<void> CheckRefFile(std::string_view text);

/// A glob over paths of the tree; reports `bad-glob`.
void CheckGlob(const Place& place, FieldReader& read);

}  // namespace lockkeeper
