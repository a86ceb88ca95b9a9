#include "reconciler/cycle/lock_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reconciler/core/match/matcher_text.h"
#include "reconciler/core/render/manifest_text.h"
#include "reconciler/cycle/lock_coverage.h"
#include "reconciler/cycle/manifest_folder.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

std::string DefaultName(const std::vector<Matcher>& matchers) {
  if (matchers.empty()) return "all";
  std::string words;
  for (const Matcher& matcher : matchers) {
    if (!words.empty()) words += '-';
    const bool is_cluster = matcher.key == "cluster" || matcher.key == "cluster_id";
    if (!is_cluster || !matcher.is_equal || matcher.is_regex || matchers.size() > 1)
      words += matcher.key + (matcher.is_equal ? "-" : "-not-");
    words += matcher.value;
    // So that another hash comes of it; as words it gives no name of its own.
    if (matcher.is_regex) words += '~';
  }
  return NameFromWords(words);
}

std::string LockMessage(const ClusterLock& lock) {
  std::string text = fmt::format("Lock {} until {}\n\nReason: {}\n", lock.name.name,
                                 FormatInstant(lock.expires_at), lock.reason);
  text += fmt::format("Covers: {}\n",
                      lock.match.matchers.empty() ? "every cluster" : FormatMatchers(lock.match.matchers));
  return text;
}

/// A file that holds this one lock and nothing else.
bool IsFileOf(const ObjectName& name, const std::string& path, std::string_view text) {
  const DecodedFile file = DecodeManifests(path, text);
  return file.locks.size() == 1 && file.locks[0].name == name && file.broken.empty() &&
         file.locks[0].origin.document == 0 && !text.contains("\n---");
}

std::unexpected<Error> NameIsTaken(const LockCoverage& other) {
  const std::string until =
      other.lock == nullptr ? "has errors" : "holds until " + FormatInstant(other.lock->expires_at);
  return Invalid(
      fmt::format("{}:{}: a lock {} stands here and {}; 'lockkeeper unlock {}' takes it away, or give the "
                  "new one another "
                  "--name",
                  other.origin.file, other.origin.mark.line, other.name.name, until, other.name.name));
}

/// Whether another lock of this name is in the way; one that has expired is not, if its file is this one's.
Result<void> CheckName(const Fleet& fleet, const ClusterLock& lock, const std::string& path,
                       std::string_view stands, Instant now) {
  for (const LockCoverage& other : CoverageOfLocks(fleet)) {
    if (other.name != lock.name) continue;
    const bool expired = other.lock != nullptr && other.lock->expires_at <= now;
    if (!expired || other.origin.file != path || !IsFileOf(lock.name, path, stands))
      return NameIsTaken(other);
    return {};
  }
  if (stands.empty()) return {};
  return Invalid(
      fmt::format("{}: this file is there and holds something else; give the lock another --name", path));
}

}  // namespace

Result<LockChange> DecideLock(const FleetState& state, FleetReader& reader, const LockRequest& request) {
  ClusterLock lock = request.lock;
  if (lock.name.name.empty()) lock.name.name = DefaultName(lock.match.matchers);
  auto path = NewManifestPath(*state.fleet.settings, "locks", lock.name.name);
  if (!path) return std::unexpected(std::move(path.error()));
  lock.origin.file = *path;

  LockChange change{.changes = {}, .name = lock.name, .path = *path, .clusters = {}};
  const std::string content = LockManifest(lock);
  // What is written must be what was meant, by the reader that will judge it.
  const DecodedFile decoded = DecodeManifests(*path, content);
  auto wrong = std::ranges::find(decoded.diagnostics, Severity::kError, &Diagnostic::severity);
  if (wrong != decoded.diagnostics.end()) return Invalid(wrong->message);
  auto clusters = SelectedClusters(state.fleet, lock.match, lock.origin);
  if (!clusters) return Invalid("the matchers cannot be understood");
  change.clusters.assign(clusters->begin(), clusters->end());

  auto stands = reader.ReadFile(*path);
  if (!stands && stands.error().kind != ErrorKind::kNotFound && stands.error().kind != ErrorKind::kInvalid)
    return std::unexpected(stands.error());
  if (stands && *stands == content) return change;
  const bool unreadable = !stands && stands.error().kind == ErrorKind::kInvalid;
  const std::string there = stands ? std::string{*stands} : unreadable ? "?" : "";
  if (auto free = CheckName(state.fleet, lock, *path, there, request.now); !free)
    return std::unexpected(std::move(free.error()));
  change.changes.writes.push_back({.path = *path, .content = content, .remove = false});
  change.changes.message = LockMessage(lock);
  return change;
}

}  // namespace lockkeeper
