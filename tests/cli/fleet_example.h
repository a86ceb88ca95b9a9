#pragma once

#include <string>
#include <vector>

#include "tests/support/temp_repository.h"

namespace lockkeeper {

/// A small fleet in the shape of the Cluster API: `rose` (stage dev) and `tulip` (stage prod), with a
/// schedule that selects prod, one for all others, and an upgrade of the dev cluster.
std::vector<TestFile> FleetExample();

/// The same, with these files in place of (or beside) its own.
std::vector<TestFile> FleetExampleWith(const std::vector<TestFile>& others);

}  // namespace lockkeeper
