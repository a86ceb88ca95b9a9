#include "bench/fleet_inventory.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <vector>

#include "schemas/inventory/inventory.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

constexpr const char* kSettings = "lockkeeper.yaml";

std::vector<TreeChange> Changes(const std::vector<TreeDifference>& differences) {
  std::vector<TreeChange> changes;
  changes.reserve(differences.size());
  for (const TreeDifference& difference : differences) {
    const FileMode mode = difference.entry.mode;
    const bool regular = mode == FileMode::kRegular || mode == FileMode::kExecutable;
    changes.push_back({{difference.entry.path, difference.entry.id, regular}, difference.removed});
  }
  return changes;
}

/// A fleet with what it keeps between commits.
class FollowedFleet {
 public:
  static Result<FollowedFleet> Start(Repository& repository, const std::string& commit) {
    auto settings = ReadSettings(repository, commit);
    if (!settings) return std::unexpected(settings.error());
    std::vector<InventoryRule> rules;
    for (const InventoryRule& rule : settings->inventory) {
      auto resolved = ResolveProfile(rule);
      if (!resolved) return std::unexpected(resolved.error());
      rules.push_back(*std::move(resolved));
    }
    FollowedFleet fleet(repository, *std::move(settings), std::move(rules));
    if (auto done = fleet.Follow("", commit); !done) return std::unexpected(done.error());
    return fleet;
  }

  Result<void> Follow(const std::string& from, const std::string& to) {
    auto differences = repository_->Diff(from, to);
    if (!differences) return std::unexpected(differences.error());
    for (const TreeDifference& difference : *differences) {
      if (difference.removed || !IsManifest(difference.entry.path)) continue;
      auto text = repository_->ReadBlob(difference.entry.id);
      if (!text) return std::unexpected(text.error());
      DecodedFile decoded = DecodeManifests(difference.entry.path, *text);
      objects_ += decoded.upgrades.size() + decoded.schedules.size() + decoded.releases.size();
      if (!decoded.broken.empty()) return Invalid(decoded.broken.front().message);
    }
    return inventory_.Update(Changes(*differences),
                             [&](const TreeFile& file) { return repository_->ReadBlob(file.blob); });
  }

  std::string str() const {
    return fmt::format("{} clusters, {} objects, {} findings", inventory_.clusters().size(), objects_,
                       inventory_.diagnostics().size());
  }

 private:
  FollowedFleet(Repository& repository, FleetSettings settings, std::vector<InventoryRule> rules)
      : repository_(&repository), settings_(std::move(settings)), inventory_(std::move(rules)) {}

  static Result<FleetSettings> ReadSettings(Repository& repository, const std::string& commit) {
    auto entry = repository.FindFile(commit, kSettings);
    if (!entry) return std::unexpected(entry.error());
    auto text = repository.ReadBlob(entry->id);
    if (!text) return std::unexpected(text.error());
    DecodedFile decoded = DecodeManifests(kSettings, *text);
    if (decoded.fleets.size() != 1) {
      return Invalid(decoded.diagnostics.empty() ? "lockkeeper.yaml holds no Fleet"
                                                 : FormatDiagnostic(decoded.diagnostics.front()));
    }
    return std::move(decoded.fleets.front());
  }

  bool IsManifest(const std::string& path) const {
    for (const auto* folders : {&settings_.manifests, &settings_.releases}) {
      for (const std::string& folder : *folders) {
        if (GlobMatch(folder, path)) return true;
      }
    }
    return false;
  }

  Repository* repository_;
  FleetSettings settings_;
  Inventory inventory_;
  size_t objects_ = 0;
};

}  // namespace

Result<std::string> ReadFleet(Repository& repository, const std::string& head) {
  auto fleet = FollowedFleet::Start(repository, head);
  if (!fleet) return std::unexpected(fleet.error());
  return fleet->str();
}

Result<std::string> FollowFleet(Repository& repository, const std::string& from, const std::string& to) {
  auto fleet = FollowedFleet::Start(repository, from);
  if (!fleet) return std::unexpected(fleet.error());
  auto begin = std::chrono::steady_clock::now();
  if (auto done = fleet->Follow(from, to); !done) return std::unexpected(done.error());
  std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  return fmt::format("{}\nmilliseconds {:.3f}", fleet->str(), spent.count());
}

}  // namespace lockkeeper
