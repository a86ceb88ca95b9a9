#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "gitops/signature/allowed_signers.h"
#include "reconciler/core/audit/violation.h"
#include "schemas/error.h"
#include "schemas/instant.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

/// A release that somebody else than lockkeeper changed. No violation: it is theirs to change.
struct ChangeByOthers {
  std::string commit;
  std::string author;
  std::string subject;
  std::string cluster;
  std::string from;
  std::string to;
  std::string upgrade;  ///< that was under way with this cluster just then; empty: none
  Instant time;
};

struct AuditedUpgrade {
  ObjectName upgrade;
  size_t bumps = 0;
  size_t violations = 0;
  Instant first;  ///< bump
  Instant last;
};

struct AuditResult {
  std::string head;
  std::string since;                     ///< empty: the whole history
  size_t commits = 0;                    ///< that were looked at
  size_t records = 0;                    ///< of them lockkeeper's
  size_t checked = 0;                    ///< bumps that were judged
  std::vector<Violation> violations;     ///< in the order of the commits, parents first
  std::vector<ChangeByOthers> others;    ///< likewise
  std::vector<AuditedUpgrade> upgrades;  ///< with a bump, by name
};

struct AuditOptions {
  std::string head;   ///< a commit's full id
  std::string since;  ///< likewise; what is reachable from it is not looked at. Empty: everything is
  AllowedSigners allowed_signers{};  ///< those with whom the passes were made
};

/// Judges every commit of lockkeeper's that is reachable from `head` over any parent: its bumps and states by
/// the plan of the commit that its pass stands on, at the deciding instant; its files by what the same edits
/// and records make of that commit's; its author, date and base. And every other commit since the first of
/// these: status files that it alters, releases that it changes. A merge is held to its parents: what
/// lockkeeper wrote behind one of them must be in it as it is there. Nothing is written. Time: that of the
/// passes themselves, and of reading what each commit changes. Errors are the repository's.
Result<AuditResult> Audit(Repository& repository, const AuditOptions& options);

}  // namespace lockkeeper
