#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

enum class ClusterState : uint8_t { kPending, kProposed, kRunning, kFinished };
enum class UpgradeState : uint8_t { kPending, kRunning, kStopped, kFinished };
enum class Outcome : uint8_t {
  kNone,
  kSuccess,
  kFailure,
  kPartial,
  kSkipped,
  kTimedOut,
  kRejected,
  kExpired,
  kCancelled,
  kSuperseded,
  kUnverified,
};

/// The words of SPEC 5. Parsing an unknown word gives nullopt; Outcome::kNone is the empty word.
std::string_view Name(ClusterState state);
std::string_view Name(UpgradeState state);
std::string_view Name(Outcome outcome);
std::optional<ClusterState> ParseClusterState(std::string_view word);
std::optional<Outcome> ParseOutcome(std::string_view word);

/// The window that a bump was made in.
struct WindowRecord {
  std::string schedule;  ///< namespace/name; empty: none
  std::string name;      ///< of the window item
  Instant start;
  Instant end;  ///< Instant::max(): never closes
  bool operator==(const WindowRecord&) const = default;
};

struct HopRecord {
  std::string to;
  Instant triggered_at;
  bool operator==(const HopRecord&) const = default;
};

struct OverrideRecord {
  std::string by;
  std::string reason;
  bool operator==(const OverrideRecord&) const = default;
};

/// The UpgradePlan that an upgrade follows from its first bump on, whatever the manifest says later
/// (SPEC 2.6).
struct FrozenPlan {
  std::string hash;
  std::string copy;  ///< UpgradePlan::copy
  bool operator==(const FrozenPlan&) const = default;
};

/// SPEC 2.9. The clock of a notice period runs from `sent_at`.
struct NoticeRecord {
  Instant sent_at;
  Instant planned;  ///< the start that was announced, `for` in the file
  std::string to_release;
  std::vector<std::string> clusters;  ///< sorted
  std::vector<Seconds> reminders;  ///< those sent since, each as its distance from the start; longest first
  bool operator==(const NoticeRecord&) const = default;
};

/// One cluster's line of an upgrade's status (SPEC 5).
struct ClusterRecord {
  std::string name;
  std::string stage;  ///< of the frozen plan; empty: none, or nothing is frozen
  ClusterState state = ClusterState::kPending;
  Outcome outcome = Outcome::kNone;
  std::string reason;  ///< the first gate that does not pass; of a skipped one: why
  std::optional<Instant> until;
  std::string message;
  std::string from;
  std::string to;
  std::vector<HopRecord> hops;  ///< every bump of this run, oldest first
  /// Bumps of runs before this one, oldest first: those of the hour before this line was begun anew, and the
  /// last one however old it is. Limits on how often something happens count them.
  std::vector<Instant> earlier_bumps;
  std::optional<Instant> triggered_at;
  std::optional<Instant> finished_at;
  std::string decided_on;
  std::optional<WindowRecord> window;
  std::optional<OverrideRecord> override_;
  bool overran = false;
  bool operator==(const ClusterRecord&) const = default;
};

struct UpgradeRecord {
  ObjectName upgrade;
  std::string target;     ///< the release that was asked for when this was last written
  std::string spec_hash;  ///< of the manifest then: a changed one opens finished clusters again
  /// When a changed spec was taken up last; absent: it has never changed. Failures before it are forgiven.
  std::optional<Instant> spec_changed_at;
  std::optional<NoticeRecord> notice;
  std::optional<FrozenPlan> plan;       ///< absent: nothing was bumped yet, or there is no plan
  std::vector<ClusterRecord> clusters;  ///< sorted by name

  const ClusterRecord* Find(std::string_view cluster) const;
  ClusterRecord& FindOrAdd(std::string_view cluster);
  bool operator==(const UpgradeRecord&) const = default;
};

/// What an upgrade as a whole has come to; follows from its clusters. `stopped` while the gate
/// `failure-budget` holds one of them, whatever still runs to its end. `failed` counts failure and timedOut,
/// `skipped` every other end without success.
struct UpgradeSummary {
  UpgradeState state = UpgradeState::kPending;
  Outcome outcome = Outcome::kNone;
  std::optional<Instant> triggered_at;
  std::optional<Instant> finished_at;
  std::string from;  ///< `mixed` where they differ
  int total = 0, pending = 0, running = 0, succeeded = 0, unverified = 0, failed = 0, skipped = 0;
};
UpgradeSummary Summarise(const UpgradeRecord& record);

/// All upgrades that have a status, by name. What the repository's status files say, or its history.
using StatusBook = std::map<ObjectName, UpgradeRecord>;

}  // namespace lockkeeper
