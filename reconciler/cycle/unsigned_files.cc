// What becomes of manifest files that do not count since no allowed signer stands behind them: the rules of
// docs/signatures.md. None of them may open anything.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "reconciler/cycle/manifest_files.h"
#include "schemas/inventory/file_scan.h"

namespace lockkeeper {
namespace {

bool IsGone(const Error& error) {
  return error.kind == ErrorKind::kInvalid || error.kind == ErrorKind::kNotFound;
}

/// What the file holds in words, as far as it matters that it does not count.
std::string EffectOf(const DecodedFile& decoded) {
  std::string effect = "nothing in it counts";
  if (!decoded.upgrades.empty()) effect += ", its upgrades are not carried out";
  if (!decoded.locks.empty()) effect += ", its locks do NOT lock";
  if (!decoded.approvals.empty()) effect += ", its approvals approve nothing";
  if (!decoded.schedules.empty()) effect += ", and the clusters that its schedules select are held";
  return effect;
}

std::string MessageOf(const TreeFile& file, bool removed, const FileTrust& trust,
                      const DecodedFile& decoded) {
  if (file.path == kSettingsFile) {
    return fmt::format(
        "{}; it does not count, so nothing runs: have an allowed signer commit a change of this file, or "
        "take "
        "the change back",
        trust.why);
  }
  if (trust.state == FileTrust::State::kNeverSigned) {
    return fmt::format("{}; {}: have an allowed signer commit a change of this file, or remove it", trust.why,
                       EffectOf(decoded));
  }
  return fmt::format(
      "{}; {}locks that stood in it after {} go on to lock, and the clusters of schedules that did are held: "
      "{}",
      trust.why, removed ? "" : EffectOf(decoded) + "; ", trust.signed_by,
      removed ? "put the file back (git revert), and have an allowed signer remove it, if it is to go"
              : "have an allowed signer commit a change of this file, or take the change back");
}

template <class Object>
BrokenObject StandIn(std::string_view kind, const Object& object, const FileTrust& trust) {
  BrokenObject broken{std::string(kind), object.name, object.origin, trust.why, {}};
  if constexpr (requires { object.match; }) {
    broken.match = object.match;
    broken.match_read = true;
  }
  return broken;
}

}  // namespace

Result<void> ManifestFiles::TakeUnsigned(const TreeChange& change, FileRole role, const FileTrust& trust,
                                         const ReadBlob& read) {
  const bool altered = trust.state == FileTrust::State::kAltered;
  // What never counted and is gone is gone.
  if (change.removed && !altered) return {};
  changed_ = true;
  const std::string& path = change.file.path;
  File& entry = files_[path];
  entry.role = role;
  troubled_.insert(path);
  DecodedFile decoded;
  if (!change.removed && change.file.regular) {
    auto text = read(change.file);
    if (!text && !IsGone(text.error())) return std::unexpected(text.error());
    if (text && Unreadable(*text).empty()) decoded = DecodeManifests(path, *text);
  }
  entry.findings.push_back(
      {path, {}, Severity::kError, "unsigned", MessageOf(change.file, change.removed, trust, decoded)});
  TakeUnsignedObjects(std::move(decoded), trust, entry);
  return altered ? TakeSignedForm(path, trust, read, entry) : Result<void>{};
}

/// What an allowed signer said before somebody else changed the file: as much of it as holds clusters.
Result<void> ManifestFiles::TakeSignedForm(const std::string& path, const FileTrust& trust,
                                           const ReadBlob& read, File& entry) {
  entry.doubt = Doubt::kUnreadableGuard;
  if (trust.signed_blob.empty()) return {};
  auto text = read({.path = path, .blob = trust.signed_blob, .regular = true});
  if (!text && !IsGone(text.error())) return std::unexpected(text.error());
  if (!text || !Unreadable(*text).empty()) return {};
  DecodedFile decoded = DecodeManifests(path, *text);
  const bool known = std::ranges::all_of(decoded.broken, IsOwnKind, &BrokenObject::kind);
  if (decoded.unreadable || !known) return {};
  // Nothing of it is taken for removed.
  entry.doubt = Doubt::kUnreadable;
  if (entry.role == FileRole::kManifests) {
    for (ClusterLock& lock : decoded.locks) locks_.Add(std::move(lock));
    for (BrokenObject& object : decoded.broken) {
      if (object.kind == locks_.kind()) entry.broken.push_back(object);
    }
  }
  TakeUnsignedObjects(std::move(decoded), trust, entry);
  return {};
}

void ManifestFiles::TakeUnsignedObjects(DecodedFile&& decoded, const FileTrust& trust, File& entry) {
  std::vector<BrokenObject>& out = entry.unsigned_objects;
  for (const Release& release : decoded.releases)
    out.push_back({"Release", {.name = release.name}, release.origin, trust.why, {}});
  if (entry.role == FileRole::kReleases) return;
  ForEachTable([&](auto& table, auto decoded_list, auto) {
    if (table.kind() == locks_.kind()) return;
    for (const auto& object : decoded.*decoded_list) out.push_back(StandIn(table.kind(), object, trust));
  });
  for (BrokenObject& object : decoded.broken) {
    if (object.kind == locks_.kind() || object.name.name.empty() || !IsOwnKind(object.kind)) continue;
    object.message = trust.why;
    out.push_back(std::move(object));
  }
}

/// A stand-in holds what refers to it by name, but where a signed object has that name. Schedules hold what
/// they select in any case.
void ManifestFiles::TellUnsigned(Fleet& fleet) const {
  std::set<std::pair<std::string, ObjectName>> taken;
  for (const BrokenObject& object : fleet.broken) taken.emplace(object.kind, object.name);
  auto is_there = [](const auto& list, const ObjectName& name) {
    return std::ranges::any_of(list, [&](const auto& object) { return object.name == name; });
  };
  for (const std::string& path : troubled_) {
    for (const BrokenObject& object : files_.at(path).unsigned_objects) {
      bool stands =
          object.kind == "Release" && std::ranges::any_of(fleet.releases, [&](const Release& release) {
            return release.name == object.name.name;
          });
      stands = stands || (object.kind == upgrades_.kind() && is_there(fleet.upgrades, object.name));
      stands = stands || (object.kind == plans_.kind() && is_there(fleet.plans, object.name));
      stands = stands || (object.kind == policies_.kind() && is_there(fleet.policies, object.name));
      stands = stands || (object.kind == approvals_.kind() && is_there(fleet.approvals, object.name));
      stands = stands || (object.kind == tasks_.kind() && is_there(fleet.tasks, object.name));
      const bool repeated = !taken.emplace(object.kind, object.name).second;
      if (object.kind != schedules_.kind() && (stands || repeated)) continue;
      fleet.broken.push_back(object);
    }
  }
}

}  // namespace lockkeeper
