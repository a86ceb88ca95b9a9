#pragma once

#include <optional>
#include <string_view>

#include "schemas/diagnostic.h"
#include "schemas/inventory/compiled_rule.h"
#include "schemas/inventory/ref_search.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

/// The cluster that a document names by this rule, with its labels but without refs. Where it has no usable
/// name, the diagnostics say why: missing-name, bad-name, templated or encrypted.
std::optional<Cluster> NameCluster(const CompiledRule& rule, const DocumentView& document,
                                   Diagnostics& diagnostics);

/// As NameCluster, with a name that stands elsewhere (in a marker).
std::optional<Cluster> DescribeCluster(const CompiledRule& rule, const DocumentView& document,
                                       std::string_view name, Mark mark, Diagnostics& diagnostics);

/// Sets a label; the list stays sorted.
void SetLabel(Labels& labels, SharedText key, SharedText value);

}  // namespace lockkeeper
