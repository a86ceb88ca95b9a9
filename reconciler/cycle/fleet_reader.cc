#include "reconciler/cycle/fleet_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "reconciler/core/status/status_file.h"
#include "reconciler/cycle/altered_status.h"
#include "reconciler/cycle/approval_authors.h"
#include "reconciler/cycle/calendar_reader.h"
#include "reconciler/cycle/fleet_paths.h"
#include "reconciler/cycle/manifest_files.h"
#include "reconciler/cycle/manifest_trust.h"
#include "reconciler/cycle/settings_file.h"
#include "reconciler/cycle/status_files.h"
#include "reconciler/cycle/task_files.h"
#include "schemas/inventory/inventory.h"

namespace lockkeeper {
namespace {

bool IsRegular(FileMode mode) { return mode == FileMode::kRegular || mode == FileMode::kExecutable; }

Result<std::vector<TreeChange>> ReadChanges(Repository& repository, const std::string& from,
                                            const std::string& to) {
  auto differences = repository.Diff(from, to);
  if (!differences) return std::unexpected(differences.error());
  std::vector<TreeChange> changes;
  changes.reserve(differences->size());
  for (TreeDifference& difference : *differences) {
    TreeEntry& entry = difference.entry;
    changes.push_back(
        {{std::move(entry.path), std::move(entry.id), IsRegular(entry.mode)}, difference.removed});
  }
  return changes;
}

std::vector<InventoryRule> RulesOf(const std::optional<FleetSettings>& settings) {
  return settings ? settings->inventory : std::vector<InventoryRule>{};
}

}  // namespace

struct FleetReader::Impl {
  Impl(Repository& r, const AllowedSigners& signers) : repository(&r), allowed(signers) {
    if (signers.any()) trust.emplace(signers);
  }

  Result<void> Advance(const std::string& to);
  Result<void> FollowTrust(const std::string& to, std::vector<TreeChange>& changes);
  Result<bool> SettingsCount();
  Result<bool> FollowManifests(const std::vector<TreeChange>& changes, const ReadBlob& read, bool all);
  JudgeFile Judge();
  Result<bool> FollowSettings(const std::vector<TreeChange>& changes, const std::string& to);
  Result<void> FollowFiles(std::vector<TreeChange> changes, const std::string& to);
  Result<bool> FollowHistory(const std::string& to);
  void Tell();

  Repository* repository;
  AllowedSigners allowed;
  std::optional<ManifestTrust> trust;  ///< where signatures count
  std::string commit;                  ///< of `state`; empty: nothing is known, and everything has to be read
  SettingsFile settings;
  FleetPaths paths{std::nullopt};
  Inventory inventory{std::vector<InventoryRule>{}};
  ManifestFiles manifests;
  CalendarReader calendars;
  StatusFiles statuses;
  TaskFiles tasks;
  AlteredStatus history;
  ApprovalAuthors authors;
  std::map<std::string, std::string> altered;  ///< status files -> the commit of ours that they differ from
  FleetState state;

  // What has to be found again from the whole tree.
  bool all_clusters = true;
  bool all_manifests = true;
  bool all_statuses = true;
};

/// True where the settings are not the ones that were known.
Result<bool> FleetReader::Impl::FollowSettings(const std::vector<TreeChange>& changes,
                                               const std::string& to) {
  const bool judged_anew = trust && trust->history().has_jumped();
  bool touched = commit.empty() || judged_anew || std::ranges::any_of(changes, [](const TreeChange& change) {
                   return change.file.path == kSettingsFile;
                 });
  if (!touched) return false;
  auto read = ReadSettingsFile(*repository, to);
  if (!read) return std::unexpected(read.error());
  auto count = SettingsCount();
  if (!count) return std::unexpected(count.error());
  // Whoever reads the file as one of manifests tells why.
  if (!*count) *read = SettingsFile{};
  FleetPaths now(read->settings);
  std::vector<InventoryRule> rules = RulesOf(read->settings);
  bool same_files = !commit.empty() && now.SameStatus(paths);
  all_statuses = !same_files;
  all_manifests = !same_files || judged_anew || !now.SameManifests(paths);
  all_clusters = !same_files || !SameRules(rules, RulesOf(settings.settings));
  if (all_statuses) {
    statuses = {};
    state.book.clear();
    tasks = {};
    state.tasks = {};
  }
  if (all_manifests) {
    manifests = {};
    state.fleet = {};
  }
  if (all_clusters) {
    inventory = Inventory(std::move(rules));
  } else {
    inventory.MoveRules(std::move(rules));
  }
  settings = std::move(*read);
  paths = std::move(now);
  return true;
}

Result<void> FleetReader::Impl::FollowFiles(std::vector<TreeChange> changes, const std::string& to) {
  std::vector<TreeChange> tree;
  if (!commit.empty() && (all_clusters || all_manifests || all_statuses)) {
    auto everything = ReadChanges(*repository, "", to);
    if (!everything) return std::unexpected(everything.error());
    tree = std::move(*everything);
  }
  auto choose = [&](bool all) -> std::vector<TreeChange>& { return all && !commit.empty() ? tree : changes; };
  ReadBlob read = [&](const TreeFile& file) { return repository->ReadBlob(file.blob); };
  auto manifests_changed = FollowManifests(choose(all_manifests), read, all_manifests);
  if (!manifests_changed) return std::unexpected(manifests_changed.error());
  const bool schedules_changed = all_manifests || *manifests_changed;
  if (auto done = calendars.Update(*repository, to, changes, schedules_changed, state.fleet, Judge()); !done)
    return done;
  auto statuses_changed = statuses.Update(choose(all_statuses), paths, read, state.book);
  if (!statuses_changed) return std::unexpected(statuses_changed.error());
  auto tasks_changed = tasks.Update(choose(all_statuses), paths, read, state.tasks.book);
  if (!tasks_changed) return std::unexpected(tasks_changed.error());
  std::vector<TreeChange>& files = choose(all_clusters);
  std::erase_if(files, [&](const TreeChange& change) { return paths.IsStatus(change.file.path); });
  if (all_clusters || !files.empty()) {
    if (auto updated = inventory.Update(files, read); !updated) return std::unexpected(updated.error());
  }
  if (all_clusters || *manifests_changed || *statuses_changed || *tasks_changed || !files.empty()) Tell();
  return {};
}

JudgeFile FleetReader::Impl::Judge() {
  if (!trust) return {};
  return [this](const std::string& path) { return trust->Judge(*repository, path); };
}

/// Adds to the changes the files of which others count now though they are as they were.
Result<void> FleetReader::Impl::FollowTrust(const std::string& to, std::vector<TreeChange>& changes) {
  std::optional<FleetPaths> now;
  bool touched = commit.empty();
  for (const TreeChange& change : changes) touched = touched || change.file.path == kSettingsFile;
  if (touched) {
    // Whether they count or not: it only says of which files the changes are kept.
    auto read = ReadSettingsFile(*repository, to);
    if (!read) return std::unexpected(read.error());
    now = FleetPaths(read->settings);
  }
  if (auto followed = trust->Follow(*repository, to, now); !followed) return followed;
  if (trust->history().has_jumped()) return {};
  std::set<std::string> others = trust->history().touched();
  for (const TreeChange& change : changes) others.erase(change.file.path);
  for (const std::string& path : others) {
    auto entry = repository->FindFile(to, path);
    if (!entry && entry.error().kind != ErrorKind::kNotFound) return std::unexpected(entry.error());
    changes.push_back({{path, entry ? entry->id : "", !entry || IsRegular(entry->mode)}, !entry});
  }
  return {};
}

Result<bool> FleetReader::Impl::SettingsCount() {
  if (!trust || trust->history().ChangesOf(std::string(kSettingsFile)).empty()) return true;
  auto judged = trust->Judge(*repository, std::string(kSettingsFile));
  if (!judged) return std::unexpected(judged.error());
  return judged->state == FileTrust::State::kCounts;
}

Result<bool> FleetReader::Impl::FollowManifests(const std::vector<TreeChange>& changes, const ReadBlob& read,
                                                bool all) {
  if (!trust) return manifests.Update(changes, paths, read, state.fleet);
  std::vector<TreeChange> wanted;
  for (const TreeChange& change : changes) {
    if (trust->Wants(change.file.path)) wanted.push_back(change);
  }
  if (all) {
    for (std::string& path : trust->history().GonePaths())
      wanted.push_back({{std::move(path), "", true}, true});
  }
  return manifests.Update(wanted, paths, read, state.fleet, Judge());
}

Result<bool> FleetReader::Impl::FollowHistory(const std::string& to) {
  if (!settings.settings) return false;
  auto found = history.Find(*repository, to, paths);
  if (!found) return std::unexpected(found.error());
  if (*found == altered) return false;
  altered = std::move(*found);
  return true;
}

void FleetReader::Impl::Tell() {
  Fleet& fleet = state.fleet;
  fleet.settings = settings.settings;
  fleet.clusters = inventory.clusters();
  fleet.inventory_incomplete = !settings.settings || !inventory.complete();
  fleet.diagnostics = settings.findings;
  for (const Diagnostics* found :
       {&manifests.findings(), &statuses.findings(), &tasks.findings(), &inventory.diagnostics()}) {
    fleet.diagnostics.insert(fleet.diagnostics.end(), found->begin(), found->end());
  }
  SortDiagnostics(fleet.diagnostics);
  state.broken_status = statuses.broken();
  state.tasks.broken = tasks.broken();
  state.altered_files.clear();
  for (const auto& [name, base] : altered) {
    state.altered_files.push_back(name);
    const std::string why = fmt::format(
        "its file is not as lockkeeper left it in commit {}; a `git revert` does that", base.substr(0, 12));
    if (IsTaskFile(name)) state.tasks.broken.try_emplace(name, why);
    if (auto upgrade = UpgradeOfStatusFile(name)) state.broken_status.try_emplace(*upgrade, why);
  }
  if (statuses.unnamed().empty()) return;
  for (const ClusterUpgrade& upgrade : fleet.upgrades) {
    auto found = statuses.unnamed().find(StatusFilePath(upgrade.name));
    if (found != statuses.unnamed().end()) state.broken_status.try_emplace(upgrade.name, found->second);
  }
}

Result<void> FleetReader::Impl::Advance(const std::string& to) {
  auto changes = ReadChanges(*repository, commit, to);
  if (!changes) return std::unexpected(changes.error());
  if (trust) {
    if (auto followed = FollowTrust(to, *changes); !followed) return followed;
  }
  auto settings_changed = FollowSettings(*changes, to);
  if (!settings_changed) return std::unexpected(settings_changed.error());
  if (auto followed = FollowFiles(std::move(*changes), to); !followed) return followed;
  ApprovalAuthors::NameOf name_of;
  if (trust) name_of = [&](const CommitRecord& by) { return trust->SignerOf(*repository, by); };
  if (auto filled = authors.Fill(*repository, to, state.fleet, name_of); !filled) return filled;
  auto altered_changed = FollowHistory(to);
  if (!altered_changed) return std::unexpected(altered_changed.error());
  if (*settings_changed || *altered_changed) Tell();
  all_clusters = all_manifests = all_statuses = false;
  commit = to;
  state.fleet.commit = to;
  return {};
}

FleetReader::FleetReader(Repository& repository, AllowedSigners allowed)
    : impl_(std::make_unique<Impl>(repository, allowed)) {}
FleetReader::FleetReader(FleetReader&&) noexcept = default;
FleetReader& FleetReader::operator=(FleetReader&&) noexcept = default;
FleetReader::~FleetReader() = default;

Result<const FleetState*> FleetReader::Read(const std::string& commit) {
  auto begin_anew = [&] { impl_ = std::make_unique<Impl>(*impl_->repository, impl_->allowed); };
  if (impl_->trust) {
    auto others = impl_->trust->Refresh();
    if (!others) return std::unexpected(others.error());
    if (*others && !impl_->commit.empty()) {
      begin_anew();
      if (auto again = impl_->trust->Refresh(); !again) return std::unexpected(again.error());
    }
  }
  bool cold = impl_->commit.empty();
  if (!cold && impl_->commit == commit) return &impl_->state;
  auto done = impl_->Advance(commit);
  if (!done) begin_anew();
  // The commit before may be what is not there any more: after a rewound branch, say.
  if (!done && !cold &&
      (done.error().kind == ErrorKind::kNotFound || done.error().kind == ErrorKind::kInvalid)) {
    if (impl_->trust) {
      if (auto again = impl_->trust->Refresh(); !again) return std::unexpected(again.error());
    }
    done = impl_->Advance(commit);
    if (!done) begin_anew();
  }
  if (!done) return std::unexpected(done.error());
  return &impl_->state;
}

Result<std::string_view> FleetReader::ReadFile(const std::string& path) {
  if (impl_->commit.empty()) return NotFound(fmt::format("{}: no commit has been read", path));
  std::string why;
  if (impl_->trust && impl_->paths.RoleOf({path, "", true}) != FileRole::kNone) {
    auto trust = impl_->trust->Judge(*impl_->repository, path);
    if (!trust) return std::unexpected(trust.error());
    if (trust->state != FileTrust::State::kCounts) why = trust->why;
  }
  auto entry = impl_->repository->FindFile(impl_->commit, path);
  if (!entry && entry.error().kind == ErrorKind::kNotFound && !why.empty())
    return NotFound(fmt::format("{}: no such file: it was {}; put it back first", path, why));
  if (!entry) return std::unexpected(entry.error());
  if (!why.empty()) {
    return Invalid(
        fmt::format("{}: it was {}; have an allowed signer commit a change of it first", path, why));
  }
  if (!IsRegular(entry->mode)) {
    return Invalid(fmt::format("{}: it is a symbolic link or a submodule, which is never followed", path));
  }
  return impl_->repository->ReadBlob(entry->id);
}

}  // namespace lockkeeper
