#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "schemas/assert.h"
#include "schemas/inventory/inventory_state.h"
#include "schemas/inventory/part_key.h"
#include "schemas/inventory/target_files.h"
#include "schemas/inventory/tree_path.h"

namespace lockkeeper {

namespace {

Ref UnreadableRef(const SharedText& file, Mark mark, const CompiledRef& rule, std::string message) {
  Ref ref = MissingRef(file, 0, mark, rule, std::move(message));
  ref.problem_code = "unreadable";
  return ref;
}

}  // namespace

void Inventory::Impl::DependOn(const std::string& path, uint64_t dependency) {
  auto file = files_.find(path);
  file->second.links->dependencies.push_back(dependency);
  dependents_.insert({dependency, &file->first.str()});
}

Result<void> Inventory::Impl::ScanFolder(const std::string& folder, int join, const ReadBlob& read,
                                         Batch& batch) {
  const uint64_t bit = uint64_t{1} << join;
  uint64_t& known = folder_joins_[folder];
  if ((known & bit) != 0) return {};
  known |= bit;
  std::vector<ScanJob> jobs;
  std::deque<TreeFile> files;
  const std::string begin = folder.empty() ? "" : folder + "/";
  for (auto it = tree_.lower_bound(begin); it != tree_.end() && it->first.starts_with(begin);) {
    size_t slash = it->first.find('/', begin.size());
    if (slash != std::string::npos) {  // A folder below: go on behind it.
      it = tree_.lower_bound(it->first.substr(0, slash) + static_cast<char>('/' + 1));
      continue;
    }
    auto state = files_.find(it->first);
    bool scanned = state != files_.end() && state->second.links && (state->second.links->joins & bit) != 0;
    ScanRequest request = RequestFor(rules, it->first, bit);
    request.rules.clear();
    if (!scanned && it->second.regular && !request.empty()) {
      files.push_back({it->first, it->second.blob, true});
      jobs.push_back({&files.back(), std::move(request)});
    }
    ++it;
  }
  return ScanFiles(rules, jobs, read, texts_, [&](const ScanJob& job, FileScan&& scan) {
    Absorb(job, std::move(scan), Wanted::kParts, batch);
  });
}

Result<void> Inventory::Impl::ResolveNeighbours(ClusterCandidate& candidate, const PendingRef& pending,
                                                const ReadBlob& read, Batch& batch) {
  const CompiledRef& ref = rules[candidate.rule].refs[pending.ref];
  std::vector<Ref>& found = candidate.refs[pending.ref];
  if (auto scanned = ScanFolder(pending.target, ref.join, read, batch); !scanned) return scanned;
  for (std::string_view key : {std::string_view{pending.key}, kBrokenKey}) {
    const std::string group = PartGroup(ref.join, pending.target, key);
    DependOn(candidate.cluster.file, PartDependency(group));
    for (auto it = parts_.lower_bound(group); it != parts_.end() && it->first.starts_with(group); ++it) {
      if (key == kBrokenKey) {
        found = {UnreadableRef(it->second.file, {}, ref,
                               fmt::format("{} may hold this ref, and cannot be read", it->second.file))};
        return {};
      }
      if (found.size() <= kRefsMax) found.push_back(it->second);
    }
  }
  if (found.size() > 1 && !ref.rule.repeated && !ref.has_wildcard) {
    found = {AmbiguousRef(found, ref)};
  } else if (found.empty() && !ref.rule.optional) {
    found.push_back(MissingRef(
        candidate.cluster.file, candidate.document, candidate.cluster.mark, ref,
        fmt::format("no {} in {}/ belongs to this cluster",
                    ref.select.literal_kind.empty() ? "document" : ref.select.literal_kind, pending.target)));
  }
  return {};
}

Result<void> Inventory::Impl::ResolveFile(ClusterCandidate& candidate, const PendingRef& pending,
                                          const ReadBlob& read, TargetFiles& targets) {
  const CompiledRef& ref = rules[candidate.rule].refs[pending.ref];
  std::vector<Ref>& found = candidate.refs[pending.ref];
  DependOn(candidate.cluster.file, FileDependency(pending.target));
  auto entry = tree_.find(pending.target);
  if (entry == tree_.end()) {
    if (ref.rule.optional) return {};
    found.push_back(
        MissingRef(pending.target, 0, {}, ref,
                   fmt::format("there is no file {} (file: {})", pending.target, pending.written)));
    return {};
  }
  if (!entry->second.regular) {
    found.push_back(UnreadableRef(pending.target, {}, ref, "it is a symbolic link or a submodule"));
    return {};
  }
  auto target = targets.Open({pending.target, entry->second.blob, true}, read);
  if (!target) return std::unexpected(target.error());
  if (!(*target)->error.empty()) {
    found.push_back(UnreadableRef(pending.target, (*target)->error_mark, ref, (*target)->error));
    return {};
  }
  found = FindRefsInFile((*target)->documents, ref, pending.key, pending.target, candidate);
  return {};
}

// A cluster that markers of several files name is one cluster, told by the first of these files.
bool Inventory::Impl::ResolveMarkers(ClusterCandidate& candidate) {
  const CompiledRule& rule = rules[candidate.rule];
  const std::string group = PartGroup(rule.marker_join, "", candidate.pending.front().key);
  DependOn(candidate.cluster.file, PartDependency(group));
  auto first = parts_.lower_bound(group);
  LK_ASSERT(first != parts_.end() && first->first.starts_with(group));
  if (PathOfPart(first->first) != candidate.cluster.file) return false;
  candidate.refs.resize(1);
  for (auto it = first; it != parts_.end() && it->first.starts_with(group); ++it) {
    if (candidate.refs[0].size() <= kRefsMax) candidate.refs[0].push_back(it->second);
  }
  return true;
}

Result<void> Inventory::Impl::Resolve(ClusterCandidate& candidate, const ReadBlob& read, TargetFiles& targets,
                                      Batch& batch) {
  const CompiledRule& rule = rules[candidate.rule];
  if (rule.rule.marker) {
    if (!ResolveMarkers(candidate)) return {};
  } else {
    for (const PendingRef& pending : candidate.pending) {
      const CompiledRef& ref = rule.refs[pending.ref];
      Result<void> done;
      if (pending.outside) {
        candidate.refs[pending.ref].push_back(
            MissingRef(candidate.cluster.file, candidate.document, candidate.cluster.mark, ref,
                       fmt::format("file: {} leads out of the repository", pending.written)));
      } else if (ref.neighbours) {
        done = ResolveNeighbours(candidate, pending, read, batch);
      } else {
        done = ResolveFile(candidate, pending, read, targets);
      }
      if (!done) return done;
    }
  }
  FinishCluster(rule, texts_, candidate);
  Place(candidate, batch);
  return {};
}

}  // namespace lockkeeper
