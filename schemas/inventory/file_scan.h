#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/inventory/compiled_rule.h"
#include "schemas/inventory/ref_search.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

/// A ref that stands in other documents than those of its cluster's manifest: it is looked for when all files
/// are known.
struct PendingRef {
  size_t ref = 0;        ///< which of the rule's
  std::string target;    ///< a file, or the folder of the files to look into; `..` taken out
  std::string key;       ///< JoinKey of what `where` expects
  bool outside = false;  ///< the target would be out of the repository
  std::string written;   ///< for messages: the target as the rule says it
};

/// A cluster that a document names.
struct ClusterCandidate {
  Cluster cluster;
  size_t rule = 0;
  int document = 0;
  std::vector<std::vector<Ref>> refs;  ///< by ref of the rule; empty once they are in `cluster`
  std::vector<PendingRef> pending;
};

/// A ref that a cluster of another file may claim, by join number and JoinKey.
struct RefPart {
  int join = 0;
  std::string key;
  Ref ref;
};

/// What one file says, whatever other files say.
struct FileScan {
  std::vector<ClusterCandidate> candidates;
  std::vector<RefPart> parts;
  uint64_t joins = 0;         ///< for which parts were looked for
  uint64_t broken_joins = 0;  ///< for which it may hold parts, but cannot be read
  Diagnostics diagnostics;
};

/// Something to look at in a file: which rules' globs match, which joins ask for its documents.
struct ScanRequest {
  std::vector<uint16_t> rules;
  uint64_t joins = 0;
  bool every_rule = false;  ///< a document may name a cluster by several rules; for recognition only
  bool empty() const { return rules.empty() && joins == 0; }
};

/// The rules whose globs match the path. Cheap; no byte of the file is read for it.
ScanRequest RequestFor(const std::vector<CompiledRule>& rules, std::string_view path, uint64_t joins);
/// Takes out what cannot be in these bytes. What is left must be scanned.
ScanRequest Narrow(const std::vector<CompiledRule>& rules, ScanRequest request, std::string_view text);
/// Pure; may run on any thread.
FileScan ScanFile(const std::vector<CompiledRule>& rules, const ScanRequest& request, std::string_view path,
                  std::string_view text, TextPool& texts);

/// Why these bytes are not looked at, whatever is in them (an LFS pointer, UTF-16); empty: nothing against
/// it.
std::string_view Unreadable(std::string_view text);
/// A file name that YAML or JSON files have.
bool IsYamlName(std::string_view path);
bool IsExcluded(const CompiledRule& rule, std::string_view path);

/// Sets everything that follows from the refs: problems of the cluster, `release` and its label.
void FinishCluster(const CompiledRule& rule, TextPool& texts, ClusterCandidate& candidate);

/// The refs of a rule in the documents of one file (the manifest, or the one that `file:` names) for cluster
/// `of`; one with the problem `missing` where there is none and it is not optional.
std::vector<Ref> FindRefsInFile(const std::vector<DocumentView>& documents, const CompiledRef& ref,
                                const std::string& key, const SharedText& file, const ClusterCandidate& of);

/// Refs that one cluster may have; with more it gets the problem `too-many-refs`.
inline constexpr size_t kRefsMax = 1000;

std::string JoinKey(const std::vector<std::string>& values);

}  // namespace lockkeeper
