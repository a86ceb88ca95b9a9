#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gitops/edit/remove_documents.h"
#include "reconciler/cycle/lock_change.h"
#include "reconciler/cycle/lock_coverage.h"
#include "reconciler/cycle/object_words.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

std::vector<std::string> NamesOf(const std::vector<const LockCoverage*>& locks) {
  std::vector<std::string> names;
  for (const LockCoverage* lock : locks) names.push_back(ShortName(lock->name));
  return names;
}

Result<std::vector<const LockCoverage*>> OfCluster(const Fleet& fleet, const std::vector<LockCoverage>& locks,
                                                   const std::string& cluster) {
  std::vector<const LockCoverage*> own;
  std::vector<const LockCoverage*> wider;
  for (const LockCoverage& lock : locks) {
    if (!lock.clusters.contains(cluster)) continue;
    (lock.clusters.size() == 1 && lock.lock != nullptr ? own : wider).push_back(&lock);
  }
  const bool known = std::ranges::binary_search(fleet.clusters, cluster, {}, &Cluster::name);
  if (!known) {
    std::vector<std::string> names;
    for (const Cluster& c : fleet.clusters) names.push_back(c.name);
    return NotFound(
        fmt::format("--cluster: there is no cluster {}{}", Quoted(cluster), DidYouMean(cluster, names)));
  }
  if (own.empty() && !wider.empty()) {
    return NotFound(
        fmt::format("--cluster: no lock holds {} alone, and taking a wider one away frees others too: "
                    "'lockkeeper unlock NAME', "
                    "where NAME is {}",
                    cluster, fmt::join(NamesOf(wider), " or ")));
  }
  return own;
}

Result<std::vector<const LockCoverage*>> Choose(const Fleet& fleet, const std::vector<LockCoverage>& locks,
                                                const UnlockRequest& request) {
  if (request.by == UnlockRequest::By::kCluster) return OfCluster(fleet, locks, request.what);
  std::vector<const LockCoverage*> chosen;
  std::vector<std::string> names;
  for (const LockCoverage& lock : locks) {
    const bool all = request.by == UnlockRequest::By::kAll;
    if (all || IsMeant(request.what, lock.name)) chosen.push_back(&lock);
    names.push_back(ShortName(lock.name));
  }
  if (!chosen.empty() || request.by == UnlockRequest::By::kAll) return chosen;
  std::string near = DidYouMean(request.what, names);
  if (near.empty()) near = names.empty() ? "; there is no lock at all" : "; the locks are " + Listed(names);
  return NotFound(fmt::format("NAME: there is no lock {}{}", Quoted(request.what), near));
}

Result<void> RemoveFrom(FleetReader& reader, const std::vector<const LockCoverage*>& chosen,
                        std::vector<FileWrite>& writes) {
  std::map<std::string, std::set<int>> places;
  for (const LockCoverage* lock : chosen) places[lock->origin.file].insert(lock->origin.document);
  for (const auto& [path, documents] : places) {
    auto text = reader.ReadFile(path);
    if (!text) return std::unexpected(text.error());
    auto rest = RemoveDocuments(*text, documents);
    if (!rest) return Fail(rest.error().kind, fmt::format("{}: {}", path, rest.error().message));
    const bool remove = rest->empty();
    writes.push_back({.path = path, .content = std::move(*rest), .remove = remove});
  }
  return {};
}

/// Which of the clusters that the chosen locks hold are free without them.
void TellClusters(const std::vector<LockCoverage>& locks, const std::vector<const LockCoverage*>& chosen,
                  Instant now, UnlockChange& change) {
  std::set<std::string> concerned;
  for (const LockCoverage* lock : chosen) {
    if (lock->InForce(now)) concerned.insert(lock->clusters.begin(), lock->clusters.end());
  }
  std::map<std::string, std::vector<std::string>> holders;
  for (const LockCoverage& lock : locks) {
    if (std::ranges::find(chosen, &lock) != chosen.end() || !lock.InForce(now)) continue;
    for (const std::string& cluster : lock.clusters) {
      if (concerned.contains(cluster)) holders[cluster].push_back(ShortName(lock.name));
    }
  }
  for (const std::string& cluster : concerned) {
    if (!holders.contains(cluster)) change.free.push_back(cluster);
  }
  for (auto& [cluster, names] : holders) change.held.push_back({cluster, std::move(names)});
}

std::string UnlockMessage(const std::vector<std::string>& names, const UnlockRequest& request) {
  std::string text = names.size() == 1 ? fmt::format("Unlock {}\n", names.front())
                                       : fmt::format("Unlock {} locks\n", names.size());
  if (names.size() > 1 || !request.reason.empty()) text += '\n';
  if (!request.reason.empty()) text += fmt::format("Reason: {}\n", request.reason);
  if (names.size() > 1) text += fmt::format("Locks: {}\n", Listed(names));
  return text;
}

}  // namespace

Result<UnlockChange> DecideUnlock(const FleetState& state, FleetReader& reader,
                                  const UnlockRequest& request) {
  const std::vector<LockCoverage> locks = CoverageOfLocks(state.fleet);
  auto chosen = Choose(state.fleet, locks, request);
  if (!chosen) return std::unexpected(std::move(chosen.error()));
  UnlockChange change;
  if (chosen->empty()) return change;
  if (auto removed = RemoveFrom(reader, *chosen, change.changes.writes); !removed)
    return std::unexpected(std::move(removed.error()));
  change.removed = NamesOf(*chosen);
  TellClusters(locks, *chosen, request.now, change);
  change.changes.message = UnlockMessage(change.removed, request);
  return change;
}

}  // namespace lockkeeper
