#include "reconciler/core/status/record.h"

#include <algorithm>
#include <array>
#include <set>

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, 4> kClusterStates{"pending", "proposed", "running", "finished"};
constexpr std::array<std::string_view, 4> kUpgradeStates{"pending", "running", "stopped", "finished"};
constexpr std::array<std::string_view, 11> kOutcomes{"",          "success",    "failure",   "partial",
                                                     "skipped",   "timedOut",   "rejected",  "expired",
                                                     "cancelled", "superseded", "unverified"};

/// The gate (SPEC 4) that holds what is left of an upgrade once its failures are used up.
constexpr std::string_view kFailureBudget = "failure-budget";

template <class Enum, size_t N>
std::optional<Enum> Parse(const std::array<std::string_view, N>& words, std::string_view word) {
  auto it = std::ranges::find(words, word);
  if (it == words.end()) return std::nullopt;
  return static_cast<Enum>(it - words.begin());
}

/// Of finished clusters: one outcome for all gives that one. Clusters that needed nothing do not count,
/// unless all of them needed nothing. Unverified beside verified success is unverified: the weaker word.
/// Anything else is partial where something succeeded, else the worst.
Outcome Combine(const std::set<Outcome>& outcomes) {
  auto rest = outcomes;
  rest.erase(Outcome::kSkipped);
  if (rest.empty()) return Outcome::kSkipped;
  if (rest.size() == 1) return *rest.begin();
  bool verified = rest.erase(Outcome::kSuccess) > 0;
  bool unverified = rest.erase(Outcome::kUnverified) > 0;
  if (rest.empty()) return Outcome::kUnverified;
  if (verified || unverified) return Outcome::kPartial;
  for (Outcome worst : {Outcome::kFailure, Outcome::kTimedOut, Outcome::kRejected, Outcome::kExpired}) {
    if (rest.contains(worst)) return worst;
  }
  return *rest.begin();
}

}  // namespace

std::string_view Name(ClusterState state) { return kClusterStates[static_cast<size_t>(state)]; }
std::string_view Name(UpgradeState state) { return kUpgradeStates[static_cast<size_t>(state)]; }
std::string_view Name(Outcome outcome) { return kOutcomes[static_cast<size_t>(outcome)]; }
std::optional<ClusterState> ParseClusterState(std::string_view word) {
  return Parse<ClusterState>(kClusterStates, word);
}
std::optional<Outcome> ParseOutcome(std::string_view word) { return Parse<Outcome>(kOutcomes, word); }

const ClusterRecord* UpgradeRecord::Find(std::string_view cluster) const {
  auto it = std::ranges::lower_bound(clusters, cluster, {}, &ClusterRecord::name);
  return it != clusters.end() && it->name == cluster ? &*it : nullptr;
}

ClusterRecord& UpgradeRecord::FindOrAdd(std::string_view cluster) {
  auto it = std::ranges::lower_bound(clusters, cluster, {}, &ClusterRecord::name);
  if (it == clusters.end() || it->name != cluster) {
    it = clusters.insert(it, ClusterRecord{});
    it->name = cluster;
  }
  return *it;
}

UpgradeSummary Summarise(const UpgradeRecord& record) {
  UpgradeSummary s;
  std::set<Outcome> outcomes;
  std::optional<Instant> last_outcome;
  const std::string* from = nullptr;
  bool mixed = false;
  bool stopped = false;
  for (const ClusterRecord& c : record.clusters) {
    ++s.total;
    if (c.triggered_at && (!s.triggered_at || *c.triggered_at < *s.triggered_at))
      s.triggered_at = c.triggered_at;
    if (!c.from.empty()) {
      mixed = mixed || (from != nullptr && *from != c.from);
      from = &c.from;
    }
    if (c.state == ClusterState::kPending || c.state == ClusterState::kProposed) {
      ++s.pending;
      stopped = stopped || c.reason == kFailureBudget;
    }
    if (c.state == ClusterState::kRunning) ++s.running;
    if (c.state != ClusterState::kFinished) continue;
    outcomes.insert(c.outcome);
    if (c.finished_at && (!last_outcome || *c.finished_at > *last_outcome)) last_outcome = c.finished_at;
    switch (c.outcome) {
      case Outcome::kSuccess:
        ++s.succeeded;
        break;
      case Outcome::kUnverified:
        ++s.unverified;
        break;
      case Outcome::kFailure:
      case Outcome::kTimedOut:
        ++s.failed;
        break;
      default:
        ++s.skipped;
        break;
    }
  }
  if (from != nullptr) s.from = mixed ? "mixed" : *from;
  if (s.total > 0 && s.pending == 0 && s.running == 0) {
    s.state = UpgradeState::kFinished;
    s.outcome = Combine(outcomes);
    s.finished_at = last_outcome;
  } else if (stopped) {
    s.state = UpgradeState::kStopped;
  } else if (s.triggered_at) {
    s.state = UpgradeState::kRunning;
  }
  return s;
}

}  // namespace lockkeeper
