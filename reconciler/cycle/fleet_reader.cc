#include "reconciler/cycle/fleet_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "reconciler/core/status/status_file.h"
#include "reconciler/cycle/altered_status.h"
#include "reconciler/cycle/approval_authors.h"
#include "reconciler/cycle/calendar_reader.h"
#include "reconciler/cycle/fleet_paths.h"
#include "reconciler/cycle/manifest_files.h"
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
  explicit Impl(Repository& r) : repository(&r) {}

  Result<void> Advance(const std::string& to);
  Result<bool> FollowSettings(const std::vector<TreeChange>& changes, const std::string& to);
  Result<void> FollowFiles(std::vector<TreeChange> changes, const std::string& to);
  Result<bool> FollowHistory(const std::string& to);
  void Tell();

  Repository* repository;
  std::string commit;  ///< of `state`; empty: nothing is known, and everything has to be read
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
  bool touched = commit.empty() || std::ranges::any_of(changes, [](const TreeChange& change) {
                   return change.file.path == kSettingsFile;
                 });
  if (!touched) return false;
  auto read = ReadSettingsFile(*repository, to);
  if (!read) return std::unexpected(read.error());
  FleetPaths now(read->settings);
  std::vector<InventoryRule> rules = RulesOf(read->settings);
  bool same_files = !commit.empty() && now.SameStatus(paths);
  all_statuses = !same_files;
  all_manifests = !same_files || !now.SameManifests(paths);
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
  auto manifests_changed = manifests.Update(choose(all_manifests), paths, read, state.fleet);
  if (!manifests_changed) return std::unexpected(manifests_changed.error());
  const bool schedules_changed = all_manifests || *manifests_changed;
  if (auto done = calendars.Update(*repository, to, changes, schedules_changed, state.fleet); !done)
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
  auto settings_changed = FollowSettings(*changes, to);
  if (!settings_changed) return std::unexpected(settings_changed.error());
  if (auto followed = FollowFiles(std::move(*changes), to); !followed) return followed;
  if (auto filled = authors.Fill(*repository, to, state.fleet); !filled) return filled;
  auto altered_changed = FollowHistory(to);
  if (!altered_changed) return std::unexpected(altered_changed.error());
  if (*settings_changed || *altered_changed) Tell();
  all_clusters = all_manifests = all_statuses = false;
  commit = to;
  state.fleet.commit = to;
  return {};
}

FleetReader::FleetReader(Repository& repository) : impl_(std::make_unique<Impl>(repository)) {}
FleetReader::FleetReader(FleetReader&&) noexcept = default;
FleetReader& FleetReader::operator=(FleetReader&&) noexcept = default;
FleetReader::~FleetReader() = default;

Result<const FleetState*> FleetReader::Read(const std::string& commit) {
  bool cold = impl_->commit.empty();
  if (!cold && impl_->commit == commit) return &impl_->state;
  auto done = impl_->Advance(commit);
  if (!done) impl_ = std::make_unique<Impl>(*impl_->repository);
  // The commit before may be what is not there any more: after a rewound branch, say.
  if (!done && !cold &&
      (done.error().kind == ErrorKind::kNotFound || done.error().kind == ErrorKind::kInvalid)) {
    done = impl_->Advance(commit);
    if (!done) impl_ = std::make_unique<Impl>(*impl_->repository);
  }
  if (!done) return std::unexpected(done.error());
  return &impl_->state;
}

Result<std::string_view> FleetReader::ReadFile(const std::string& path) {
  if (impl_->commit.empty()) return NotFound(fmt::format("{}: no commit has been read", path));
  auto entry = impl_->repository->FindFile(impl_->commit, path);
  if (!entry) return std::unexpected(entry.error());
  if (!IsRegular(entry->mode)) {
    return Invalid(fmt::format("{}: it is a symbolic link or a submodule, which is never followed", path));
  }
  return impl_->repository->ReadBlob(entry->id);
}

}  // namespace lockkeeper
