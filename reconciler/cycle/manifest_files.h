#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/cycle/fleet_paths.h"
#include "reconciler/cycle/manifest_trust.h"
#include "reconciler/cycle/object_table.h"
#include "schemas/inventory/inventory.h"
#include "schemas/kinds/fleet.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {

/// The objects in the manifest and release folders, kept between commits: only files that changed are
/// decoded.
class ManifestFiles {
 public:
  /// Takes in files that are new, changed or gone, each path once, and brings the fleet's objects up to date:
  /// all kinds, broken ones and unreadable files. The fleet is the same one at every
  /// call, and nobody else changes these lists, but for the authors of approvals. Of a blob that can never be
  /// had (kInvalid, kNotFound) the file is unreadable; any other error ends the call, and then this object
  /// and the fleet are of no use any more. True where anything changed. With `judge` only files that it lets
  /// count do; of those that were removed it is asked too, since a signed one goes on to count for as much as
  /// keeps clusters held (docs/signatures.md).
  Result<bool> Update(const std::vector<TreeChange>& changes, const FleetPaths& paths, const ReadBlob& read,
                      Fleet& fleet, const JudgeFile& judge = {});

  /// All of decoding, and names that stand twice. In no order.
  const Diagnostics& findings() const { return findings_; }

 private:
  enum class Doubt : uint8_t {
    kNone,
    kUnreadable,
    kUnreadableGuard,  ///< a schedule or a lock may stand in it
  };
  /// What has to be taken back when the file changes, and what it tells.
  struct File {
    FileRole role = FileRole::kNone;
    Doubt doubt = Doubt::kNone;
    bool has_releases = false;
    std::vector<BrokenObject> broken;
    /// They hold what refers to them or is governed by them, and their names stay free for signed ones.
    std::vector<BrokenObject> unsigned_objects;
    Diagnostics findings;
  };

  /// Calls `visit` with every table, and with the lists of a file and of a fleet that it stands for.
  template <class Visit>
  void ForEachTable(Visit visit) {
    visit(upgrades_, &DecodedFile::upgrades, &Fleet::upgrades);
    visit(schedules_, &DecodedFile::schedules, &Fleet::schedules);
    visit(plans_, &DecodedFile::plans, &Fleet::plans);
    visit(policies_, &DecodedFile::policies, &Fleet::policies);
    visit(locks_, &DecodedFile::locks, &Fleet::locks);
    visit(approvals_, &DecodedFile::approvals, &Fleet::approvals);
    visit(tasks_, &DecodedFile::tasks, &Fleet::tasks);
  }
  void Forget(const std::string& path);
  Result<void> Take(const TreeFile& file, FileRole role, const ReadBlob& read);
  void TakeUnreadable(const TreeFile& file, std::string_view why, File& entry);
  Result<void> TakeUnsigned(const TreeChange& change, FileRole role, const FileTrust& trust,
                            const ReadBlob& read);
  Result<void> TakeSignedForm(const std::string& path, const FileTrust& trust, const ReadBlob& read,
                              File& entry);
  void TakeUnsignedObjects(DecodedFile&& decoded, const FileTrust& trust, File& entry);
  void TellUnsigned(Fleet& fleet) const;
  void TakeObjects(DecodedFile&& decoded, const std::string& path, File& entry);
  void Settle(Fleet& fleet);
  void Tell(Fleet& fleet);

  std::map<std::string, File> files_;
  std::set<std::string> troubled_;  ///< those of them that have something to tell
  ObjectTable<ClusterUpgrade> upgrades_{"ClusterUpgrade"};
  ObjectTable<MaintenanceSchedule> schedules_{"MaintenanceSchedule"};
  ObjectTable<UpgradePlan> plans_{"UpgradePlan"};
  ObjectTable<UpgradePolicy> policies_{"UpgradePolicy"};
  ObjectTable<ClusterLock> locks_{"ClusterLock"};
  ObjectTable<UpgradeApproval> approvals_{"UpgradeApproval"};
  ObjectTable<MaintenanceTask> tasks_{"MaintenanceTask"};
  std::vector<Release> fresh_releases_;
  std::set<std::string> gone_releases_;  ///< files that had some
  Diagnostics findings_;
  bool changed_ = false;
};

}  // namespace lockkeeper
