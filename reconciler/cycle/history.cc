#include "reconciler/cycle/history.h"

#include <unordered_map>
#include <utility>

namespace lockkeeper {
namespace {

constexpr std::string_view kMark = "Lockkeeper-";

class Walk {
 public:
  explicit Walk(Repository& repository) : repository_(repository) {}

  Result<std::vector<HistoryEntry>> Run(const std::string& head) {
    std::vector<std::string> starts{head};
    while (!starts.empty()) {
      std::string start = std::move(starts.back());
      starts.pop_back();
      auto done = repository_.WalkHistory(start, [&](const CommitRecord& commit) {
        auto [known, is_new] = commits_.try_emplace(commit.id);
        if (!is_new) return false;
        Take(commit, known->second);
        for (size_t i = 1; i < commit.parents.size(); ++i) starts.push_back(commit.parents[i]);
        return true;
      });
      if (!done) return std::unexpected(done.error());
    }
    return Sorted(head);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  struct Commit {
    std::vector<std::string> parents;
    size_t entry = kNone;
    size_t next_parent = 0;
    bool begun = false;
  };

  void Take(const CommitRecord& record, Commit& commit) {
    commit.parents = record.parents;
    if (record.message.find(kMark) == std::string::npos) return;
    commit.entry = entries_.size();
    entries_.push_back({record.id, record.message, record.author_name, record.time});
  }

  /// Depth first with a stack of our own: histories are longer than a thread's stack is deep.
  std::vector<HistoryEntry> Sorted(const std::string& head) {
    std::vector<HistoryEntry> sorted;
    sorted.reserve(entries_.size());
    std::vector<Commit*> path{&commits_[head]};
    path.back()->begun = true;
    while (!path.empty()) {
      Commit& commit = *path.back();
      if (commit.next_parent < commit.parents.size()) {
        // A shallow clone ends where a parent is missing.
        auto parent = commits_.find(commit.parents[commit.next_parent++]);
        if (parent == commits_.end() || std::exchange(parent->second.begun, true)) continue;
        path.push_back(&parent->second);
        continue;
      }
      if (commit.entry != kNone) sorted.push_back(std::move(entries_[commit.entry]));
      path.pop_back();
    }
    return sorted;
  }

  Repository& repository_;
  std::unordered_map<std::string, Commit> commits_;  ///< looked up only, never gone through
  std::vector<HistoryEntry> entries_;
};

}  // namespace

Result<std::vector<HistoryEntry>> ReadHistory(Repository& repository, const std::string& head) {
  return Walk{repository}.Run(head);
}

}  // namespace lockkeeper
