#include "schemas/inventory/cluster_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>
#include <tuple>

namespace lockkeeper {
namespace {

constexpr std::string_view kDuplicate = "duplicate-cluster";
constexpr size_t kPlacesShown = 5;

auto KeyOf(const Cluster& cluster) { return std::tie(cluster.name, cluster.file); }
auto KeyOf(const ClusterList::Key& key) { return std::tie(key.name, key.file); }
auto PlaceOf(const Cluster& cluster) { return std::tie(cluster.name, cluster.file, cluster.mark); }

// By index, so that each cluster is moved once.
std::vector<Cluster> Sorted(std::vector<Cluster> clusters) {
  std::vector<uint32_t> order(clusters.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order,
                    [&](uint32_t a, uint32_t b) { return PlaceOf(clusters[a]) < PlaceOf(clusters[b]); });
  std::vector<Cluster> sorted;
  sorted.reserve(clusters.size());
  for (uint32_t i : order) sorted.push_back(std::move(clusters[i]));
  return sorted;
}

}  // namespace

ClusterList::Range ClusterList::Find(const Key& key) const {
  auto less = [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); };
  auto first = std::lower_bound(clusters_.begin(), clusters_.end(), key, less);
  auto last = std::upper_bound(first, clusters_.end(), key, less);
  return {static_cast<size_t>(first - clusters_.begin()), static_cast<size_t>(last - clusters_.begin())};
}

bool ClusterList::ReplaceInPlace(const std::vector<Key>& removed, std::vector<Cluster>& added) {
  size_t next = 0;
  for (const Key& key : removed) {
    auto [first, last] = Find(key);
    for (; first != last; ++first, ++next) {
      if (next == added.size() || KeyOf(added[next]) != KeyOf(key)) return false;
    }
  }
  if (next != added.size()) return false;
  next = 0;
  for (const Key& key : removed) {
    auto [first, last] = Find(key);
    for (; first != last; ++first) clusters_[first] = std::move(added[next++]);
  }
  return true;
}

void ClusterList::Rebuild(const std::vector<Key>& removed, std::vector<Cluster> added) {
  std::vector<Cluster> merged;
  std::vector<Range> gaps;
  size_t gone = 0;
  for (const Key& key : removed) {
    gaps.push_back(Find(key));
    gone += gaps.back().second - gaps.back().first;
  }
  merged.reserve(clusters_.size() - gone + added.size());
  auto next = added.begin();
  size_t kept = 0;
  auto take_until = [&](size_t end) {
    for (; kept < end; ++kept) {
      for (; next != added.end() && PlaceOf(*next) < PlaceOf(clusters_[kept]); ++next)
        merged.push_back(std::move(*next));
      merged.push_back(std::move(clusters_[kept]));
    }
  };
  for (auto [first, last] : gaps) {
    take_until(first);
    kept = last;
  }
  take_until(clusters_.size());
  for (; next != added.end(); ++next) merged.push_back(std::move(*next));
  clusters_ = std::move(merged);
}

void ClusterList::MarkDuplicates(const std::string& name) {
  auto range = std::ranges::equal_range(clusters_, name, {}, &Cluster::name);
  bool repeated = range.size() > 1;
  std::vector<std::string> places;
  for (const Cluster& cluster : range) {
    if (!repeated || places.size() > kPlacesShown) break;
    places.push_back(fmt::format("{}:{}:{}", cluster.file, cluster.mark.line, cluster.mark.column));
  }
  Diagnostics found;
  for (size_t i = 0; i < range.size(); ++i) {
    Cluster& cluster = range[static_cast<std::ptrdiff_t>(i)];
    std::erase_if(cluster.problems, [](const ClusterProblem& problem) { return problem.code == kDuplicate; });
    if (!repeated) continue;
    std::string others;
    size_t shown = 0;
    for (size_t other = 0; other < places.size() && shown < kPlacesShown; ++other) {
      if (other == i) continue;
      others += fmt::format("{}{}", others.empty() ? "" : ", ", places[other]);
      ++shown;
    }
    std::string more = range.size() > shown + 1 ? fmt::format(" and {} more", range.size() - shown - 1) : "";
    std::string message = fmt::format(
        "cluster '{}' is named here and at {}{}; names are unique in the repository, so "
        "rename one, exclude its file, or set the rule's cluster: to "
        "\"{{metadata.namespace}}/{{metadata.name}}\"",
        name, others, more);
    found.push_back({cluster.file, cluster.mark, Severity::kError, std::string(kDuplicate), message});
    cluster.problems.push_back({std::string(kDuplicate), std::move(message)});
  }
  if (found.empty()) {
    duplicates_.erase(name);
  } else {
    duplicates_.insert_or_assign(name, std::move(found));
  }
}

void ClusterList::Replace(std::vector<Key> removed, std::vector<Cluster> added) {
  std::ranges::sort(removed);
  auto repeated = std::ranges::unique(removed);
  removed.erase(repeated.begin(), repeated.end());
  added = Sorted(std::move(added));
  std::set<std::string> names;  // Those that may have become, or ceased to be, duplicates.
  if (clusters_.empty()) {
    clusters_ = std::move(added);
    for (size_t i = 1; i < clusters_.size(); ++i) {
      if (clusters_[i].name == clusters_[i - 1].name) names.insert(clusters_[i].name);
    }
  } else {
    for (const Key& key : removed) names.insert(key.name);
    for (const Cluster& cluster : added) names.insert(cluster.name);
    if (!ReplaceInPlace(removed, added)) Rebuild(removed, std::move(added));
  }
  for (const std::string& name : names) MarkDuplicates(name);
}

}  // namespace lockkeeper
