#include "reconciler/cycle/approval_authors.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace lockkeeper {
namespace {

std::string AuthorOf(const CommitRecord& commit) {
  return fmt::format("{} <{}>", commit.author_name, commit.author_email);
}

Result<bool> HasEntry(Repository& repository, const std::string& commit, const TreeEntry& wanted) {
  auto entry = repository.FindFile(commit, wanted.path);
  if (entry) return entry->id == wanted.id && entry->mode == wanted.mode;
  if (entry.error().kind == ErrorKind::kNotFound) return false;
  return std::unexpected(entry.error());
}

bool IsThere(const Fleet& fleet, const ObjectName& upgrade) {
  return std::ranges::binary_search(fleet.upgrades, upgrade, {}, &ClusterUpgrade::name);
}

}  // namespace

Result<ApprovalAuthors::Trails> ApprovalAuthors::Begin(Repository& repository, const std::string& commit,
                                                       const Fleet& fleet) const {
  std::set<std::string> paths;
  for (const UpgradeApproval& approval : fleet.approvals) {
    if (IsThere(fleet, approval.upgrade.value)) paths.insert(approval.origin.file);
  }
  Trails trails;
  for (const std::string& path : paths) {
    auto entry = repository.FindFile(commit, path);
    if (!entry) return std::unexpected(entry.error());
    entry->path = path;
    trails.emplace(path, std::move(*entry));
  }
  return trails;
}

/// `last` has the file as it is, and its first parent does not.
Result<void> ApprovalAuthors::Leave(Repository& repository, const CommitRecord& last, TreeEntry entry) {
  for (size_t i = 1; i < last.parents.size(); ++i) {
    auto has = HasEntry(repository, last.parents[i], entry);
    if (!has) return std::unexpected(has.error());
    if (!*has) continue;
    std::string path = entry.path;
    waiting_[last.parents[i]].emplace(std::move(path), std::move(entry));
    return {};
  }
  return Found(last, entry.path);
}

Result<void> ApprovalAuthors::Found(const CommitRecord& commit, const std::string& path) {
  auto name = name_of_ ? name_of_(commit) : AuthorOf(commit);
  if (!name) return std::unexpected(name.error());
  found_[path] = std::move(*name);
  return {};
}

/// From `last`, which has all of `trails`, to its first parent; leaves in `trails` what is the same there.
Result<void> ApprovalAuthors::Step(Repository& repository, const CommitRecord& last,
                                   const std::string& parent, Trails& trails) {
  // One comparison for all files: it costs what differs, and commits change little.
  auto differences = repository.Diff(parent, last.id);
  if (!differences) return std::unexpected(differences.error());
  for (const TreeDifference& difference : *differences) {
    auto trail = trails.extract(difference.entry.path);
    if (trail.empty()) continue;
    if (auto left = Leave(repository, last, std::move(trail.mapped())); !left) return left;
  }
  return {};
}

/// Goes back from `start`, which has all of `trails`, over first parents as long as one of them is as it was.
Result<void> ApprovalAuthors::Follow(Repository& repository, const std::string& start, Trails trails) {
  Result<void> stepped;
  CommitRecord last;
  auto visit = [&](const CommitRecord& commit) {
    if (commit.id != start) {
      stepped = Step(repository, last, commit.id, trails);
      if (!stepped) return false;
    }
    if (auto known = known_.find(commit.id); known != known_.end()) {
      for (const auto& [path, author] : *known->second) {
        if (trails.erase(path) > 0) found_[path] = author;
      }
    }
    last = commit;
    return !trails.empty();
  };
  auto walked = repository.WalkHistory(start, visit);
  if (!stepped) return stepped;
  if (!walked) {
    // No history, or one that ends here: nobody knows who is behind what is left.
    if (walked.error().kind == ErrorKind::kInvalid) return {};
    return walked;
  }
  // The root made what is still there.
  for (const auto& [path, entry] : trails) {
    if (auto found = Found(last, path); !found) return found;
  }
  return {};
}

Result<void> ApprovalAuthors::Fill(Repository& repository, const std::string& commit, Fleet& fleet,
                                   const NameOf& name_of) {
  name_of_ = name_of;
  found_.clear();
  waiting_.clear();
  auto trails = Begin(repository, commit, fleet);
  if (!trails) return std::unexpected(trails.error());
  if (!trails->empty()) waiting_.emplace(commit, std::move(*trails));
  while (!waiting_.empty()) {
    auto next = waiting_.extract(waiting_.begin());
    if (auto followed = Follow(repository, next.key(), std::move(next.mapped())); !followed) return followed;
  }
  for (UpgradeApproval& approval : fleet.approvals) {
    auto found = found_.find(approval.origin.file);
    bool asked = found != found_.end() && IsThere(fleet, approval.upgrade.value);
    approval.author = asked ? found->second : std::string{};
  }
  name_of_ = {};
  Remember(commit);
  return {};
}

void ApprovalAuthors::Remember(const std::string& commit) {
  // Most commits change no approval, so they share one map.
  auto before = known_commits_.empty() ? known_.end() : known_.find(known_commits_.back());
  bool same = before != known_.end() && *before->second == found_;
  auto authors = same ? before->second : std::make_shared<const Authors>(std::move(found_));
  if (!known_.insert_or_assign(commit, std::move(authors)).second) return;
  known_commits_.push_back(commit);
  if (known_commits_.size() <= kKnownMax) return;
  known_.erase(known_commits_.front());
  known_commits_.pop_front();
}

}  // namespace lockkeeper
