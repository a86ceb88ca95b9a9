#include "reconciler/cycle/manifest_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "schemas/inventory/file_scan.h"

namespace lockkeeper {
namespace {

// Kinds that hold clusters: while nobody can tell what such an object said, none may be bumped.
bool MayGuard(std::string_view text) {
  // What is no text (encrypted by git-crypt, say, or UTF-16) cannot be searched.
  if (text.find('\0') != std::string_view::npos || !Unreadable(text).empty()) return true;
  return text.find("MaintenanceSchedule") != std::string_view::npos ||
         text.find("ClusterLock") != std::string_view::npos;
}

Diagnostic Finding(const std::string& file, Mark mark, Severity severity, std::string code,
                   std::string message) {
  return {file, mark, severity, std::move(code), std::move(message)};
}

}  // namespace

Result<bool> ManifestFiles::Update(const std::vector<TreeChange>& changes, const FleetPaths& paths,
                                   const ReadBlob& read, Fleet& fleet, const JudgeFile& judge) {
  changed_ = false;
  for (const TreeChange& change : changes) {
    Forget(change.file.path);
    if (change.removed && !judge) continue;
    FileRole role = paths.RoleOf(change.file);
    if (role == FileRole::kNone) continue;
    if (judge) {
      auto trust = judge(change.file.path);
      if (!trust) return std::unexpected(trust.error());
      if (trust->state != FileTrust::State::kCounts) {
        if (auto taken = TakeUnsigned(change, role, *trust, read); !taken)
          return std::unexpected(taken.error());
        continue;
      }
    }
    if (change.removed) continue;
    if (auto taken = Take(change.file, role, read); !taken) return std::unexpected(taken.error());
  }
  if (changed_) Settle(fleet);
  return changed_;
}

void ManifestFiles::Forget(const std::string& path) {
  auto found = files_.find(path);
  if (found == files_.end()) return;
  const File& file = found->second;
  ForEachTable([&](auto& table, auto, auto) { table.Forget(path); });
  if (file.has_releases) gone_releases_.insert(path);
  troubled_.erase(path);
  files_.erase(found);
  changed_ = true;
}

Result<void> ManifestFiles::Take(const TreeFile& file, FileRole role, const ReadBlob& read) {
  changed_ = true;
  File& entry = files_[file.path];
  entry.role = role;
  if (!file.regular) {
    TakeUnreadable(file,
                   "it is a symbolic link or a submodule, which is never followed; put the file itself here",
                   entry);
    return {};
  }
  auto text = read(file);
  if (!text) {
    if (text.error().kind != ErrorKind::kInvalid && text.error().kind != ErrorKind::kNotFound) {
      return std::unexpected(text.error());
    }
    TakeUnreadable(file, text.error().message, entry);
    return {};
  }
  if (std::string_view why = Unreadable(*text); !why.empty()) {
    TakeUnreadable(file, why, entry);
    return {};
  }
  DecodedFile decoded = DecodeManifests(file.path, *text);
  if (decoded.unreadable) {
    entry.doubt = MayGuard(*text) ? Doubt::kUnreadableGuard : Doubt::kUnreadable;
    decoded.broken.clear();
  } else if (!std::ranges::all_of(decoded.broken, IsOwnKind, &BrokenObject::kind)) {
    // `kind: MaintenanceSchedul`, or none at all: what is asked of lockkeeper there nobody knows.
    entry.doubt = Doubt::kUnreadableGuard;
  }
  TakeObjects(std::move(decoded), file.path, entry);
  return {};
}

void ManifestFiles::TakeUnreadable(const TreeFile& file, std::string_view why, File& entry) {
  entry.doubt = Doubt::kUnreadableGuard;
  entry.findings.push_back(
      Finding(file.path, {}, Severity::kError, "unreadable",
              fmt::format("the file cannot be read, so its objects are not known: {}", why)));
  troubled_.insert(file.path);
}

void ManifestFiles::TakeObjects(DecodedFile&& decoded, const std::string& path, File& entry) {
  entry.findings = std::move(decoded.diagnostics);
  entry.broken = std::move(decoded.broken);
  auto misplaced = [&](const Origin& origin, std::string_view kind) {
    entry.findings.push_back(Finding(path, origin.mark, Severity::kWarning, "misplaced-object",
                                     fmt::format("only Releases are read from this folder; move this {} to a "
                                                 "folder that spec.manifests of {} names",
                                                 kind, kSettingsFile)));
  };
  for (const FleetSettings& fleet : decoded.fleets) {
    if (path == kSettingsFile) break;
    entry.findings.push_back(
        Finding(path, fleet.origin.mark, Severity::kError, "misplaced-fleet",
                fmt::format("the Fleet stands in {} at the root, and in no other file; this one is not "
                            "used, so remove it",
                            kSettingsFile)));
  }
  ForEachTable([&](auto& table, auto decoded_list, auto) {
    auto& objects = decoded.*decoded_list;
    if (entry.role == FileRole::kReleases) {
      for (const auto& object : objects) misplaced(object.origin, table.kind());
      return;
    }
    for (auto& object : objects) table.Add(std::move(object));
    for (const BrokenObject& object : entry.broken) {
      if (object.kind == table.kind() && !object.name.name.empty())
        table.AddBroken(object.name, object.origin);
    }
  });
  entry.has_releases = !decoded.releases.empty();
  std::ranges::move(decoded.releases, std::back_inserter(fresh_releases_));
  if (!entry.broken.empty() || !entry.findings.empty() || entry.doubt != Doubt::kNone) troubled_.insert(path);
}

void ManifestFiles::Settle(Fleet& fleet) {
  ForEachTable([&](auto& table, auto, auto fleet_list) { table.Settle(fleet.*fleet_list); });
  if (!gone_releases_.empty()) {
    std::erase_if(fleet.releases,
                  [&](const Release& release) { return gone_releases_.contains(release.origin.file); });
    gone_releases_.clear();
  }
  MergeByName(std::move(fresh_releases_), fleet.releases);
  fresh_releases_.clear();
  Tell(fleet);
}

void ManifestFiles::Tell(Fleet& fleet) {
  fleet.broken.clear();
  fleet.unreadable_files.clear();
  fleet.unreadable_guards.clear();
  findings_.clear();
  for (const std::string& path : troubled_) {
    const File& file = files_.at(path);
    fleet.broken.insert(fleet.broken.end(), file.broken.begin(), file.broken.end());
    findings_.insert(findings_.end(), file.findings.begin(), file.findings.end());
    // A release that is not known blocks by itself, so files that can hold nothing else are no reason to hold
    // more.
    if (file.doubt == Doubt::kNone || file.role == FileRole::kReleases) continue;
    fleet.unreadable_files.push_back(path);
    if (file.doubt == Doubt::kUnreadableGuard) fleet.unreadable_guards.push_back(path);
  }
  ForEachTable([&](auto& table, auto, auto) { table.Report(fleet.broken, findings_); });
  TellUnsigned(fleet);
  auto key = [](const BrokenObject& object) {
    return std::tie(object.kind, object.name, object.origin.file, object.origin.document);
  };
  std::ranges::sort(fleet.broken,
                    [&](const BrokenObject& a, const BrokenObject& b) { return key(a) < key(b); });
}

}  // namespace lockkeeper
