#include "reconciler/cycle/altered_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "reconciler/core/status/transition.h"

namespace lockkeeper {
namespace {

/// Of a commit of lockkeeper's, or one that carries a record, the files that it says nothing of.
std::optional<std::vector<std::string>> HeldBy(const CommitRecord& commit) {
  auto record = ParseTrailers(commit.message);
  if (record && *record) return std::move((*record)->held);
  const std::string trailer = fmt::format("\n{}: ", kRebuiltTrailer);
  const bool rebuilds =
      commit.message.find(trailer) != std::string::npos && !commit.message.starts_with("Revert ");
  if (rebuilds) return std::vector<std::string>{};
  return std::nullopt;
}

/// The blob of a file; empty: it is not there.
Result<std::string> BlobAt(Repository& repository, const std::string& commit, const std::string& path) {
  auto entry = repository.FindFile(commit, path);
  if (entry) return entry->id;
  if (entry.error().kind == ErrorKind::kNotFound) return std::string{};
  return std::unexpected(entry.error());
}

}  // namespace

/// People merge, so lockkeeper's commits may be behind any parent; each way back ends at the first of them.
Result<AlteredStatus::OwnCommits> AlteredStatus::NewestOwn(Repository& repository,
                                                           std::vector<std::string> starts) {
  OwnCommits own;
  std::set<std::string> seen;
  while (!starts.empty()) {
    const std::string start = std::move(starts.back());
    starts.pop_back();
    auto done = repository.WalkHistory(start, [&](const CommitRecord& c) {
      if (!seen.insert(c.id).second) return false;
      if (c.id == known_commit_) {
        own.insert(known_own_.begin(), known_own_.end());
        return false;
      }
      if (auto held = HeldBy(c)) {
        own.emplace(c.id, Own{*std::move(held), c.parents});
        return false;
      }
      for (size_t i = 1; i < c.parents.size(); ++i) starts.push_back(c.parents[i]);
      return true;
    });
    if (!done) return std::unexpected(done.error());
  }
  return own;
}

/// Of a file that some of the newest commits say nothing of: older ones know what it was.
Result<bool> AlteredStatus::IsAltered(Repository& repository, const std::string& commit,
                                      const std::string& path, const std::string& name,
                                      const OwnCommits& newest, std::string& base) {
  auto now = BlobAt(repository, commit, path);
  if (!now) return std::unexpected(now.error());
  OwnCommits open = newest;
  std::set<std::string> asked;
  while (!open.empty()) {
    std::vector<std::string> older;
    for (const auto& [id, own] : open) {
      if (!asked.insert(id).second) continue;
      if (std::ranges::find(own.held, name) != own.held.end()) {
        older.insert(older.end(), own.parents.begin(), own.parents.end());
        continue;
      }
      auto then = BlobAt(repository, id, path);
      if (!then) return std::unexpected(then.error());
      if (*then == *now) return false;
      base = id;
    }
    auto next = NewestOwn(repository, std::move(older));
    if (!next) return std::unexpected(next.error());
    open = *std::move(next);
  }
  return !base.empty();
}

Result<std::map<std::string, std::string>> AlteredStatus::Find(Repository& repository,
                                                               const std::string& commit,
                                                               const FleetPaths& paths) {
  std::map<std::string, std::string> altered;
  auto own = NewestOwn(repository, {commit});
  if (!own) {
    if (own.error().kind == ErrorKind::kInvalid) return altered;
    return std::unexpected(own.error());
  }
  bool first = true;
  std::set<std::string> held;
  for (const auto& [base, what] : *own) {
    held.insert(what.held.begin(), what.held.end());
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
  const std::string folder = paths.StatusFolder();
  for (const std::string& name : held) {
    std::string base;
    auto is_altered = IsAltered(repository, commit, folder + name, name, *own, base);
    if (!is_altered) return std::unexpected(is_altered.error());
    altered.erase(name);
    if (*is_altered) altered.emplace(name, base);
  }
  known_commit_ = commit;
  known_own_ = std::move(*own);
  return altered;
}

}  // namespace lockkeeper
