#include "reconciler/cycle/file_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lockkeeper {
namespace {

std::string EntryText(const TreeDifference& difference) {
  if (difference.removed) return {};
  return fmt::format("{:o} {}", static_cast<uint32_t>(difference.entry.mode), difference.entry.id);
}

}  // namespace

void FileHistory::Forget() { *this = FileHistory(); }

Result<void> FileHistory::Follow(Repository& repository, const std::string& head, const Wants& wants) {
  touched_.clear();
  if (head == head_) {
    jumped_ = false;
    return {};
  }
  const std::string before = std::exchange(head_, "");
  auto fresh = Collect(repository, head);
  if (!fresh) return std::unexpected(fresh.error());
  for (uint32_t place : *fresh) {
    if (auto compared = Compare(repository, place, wants); !compared) return compared;
  }
  for (const std::string& path : touched_) {
    std::ranges::sort(changes_[path], [&](const FileChange& a, const FileChange& b) { return Before(a, b); });
  }
  const uint32_t place = places_.at(head);
  behind_.resize(commits_.size(), false);
  jumped_ = before.empty() || !ReachOn(place, places_.at(before));
  if (jumped_) ReachAnew(place);
  head_ = head;
  return {};
}

/// Takes in the commits that are new, and gives them parents first.
Result<std::vector<uint32_t>> FileHistory::Collect(Repository& repository, const std::string& head) {
  const auto first = static_cast<uint32_t>(commits_.size());
  std::vector<std::vector<std::string>> parents;
  std::vector<std::string> starts{head};
  while (!starts.empty()) {
    const std::string start = std::move(starts.back());
    starts.pop_back();
    if (places_.contains(start)) continue;
    auto walked = repository.WalkHistory(start, [&](const CommitRecord& record) {
      if (!places_.try_emplace(record.id, static_cast<uint32_t>(commits_.size())).second) return false;
      commits_.push_back({.id = record.id});
      parents.push_back(record.parents);
      for (size_t i = 1; i < record.parents.size(); ++i) starts.push_back(record.parents[i]);
      return true;
    });
    if (!walked) {
      return Fail(
          walked.error().kind,
          fmt::format("signatures cannot be verified without the whole history: {}", walked.error().message));
    }
  }
  std::vector<uint32_t> fresh;
  for (uint32_t place = first; place < commits_.size(); ++place) {
    for (const std::string& id : parents[place - first]) commits_[place].parents.push_back(places_.at(id));
    fresh.push_back(place);
  }
  return Sorted(fresh, first);
}

/// Parents before children, and with their generations. A stack of our own: histories are longer than a
/// thread's stack is deep.
std::vector<uint32_t> FileHistory::Sorted(const std::vector<uint32_t>& fresh, uint32_t first) {
  std::vector<uint32_t> sorted;
  std::vector<size_t> next(fresh.size(), 0);
  std::vector<bool> begun(fresh.size(), false);
  std::vector<uint32_t> path;
  for (uint32_t start : fresh) {
    if (begun[start - first]) continue;
    begun[start - first] = true;
    path.push_back(start);
    while (!path.empty()) {
      Commit& commit = commits_[path.back()];
      size_t& at = next[path.back() - first];
      if (at < commit.parents.size()) {
        const uint32_t parent = commit.parents[at++];
        if (parent < first || begun[parent - first]) continue;
        begun[parent - first] = true;
        path.push_back(parent);
        continue;
      }
      for (uint32_t parent : commit.parents)
        commit.generation = std::max(commit.generation, commits_[parent].generation + 1);
      sorted.push_back(path.back());
      path.pop_back();
    }
  }
  return sorted;
}

Result<void> FileHistory::Compare(Repository& repository, uint32_t place, const Wants& wants) {
  const Commit& commit = commits_[place];
  std::map<std::string, FileChange> found;
  // A root differs from nothing.
  const size_t sides = std::max<size_t>(commit.parents.size(), 1);
  for (size_t i = 0; i < sides; ++i) {
    auto differences =
        repository.Diff(commit.parents.empty() ? "" : commits_[commit.parents[i]].id, commit.id);
    if (!differences) return std::unexpected(differences.error());
    for (const TreeDifference& difference : *differences) {
      if (!wants(difference.entry)) continue;
      found.try_emplace(difference.entry.path,
                        FileChange{.commit = place,
                                   .entry = EntryText(difference),
                                   .blob = difference.removed ? "" : difference.entry.id});
    }
  }
  for (auto& [path, change] : found) {
    changes_[path].push_back(std::move(change));
    touched_.insert(path);
  }
  return {};
}

/// Adds what is behind the new head and was not behind the one before, if that one is behind it too.
bool FileHistory::ReachOn(uint32_t head, uint32_t before) {
  std::set<uint32_t> added{head};
  std::vector<uint32_t> open{head};
  if (behind_[head]) return false;  // A step back.
  bool met = false;
  while (!open.empty()) {
    const Commit& commit = commits_[open.back()];
    open.pop_back();
    for (uint32_t parent : commit.parents) {
      met = met || parent == before;
      if (!behind_[parent] && added.insert(parent).second) open.push_back(parent);
    }
  }
  if (!met) return false;
  // Nothing has a larger generation than the head.
  of_generation_.resize(commits_[head].generation + 1, 0);
  for (uint32_t place : added) {
    behind_[place] = true;
    ++of_generation_[commits_[place].generation];
  }
  return true;
}

void FileHistory::ReachAnew(uint32_t head) {
  behind_.assign(commits_.size(), false);
  of_generation_.assign(commits_[head].generation + 1, 0);
  std::vector<uint32_t> open{head};
  behind_[head] = true;
  while (!open.empty()) {
    const Commit& commit = commits_[open.back()];
    open.pop_back();
    ++of_generation_[commit.generation];
    for (uint32_t parent : commit.parents) {
      if (behind_[parent]) continue;
      behind_[parent] = true;
      open.push_back(parent);
    }
  }
}

// Whatever is behind a commit has a smaller generation. The id makes the order the same however the commits
// were come by.
bool FileHistory::Before(const FileChange& a, const FileChange& b) const {
  const Commit& left = commits_[a.commit];
  const Commit& right = commits_[b.commit];
  if (left.generation != right.generation) return left.generation < right.generation;
  return left.id < right.id;
}

std::vector<const FileChange*> FileHistory::ChangesOf(const std::string& path) const {
  std::vector<const FileChange*> changes;
  auto found = changes_.find(path);
  if (found == changes_.end()) return changes;
  for (auto change = found->second.rbegin(); change != found->second.rend(); ++change) {
    if (behind_[change->commit]) changes.push_back(&*change);
  }
  return changes;
}

std::vector<std::string> FileHistory::GonePaths() const {
  std::vector<std::string> paths;
  for (const auto& [path, all] : changes_) {
    auto newest = std::find_if(all.rbegin(), all.rend(),
                               [&](const FileChange& change) { return behind_[change.commit]; });
    if (newest != all.rend() && newest->entry.empty()) paths.push_back(path);
  }
  return paths;
}

std::vector<uint32_t> FileHistory::NotBehind(uint32_t from, const std::vector<uint32_t>& places) const {
  std::set<uint32_t> open;
  uint32_t lowest = commits_[from].generation;
  for (uint32_t place : places) {
    const uint32_t generation = commits_[place].generation;
    if (place == from) continue;
    // From any commit a way leads down through every generation, so one that is alone in its own is behind
    // all later ones.
    if (generation < commits_[from].generation && of_generation_[generation] == 1) continue;
    open.insert(place);
    lowest = std::min(lowest, generation);
  }
  if (open.empty()) return {};
  std::vector<bool> seen(commits_.size(), false);
  std::vector<uint32_t> next{from};
  seen[from] = true;
  while (!next.empty() && !open.empty()) {
    const Commit& commit = commits_[next.back()];
    next.pop_back();
    for (uint32_t parent : commit.parents) {
      if (seen[parent] || commits_[parent].generation < lowest) continue;
      seen[parent] = true;
      open.erase(parent);
      next.push_back(parent);
    }
  }
  return {open.begin(), open.end()};
}

}  // namespace lockkeeper
