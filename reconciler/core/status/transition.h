#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reconciler/core/status/record.h"
#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// An upgrade's manifest is taken up for the first time, or has changed since.
struct TargetSet {
  ObjectName upgrade;
  std::string target;
  std::string spec_hash;
  bool operator==(const TargetSet&) const = default;
};

/// A cluster's refs go to a release in this very commit.
struct Bumped {
  ObjectName upgrade;
  std::string cluster;
  std::string from;
  std::string to;
  std::optional<WindowRecord> window;
  std::optional<OverrideRecord> override_;
  bool operator==(const Bumped&) const = default;
};

/// A cluster's line of the status changes.
struct StateChanged {
  ObjectName upgrade;
  std::string cluster;
  ClusterState state = ClusterState::kPending;
  Outcome outcome = Outcome::kNone;
  std::string reason;  ///< one word
  std::optional<Instant> until;
  std::string message;  ///< one line; only where it says more than reason and until
  bool overran = false;
  bool operator==(const StateChanged&) const = default;
};

using Transition = std::variant<TargetSet, Bumped, StateChanged>;

/// What one commit records. Its trailers say exactly this, no more and no less, so that the status files can
/// be made again from the history alone.
struct Record {
  Instant at;              ///< the deciding instant
  std::string decided_on;  ///< the commit that the plan was made from
  std::vector<Transition> transitions;
  bool operator==(const Record&) const = default;
};

/// A cluster's run that came to its end (not skipped), as it stood at that moment.
struct EndedRun {
  ObjectName upgrade;
  ClusterRecord line;
};

/// The trailer block of SPEC 5, each line ended.
std::string FormatTrailers(const Record& record);

/// Reads the trailers of a commit message; nullopt where it has none of lockkeeper's. kInvalid: it has some
/// that make no sense, with the line.
Result<std::optional<Record>> ParseTrailers(std::string_view message);

/// The one place where the status changes. A Bumped starts a new run of the cluster (or a further hop of the
/// one under way), a StateChanged sets its line. Runs that end (not skipped) are appended to `ended` where it
/// is given, in the order in which they end: each is an entry of its cluster's history.
void Apply(const Record& record, StatusBook& book, std::vector<EndedRun>* ended = nullptr);

}  // namespace lockkeeper
