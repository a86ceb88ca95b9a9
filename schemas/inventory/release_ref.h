#pragma once

#include <vector>

#include "schemas/kinds/cluster.h"

namespace lockkeeper {

/// The ref whose version is its cluster's release: the release itself before a component's version, and by
/// role release, control plane, nodes. Null: none of them can be read.
const Ref* ReleaseRef(const std::vector<Ref>& refs);

}  // namespace lockkeeper
