#include "reconciler/cycle/commit_graph.h"

#include <algorithm>
#include <map>

namespace lockkeeper {
namespace {

constexpr std::string_view kMark = "Lockkeeper-";
constexpr size_t kSubjectBytesMax = 120;
constexpr size_t kParentBitsMax = 64;

std::string SubjectOf(const std::string& message) {
  std::string subject = message.substr(0, message.find('\n'));
  if (subject.size() <= kSubjectBytesMax) return subject;
  size_t end = kSubjectBytesMax;
  while (end > 0 && (static_cast<unsigned char>(subject[end]) & 0xC0) == 0x80) --end;
  return subject.substr(0, end) + "...";
}

class Walk {
 public:
  explicit Walk(Repository& repository) : repository_(repository) {}

  Result<std::vector<GraphCommit>> Run(const std::string& head) {
    std::vector<std::string> starts{head};
    while (!starts.empty()) {
      const std::string start = std::move(starts.back());
      starts.pop_back();
      auto done = repository_.WalkHistory(start, [&](const CommitRecord& commit) {
        auto [place, is_new] = found_.try_emplace(commit.id, static_cast<uint32_t>(commits_.size()));
        if (!is_new) return false;
        Take(commit);
        for (size_t i = 1; i < commit.parents.size(); ++i) starts.push_back(commit.parents[i]);
        return true;
      });
      if (!done) return std::unexpected(done.error());
    }
    return Sorted(head);
  }

 private:
  void Take(const CommitRecord& record) {
    parent_ids_.push_back(record.parents);
    GraphCommit& commit = commits_.emplace_back();
    commit.id = record.id;
    commit.subject = SubjectOf(record.message);
    if (record.message.find(kMark) != std::string::npos) commit.message = record.message;
    commit.author_name = record.author_name;
    commit.author_email = record.author_email;
    commit.committer_name = record.committer_name;
    commit.committer_email = record.committer_email;
    commit.time = record.time;
  }

  /// Depth first with a stack of our own: histories are longer than a thread's stack is deep.
  std::vector<GraphCommit> Sorted(const std::string& head) {
    std::vector<GraphCommit> sorted;
    sorted.reserve(commits_.size());
    std::vector<size_t> next_parent(commits_.size(), 0);
    std::vector<bool> begun(commits_.size(), false);
    std::vector<uint32_t> place(commits_.size(), 0);
    std::vector<uint32_t> path{found_.at(head)};
    begun[path.back()] = true;
    while (!path.empty()) {
      const uint32_t at = path.back();
      if (next_parent[at] < parent_ids_[at].size()) {
        const uint32_t parent = found_.at(parent_ids_[at][next_parent[at]++]);
        if (!begun[parent]) path.push_back(parent);
        begun[parent] = true;
        continue;
      }
      for (const std::string& parent : parent_ids_[at]) {
        commits_[at].parents.push_back(place[found_.at(parent)]);
      }
      place[at] = static_cast<uint32_t>(sorted.size());
      sorted.push_back(std::move(commits_[at]));
      path.pop_back();
    }
    return sorted;
  }

  Repository& repository_;
  std::unordered_map<std::string, uint32_t> found_;  ///< looked up only, never gone through
  std::vector<GraphCommit> commits_;                 ///< as they were found
  std::vector<std::vector<std::string>> parent_ids_;
};

}  // namespace

Result<CommitGraph> CommitGraph::Read(Repository& repository, const std::string& head) {
  auto commits = Walk{repository}.Run(head);
  if (!commits) return std::unexpected(commits.error());
  CommitGraph graph;
  graph.commits_ = std::move(*commits);
  graph.places_.reserve(graph.commits_.size());
  for (uint32_t i = 0; i < graph.commits_.size(); ++i) graph.places_.emplace(graph.commits_[i].id, i);
  return graph;
}

std::optional<uint32_t> CommitGraph::Find(std::string_view id) const {
  auto found = places_.find(std::string{id});
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<bool> CommitGraph::ReachableFrom(uint32_t from) const {
  std::vector<bool> reached(commits_.size(), false);
  reached[from] = true;
  for (uint32_t i = from + 1; i-- > 0;) {
    if (!reached[i]) continue;
    for (uint32_t parent : commits_[i].parents) reached[parent] = true;
  }
  return reached;
}

std::vector<std::pair<uint32_t, uint64_t>> CommitGraph::ApartBehind(uint32_t merge) const {
  const std::vector<uint32_t>& parents = commits_[merge].parents;
  std::map<uint32_t, uint64_t, std::greater<>> open;
  uint64_t all = 0;
  for (size_t i = 0; i < parents.size(); ++i) {
    const uint64_t bit = uint64_t{1} << std::min(i, kParentBitsMax - 1);
    open[parents[i]] |= bit;
    all |= bit;
  }
  // The newest first, so whatever reaches a commit has been seen before it.
  size_t apart =
      static_cast<size_t>(std::ranges::count_if(open, [&](const auto& e) { return e.second != all; }));
  std::vector<std::pair<uint32_t, uint64_t>> found;
  while (apart > 0) {
    const auto [place, bits] = *open.begin();
    open.erase(open.begin());
    if (bits != all) {
      --apart;
      found.emplace_back(place, bits);
    }
    for (uint32_t parent : commits_[place].parents) {
      auto [entry, is_new] = open.try_emplace(parent, 0);
      const bool was_apart = !is_new && entry->second != all;
      entry->second |= bits;
      const bool is_apart = entry->second != all;
      if (is_apart && !was_apart) ++apart;
      if (!is_apart && was_apart) --apart;
    }
  }
  return found;
}

}  // namespace lockkeeper
