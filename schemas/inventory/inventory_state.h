#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "schemas/inventory/cluster_list.h"
#include "schemas/inventory/file_scan.h"
#include "schemas/inventory/inventory.h"
#include "schemas/inventory/scan_files.h"

namespace lockkeeper {

class TargetFiles;

/// What is remembered between updates. Files that hold nothing are not in it, unless some rule has refs in
/// other files.
struct Inventory::Impl {
  explicit Impl(std::vector<InventoryRule> rules);
  Result<void> Update(const std::vector<TreeChange>& changes, const ReadBlob& read);
  void MoveRules(std::vector<InventoryRule> moved);

  std::vector<InventoryRule> source_rules;
  std::vector<CompiledRule> rules;
  ClusterList list;
  Diagnostics diagnostics;
  bool complete = true;

 private:
  struct NamedCluster {
    std::string name;
    uint16_t rule = 0;
  };
  /// Kept only for files that others depend on, or that depend on others.
  struct FileLinks {
    std::string blob;
    uint64_t joins = 0;                                       ///< for which parts were looked for
    std::vector<std::map<std::string, Ref>::iterator> parts;  ///< in parts_
    std::vector<uint64_t> dependencies;
  };
  struct FileState {
    std::vector<NamedCluster> named;
    std::unique_ptr<FileLinks> links;
  };
  struct TreeState {
    std::string blob;
    bool regular = true;
  };
  /// What one update has found so far.
  struct Batch {
    std::unordered_set<std::string>
        touched;                            ///< files that changed; empty where no cluster depends on others
    std::set<uint64_t> dirty;               ///< dependencies whose meaning changed
    std::vector<ClusterCandidate> waiting;  ///< with refs in other files
    std::vector<ClusterList::Key> removed;
    std::vector<Cluster> added;
  };
  struct PathHash {
    using is_transparent = void;
    size_t operator()(std::string_view path) const { return std::hash<std::string_view>{}(path); }
  };
  enum class Wanted { kAll, kClusters, kParts };

  void CompileRules();
  void Forget(const std::string& path, Batch& batch);
  void ForgetClusters(const std::string& path, FileState& state, Batch& batch);
  void AddToTree(const TreeChange& change);
  void ReportIrregular(const TreeFile& file, const ScanRequest& request);
  Result<void> ScanChanges(const std::vector<TreeChange>& changes, const ReadBlob& read, Batch& batch);
  Result<void> ScanDependents(const ReadBlob& read, Batch& batch);
  void Absorb(const ScanJob& job, FileScan&& scan, Wanted wanted, Batch& batch);
  void AddPart(FileLinks& links, std::string key, Ref ref, Batch& batch);
  Result<void> ScanFolder(const std::string& folder, int join, const ReadBlob& read, Batch& batch);
  Result<void> Resolve(ClusterCandidate& candidate, const ReadBlob& read, TargetFiles& targets, Batch& batch);
  Result<void> ResolveFile(ClusterCandidate& candidate, const PendingRef& pending, const ReadBlob& read,
                           TargetFiles& targets);
  Result<void> ResolveNeighbours(ClusterCandidate& candidate, const PendingRef& pending, const ReadBlob& read,
                                 Batch& batch);
  bool ResolveMarkers(ClusterCandidate& candidate);
  void DependOn(const std::string& path, uint64_t dependency);
  void Place(ClusterCandidate& candidate, Batch& batch);
  void ReportCluster(const Cluster& cluster);
  void CollectDiagnostics();
  FileLinks& LinksOf(const std::string& path, const std::string& blob);

  // Two that hash alike make a manifest be read once more than it must, nothing else.
  static uint64_t FileDependency(std::string_view path) { return std::hash<std::string_view>{}(path); }
  static uint64_t PartDependency(std::string_view group) { return ~std::hash<std::string_view>{}(group); }

  TextPool texts_;
  uint64_t marker_joins_ = 0;
  bool needs_tree_ = false;  ///< some rule has refs in other files
  Diagnostics rule_diagnostics_;
  std::unordered_map<SharedText, FileState, PathHash, std::equal_to<>>
      files_;  ///< the clusters share the keys
  std::vector<size_t> clusters_by_rule_;
  std::map<std::string, Diagnostics> file_diagnostics_;
  std::map<std::string, TreeState> tree_;
  std::unordered_map<std::string, uint64_t>
      folder_joins_;  ///< joins for which all files of a folder were looked at
  /// Join, folder, JoinKey, path and number -> ref. Ordered, so that the parts of one key are neighbours, by
  /// path.
  std::map<std::string, Ref> parts_;
  /// Dependency and the path (a key of files_) of the manifest that has it.
  std::set<std::pair<uint64_t, const std::string*>> dependents_;
};

}  // namespace lockkeeper
