#pragma once

#include <optional>
#include <string_view>

#include "schemas/diagnostic.h"
#include "schemas/inventory/compiled_rule.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

class DocumentReader;

/// The cluster that a document names by this rule, with its labels but without refs. Where it has no usable
/// name, the diagnostics say why: missing-name, bad-name, templated or encrypted.
std::optional<Cluster> NameCluster(const CompiledRule& rule, const DocumentReader& document,
                                   std::string_view path, Diagnostics& diagnostics);

/// As NameCluster, with a name that stands elsewhere (in a marker).
std::optional<Cluster> DescribeCluster(const CompiledRule& rule, const DocumentReader& document,
                                       std::string_view path, std::string_view name, Mark mark,
                                       Diagnostics& diagnostics);

/// Sets a label; the list stays sorted.
void SetLabel(Labels& labels, std::string_view key, std::string_view value);

}  // namespace lockkeeper
