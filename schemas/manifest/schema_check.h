#pragma once

#include <string_view>
#include <vector>

#include "schemas/manifest/collector.h"

namespace lockkeeper {

/// A finding that only says that a pattern does not match: reported where no decoder finds better words.
struct PatternFinding {
  Place place;
  std::string message;
};

/// Judges the document by the JSON Schema of `kind` and reports what is wrong in words for people, at the key
/// or value that is wrong.
std::vector<PatternFinding> CheckSchema(std::string_view kind, const Place& document, Collector& findings);

}  // namespace lockkeeper
