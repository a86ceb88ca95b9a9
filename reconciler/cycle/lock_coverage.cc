#include "reconciler/cycle/lock_coverage.h"

#include <algorithm>
#include <tuple>

#include "reconciler/core/match/compiled_match.h"

namespace lockkeeper {
namespace {

std::set<std::string> EveryCluster(const Fleet& fleet) {
  std::set<std::string> names;
  for (const Cluster& cluster : fleet.clusters) names.insert(names.end(), cluster.name);
  return names;
}

}  // namespace

bool LockCoverage::InForce(Instant now) const {
  return lock == nullptr || ((!lock->start || *lock->start <= now) && now < lock->expires_at);
}

std::optional<std::set<std::string>> SelectedClusters(const Fleet& fleet, const ClusterMatch& match,
                                                      const Origin& origin) {
  Diagnostics findings;
  auto compiled = CompiledMatch::Compile(match, EmptyMatch::kEverythingIfWritten, origin.file, findings);
  if (!compiled) return std::nullopt;
  std::set<std::string> names;
  for (const Cluster& cluster : fleet.clusters) {
    if (compiled->Selects(cluster.labels)) names.insert(names.end(), cluster.name);
  }
  return names;
}

std::vector<LockCoverage> CoverageOfLocks(const Fleet& fleet) {
  std::vector<LockCoverage> locks;
  for (const ClusterLock& lock : fleet.locks) {
    auto clusters = SelectedClusters(fleet, lock.match, lock.origin);
    locks.push_back({lock.name, lock.origin, &lock, clusters ? *std::move(clusters) : EveryCluster(fleet)});
  }
  for (const BrokenObject& object : fleet.broken) {
    if (object.kind != "ClusterLock") continue;
    locks.push_back({object.name, object.origin, nullptr, EveryCluster(fleet)});
  }
  auto key = [](const LockCoverage& lock) {
    return std::tie(lock.name, lock.origin.file, lock.origin.document);
  };
  std::ranges::sort(locks, [&](const LockCoverage& a, const LockCoverage& b) { return key(a) < key(b); });
  // Of a name that stands twice both places are told as broken, once for each reason.
  auto twice = std::ranges::unique(
      locks, [&](const LockCoverage& a, const LockCoverage& b) { return key(a) == key(b); });
  locks.erase(twice.begin(), twice.end());
  return locks;
}

}  // namespace lockkeeper
