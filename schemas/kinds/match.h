#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schemas/diagnostic.h"

namespace lockkeeper {

/// SPEC 2.1, one line of `matchers`.
struct Matcher {
  std::string key;  ///< the label that is tested (`name` where the manifest gave no `key`)
  std::string value;
  bool is_regex = false;  ///< RE2, matches the whole value
  bool is_equal = true;
  Mark mark;  ///< of the value
  bool operator==(const Matcher&) const = default;
};

enum class SelectorOperator : uint8_t { kIn, kNotIn, kExists, kDoesNotExist };

/// One requirement of a Kubernetes label selector; `matchLabels` decode to kIn with one value.
struct SelectorRequirement {
  std::string key;
  SelectorOperator op = SelectorOperator::kIn;
  std::vector<std::string> values;
  Mark mark;
  bool operator==(const SelectorRequirement&) const = default;
};

/// `matchers` and `clusterSelector` of one object: all must hold. `written` tells an explicit empty list
/// (everything, for a schedule, a stage or a lock) from none at all.
struct ClusterMatch {
  bool written = false;
  std::vector<Matcher> matchers;
  std::vector<SelectorRequirement> selector;
  Mark mark;
  bool empty() const { return matchers.empty() && selector.empty(); }
  bool operator==(const ClusterMatch&) const = default;
};

}  // namespace lockkeeper
