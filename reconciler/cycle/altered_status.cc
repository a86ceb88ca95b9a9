#include "reconciler/cycle/altered_status.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "reconciler/core/status/transition.h"

namespace lockkeeper {
namespace {

bool IsOwn(const CommitRecord& commit) {
  auto record = ParseTrailers(commit.message);
  if (record && *record) return true;
  const std::string trailer = fmt::format("\n{}: ", kRebuiltTrailer);
  return commit.message.find(trailer) != std::string::npos && !commit.message.starts_with("Revert ");
}

}  // namespace

/// People merge, so lockkeeper's commits may be behind any parent; each way back ends at the first of them.
Result<std::set<std::string>> AlteredStatus::NewestOwn(Repository& repository, const std::string& commit) {
  std::set<std::string> own;
  std::set<std::string> seen;
  std::vector<std::string> starts{commit};
  while (!starts.empty()) {
    const std::string start = std::move(starts.back());
    starts.pop_back();
    auto done = repository.WalkHistory(start, [&](const CommitRecord& c) {
      if (!seen.insert(c.id).second) return false;
      if (c.id == known_commit_) {
        own.insert(known_own_.begin(), known_own_.end());
        return false;
      }
      if (IsOwn(c)) {
        own.insert(c.id);
        return false;
      }
      for (size_t i = 1; i < c.parents.size(); ++i) starts.push_back(c.parents[i]);
      return true;
    });
    if (!done) return std::unexpected(done.error());
  }
  return own;
}

Result<std::map<std::string, std::string>> AlteredStatus::Find(Repository& repository,
                                                               const std::string& commit,
                                                               const FleetPaths& paths) {
  std::map<std::string, std::string> altered;
  auto own = NewestOwn(repository, commit);
  if (!own) {
    if (own.error().kind == ErrorKind::kInvalid) return altered;
    return std::unexpected(own.error());
  }
  bool first = true;
  for (const std::string& base : *own) {
    auto differences = repository.Diff(base, commit);
    if (!differences) return std::unexpected(differences.error());
    std::map<std::string, std::string> here;
    for (const TreeDifference& difference : *differences) {
      auto name = paths.StatusName(difference.entry.path);
      if (name) here.emplace(std::string{*name}, base);
    }
    // What one of them left as it is was altered by nobody: an older one is behind a merge.
    if (first) {
      altered = std::move(here);
    } else {
      std::erase_if(altered, [&](const auto& entry) { return !here.contains(entry.first); });
    }
    first = false;
  }
  known_commit_ = commit;
  known_own_ = std::move(*own);
  return altered;
}

}  // namespace lockkeeper
