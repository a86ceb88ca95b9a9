#pragma once

// What the parts of Audit share.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "reconciler/core/audit/judge_records.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/cycle/audit.h"
#include "reconciler/cycle/commit_graph.h"
#include "reconciler/cycle/fleet_reader.h"

namespace lockkeeper {

/// Commits that stand one upon the other with records of one deciding instant and base.
struct AuditPass {
  std::optional<uint32_t> base;  ///< what the first one stands on; absent: it is a root
  std::vector<uint32_t> commits;
};

/// All that is known of one commit besides the graph.
struct AuditedCommit {
  std::optional<Record> record;  ///< that counts: no copy of another one
  std::string problem;           ///< of trailers that cannot be read
  std::optional<uint32_t> pass;
  bool begun = false;     ///< a record stands behind it, or in it
  bool looked_at = true;  ///< not reachable from `since`
};

struct AuditWork {
  Repository& repository;
  FleetReader reader;
  CommitGraph graph;
  std::vector<AuditedCommit> commits{};
  std::vector<AuditPass> passes{};
  AuditResult result{};
  /// Files that lockkeeper's commits changed, by commit: filled as they are judged, or where they are asked
  /// for.
  std::unordered_map<uint32_t, std::vector<std::string>> touched{};

  void Report(uint32_t commit, Violation violation) {
    if (commits[commit].looked_at) result.violations.push_back(std::move(violation));
  }
};

/// The bumps, states and files of one pass.
Result<void> AuditRecordedPass(AuditWork& work, const AuditPass& pass);

/// A commit of somebody else, or one that rebuilds the status.
Result<void> AuditOtherCommit(AuditWork& work, uint32_t commit);

/// Whether it writes the status again (`status rebuild`), from which commit.
std::optional<std::string> RebuiltFrom(const GraphCommit& commit);

enum class FileFault : uint8_t { kMissing, kDiffers, kUnexpected };
struct FileMismatch {
  std::string path;
  FileFault fault = FileFault::kDiffers;
};

/// Where the difference between a commit and its parent is not just these writes, in path order. `changed`
/// takes the paths that differ, where it is given.
Result<std::vector<FileMismatch>> CompareWrites(Repository& repository, const std::string& parent,
                                                const std::string& commit,
                                                const std::vector<FileWrite>& expected,
                                                std::vector<std::string>* changed = nullptr);

/// The fleet's files below the status path that records write.
bool IsRecordFile(const FleetSettings& settings, std::string_view path);

}  // namespace lockkeeper
