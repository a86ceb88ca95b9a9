#include "schemas/inventory/inventory_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "schemas/assert.h"
#include "schemas/inventory/part_key.h"
#include "schemas/inventory/target_files.h"
#include "schemas/inventory/tree_path.h"

namespace lockkeeper {
namespace {

/// Where SPEC 2.2 puts the Fleet, and so the rules.
constexpr std::string_view kFleetFile = "lockkeeper.yaml";
/// The code of a file that a rule includes and that cannot be read.
constexpr std::string_view kUnreadable = "unreadable";

// By path; the last word on a path counts.
std::vector<const TreeChange*> InOrder(const std::vector<TreeChange>& changes) {
  std::vector<const TreeChange*> order;
  order.reserve(changes.size());
  for (const TreeChange& change : changes) order.push_back(&change);
  auto path_of = [](const TreeChange* change) -> std::string_view { return change->file.path; };
  // Git gives them in this order, so that to look is enough.
  if (std::ranges::adjacent_find(order, std::ranges::greater_equal{}, path_of) == order.end()) return order;
  std::ranges::stable_sort(order, {}, path_of);
  size_t kept = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    bool is_last = i + 1 == order.size() || path_of(order[i]) != path_of(order[i + 1]);
    if (is_last) order[kept++] = order[i];
  }
  order.resize(kept);
  return order;
}

}  // namespace

Inventory::Impl::Impl(std::vector<InventoryRule> all) : source_rules(std::move(all)) {
  CompileRules();
  clusters_by_rule_.resize(rules.size());
  diagnostics = rule_diagnostics_;
  complete = rule_diagnostics_.empty();
}

void Inventory::Impl::MoveRules(std::vector<InventoryRule> moved) {
  source_rules = std::move(moved);
  rules.clear();
  rule_diagnostics_.clear();
  CompileRules();
  LK_ASSERT(rules.size() == clusters_by_rule_.size());
  CollectDiagnostics();
}

void Inventory::Impl::CompileRules() {
  int joins = 0;
  for (const InventoryRule& rule : source_rules) {
    auto compiled = CompileRule(rule, joins);
    if (!compiled) {
      rule_diagnostics_.push_back(
          {std::string(kFleetFile), rule.mark, Severity::kError, "inventory-rule", compiled.error().message});
      continue;
    }
    needs_tree_ = needs_tree_ ||
                  std::ranges::any_of(compiled->refs, [](const auto& ref) { return !ref.in_manifest(); });
    if (compiled->marker_join >= 0) marker_joins_ |= uint64_t{1} << compiled->marker_join;
    rules.push_back(std::move(*compiled));
  }
}

Inventory::Impl::FileLinks& Inventory::Impl::LinksOf(const std::string& path, const std::string& blob) {
  auto known = files_.find(path);
  FileState& state = known != files_.end() ? known->second : files_[SharedText(path)];
  if (!state.links) state.links = std::make_unique<FileLinks>();
  state.links->blob = blob;
  return *state.links;
}

void Inventory::Impl::ForgetClusters(const std::string& path, FileState& state, Batch& batch) {
  for (NamedCluster& named : state.named) {
    --clusters_by_rule_[named.rule];
    batch.removed.push_back({std::move(named.name), path});
  }
  state.named.clear();
  if (!state.links) return;
  const std::string* known = &files_.find(path)->first.str();
  for (uint64_t dependency : state.links->dependencies) dependents_.erase({dependency, known});
  state.links->dependencies.clear();
}

void Inventory::Impl::Forget(const std::string& path, Batch& batch) {
  file_diagnostics_.erase(path);
  if (!dependents_.empty()) {
    batch.touched.insert(path);
    batch.dirty.insert(FileDependency(path));
  }
  auto found = files_.find(path);
  if (found == files_.end()) return;
  ForgetClusters(path, found->second, batch);
  if (found->second.links) {
    for (auto part : found->second.links->parts) {
      batch.dirty.insert(PartDependency(PartGroupOf(part->first)));
      parts_.erase(part);
    }
  }
  files_.erase(found);
}

void Inventory::Impl::AddToTree(const TreeChange& change) {
  if (!needs_tree_) return;
  if (change.removed) {
    tree_.erase(change.file.path);
  } else {
    tree_.insert_or_assign(change.file.path, TreeState{change.file.blob, change.file.regular});
  }
}

void Inventory::Impl::ReportIrregular(const TreeFile& file, const ScanRequest& request) {
  if (request.rules.empty()) return;
  file_diagnostics_[file.path].push_back(
      {file.path,
       {},
       Severity::kWarning,
       "unreadable",
       fmt::format(
           "inventory rule '{}' includes this path, but it is a symbolic link or a submodule, which is never "
           "followed",
           rules[request.rules.front()].rule.name)});
}

Result<void> Inventory::Impl::ScanChanges(const std::vector<TreeChange>& changes, const ReadBlob& read,
                                          Batch& batch) {
  std::vector<ScanJob> jobs;
  for (const TreeChange* change : InOrder(changes)) {
    const std::string& path = change->file.path;
    Forget(change->file.path, batch);
    AddToTree(*change);
    if (change->removed) continue;
    uint64_t joins = 0;
    if (!folder_joins_.empty()) {
      auto folder = folder_joins_.find(std::string(FolderOf(path)));
      if (folder != folder_joins_.end()) joins = folder->second;
    }
    ScanRequest request = RequestFor(rules, path, joins);
    if (request.empty()) continue;
    if (change->file.regular) {
      jobs.push_back({&change->file, std::move(request)});
    } else {
      ReportIrregular(change->file, request);
    }
  }
  return ScanFiles(rules, jobs, read, texts_, [&](const ScanJob& job, FileScan&& scan) {
    Absorb(job, std::move(scan), Wanted::kAll, batch);
  });
}

// Clusters whose refs stand in files that changed: their manifests are read again.
Result<void> Inventory::Impl::ScanDependents(const ReadBlob& read, Batch& batch) {
  std::set<std::string> paths;
  for (uint64_t dependency : batch.dirty) {
    auto it = dependents_.lower_bound({dependency, nullptr});
    for (; it != dependents_.end() && it->first == dependency; ++it) {
      if (!batch.touched.contains(*it->second)) paths.insert(*it->second);
    }
  }
  std::vector<ScanJob> jobs;
  std::deque<TreeFile> files;
  for (const std::string& path : paths) {
    FileState& state = files_.find(path)->second;
    files.push_back({path, state.links->blob, true});
    jobs.push_back({&files.back(), RequestFor(rules, path, 0)});
    ForgetClusters(path, state, batch);
    file_diagnostics_.erase(path);
  }
  return ScanFiles(rules, jobs, read, texts_, [&](const ScanJob& job, FileScan&& scan) {
    Absorb(job, std::move(scan), Wanted::kClusters, batch);
  });
}

void Inventory::Impl::Absorb(const ScanJob& job, FileScan&& scan, Wanted wanted, Batch& batch) {
  const std::string& path = job.file->path;
  if (wanted != Wanted::kClusters && scan.joins != 0) {
    FileLinks& links = LinksOf(path, job.file->blob);
    links.joins |= scan.joins;
    for (RefPart& part : scan.parts) {
      std::string_view folder = (marker_joins_ >> part.join & 1) != 0 ? std::string_view{} : FolderOf(path);
      AddPart(links, PartKey(part.join, folder, part.key, path, links.parts.size()), std::move(part.ref),
              batch);
    }
    for (int join = 0; join < kJoinsMax; ++join) {
      if ((scan.broken_joins & (uint64_t{1} << join)) == 0) continue;
      Ref ref;
      ref.file = path;
      AddPart(links, PartKey(join, FolderOf(path), kBrokenKey, path, links.parts.size()), std::move(ref),
              batch);
    }
  }
  if (wanted == Wanted::kParts) return;
  if (!scan.diagnostics.empty()) {
    Diagnostics& found = file_diagnostics_[path];
    found.insert(found.end(), scan.diagnostics.begin(), scan.diagnostics.end());
  }
  for (ClusterCandidate& candidate : scan.candidates) {
    if (candidate.pending.empty()) {
      Place(candidate, batch);
    } else {
      LinksOf(path, job.file->blob);
      batch.waiting.push_back(std::move(candidate));
    }
  }
}

void Inventory::Impl::AddPart(FileLinks& links, std::string key, Ref ref, Batch& batch) {
  if (!dependents_.empty()) batch.dirty.insert(PartDependency(PartGroupOf(key)));
  links.parts.push_back(parts_.insert_or_assign(std::move(key), std::move(ref)).first);
}

void Inventory::Impl::Place(ClusterCandidate& candidate, Batch& batch) {
  Cluster& cluster = candidate.cluster;
  ++clusters_by_rule_[candidate.rule];
  files_[cluster.file].named.push_back({cluster.name, static_cast<uint16_t>(candidate.rule)});
  ReportCluster(cluster);
  batch.added.push_back(std::move(cluster));
}

void Inventory::Impl::ReportCluster(const Cluster& cluster) {
  for (const ClusterProblem& problem : cluster.problems) {
    file_diagnostics_[cluster.file].push_back(
        {cluster.file, cluster.mark, Severity::kError, problem.code,
         fmt::format("cluster '{}': {}", cluster.name, problem.message)});
  }
  for (const Ref& ref : cluster.refs) {
    if (ref.problem_code.empty()) continue;
    file_diagnostics_[cluster.file].push_back(
        {ref.file, ref.mark, Severity::kWarning, ref.problem_code,
         fmt::format("cluster '{}': {}: {}; it is never changed", cluster.name, ref.path, ref.problem)});
  }
}

void Inventory::Impl::CollectDiagnostics() {
  diagnostics = rule_diagnostics_;
  complete = rule_diagnostics_.empty();
  for (const auto& [path, found] : file_diagnostics_) {
    diagnostics.insert(diagnostics.end(), found.begin(), found.end());
    complete = complete && std::ranges::none_of(found, [](const Diagnostic& diagnostic) {
                 return diagnostic.severity == Severity::kError && diagnostic.code == kUnreadable;
               });
  }
  for (const auto& [name, found] : list.duplicates())
    diagnostics.insert(diagnostics.end(), found.begin(), found.end());
  for (size_t i = 0; i < rules.size(); ++i) {
    if (clusters_by_rule_[i] != 0) continue;
    diagnostics.push_back({std::string(kFleetFile), rules[i].rule.mark, Severity::kWarning, "empty-rule",
                           fmt::format("inventory rule '{}' finds no cluster", rules[i].rule.name)});
  }
  SortDiagnostics(diagnostics);
}

Result<void> Inventory::Impl::Update(const std::vector<TreeChange>& changes, const ReadBlob& read) {
  Batch batch;
  if (auto done = ScanChanges(changes, read, batch); !done) return done;
  if (auto done = ScanDependents(read, batch); !done) return done;
  TargetFiles targets(texts_);
  for (ClusterCandidate& candidate : batch.waiting) {
    if (auto done = Resolve(candidate, read, targets, batch); !done) return done;
  }
  list.Replace(std::move(batch.removed), std::move(batch.added));
  CollectDiagnostics();
  return {};
}

}  // namespace lockkeeper
