#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "reconciler/core/status/record.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

/// What was seen of one cluster in the world outside the repository (SPEC 2.12), made by the shell around the
/// planner.
struct Observation {
  /// Of `checks.before`: whether all of them pass; absent: no answer.
  std::optional<bool> ready;
  /// Of `checks.after`: success, failure, or none as long as nobody knows. Of the hop that is under way.
  Outcome outcome = Outcome::kNone;
  std::string message;
};

/// By upgrade and cluster.
using Observations = std::map<std::pair<ObjectName, std::string>, Observation>;

}  // namespace lockkeeper
