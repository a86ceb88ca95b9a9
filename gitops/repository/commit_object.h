#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

constexpr size_t kMaxCommitBytes = size_t{64} << 20;

struct ParsedCommit {
  ObjectId tree;
  std::vector<ObjectId> parents;
  CommitRecord record;
};

/// Reads a raw commit. The texts of the record are valid UTF-8 whatever the commit holds: Latin-1 is
/// converted where the commit declares it, other bytes that are no UTF-8 become U+FFFD. A time outside of
/// Instant's years is clamped. With `with_record` kNo only the tree and parents are read.
enum class WithRecord { kNo, kYes };
Result<ParsedCommit> ParseCommit(const ObjectId& id, std::string_view bytes, WithRecord with_record);

/// The bytes of a commit: author = committer, UTC, the message verbatim with a newline at its end, and the
/// draft's signer's signature over all of that in a `gpgsig` header. Errors are the signer's, and kInvalid
/// where Git has no way to write it (a name with '<', a time before 1970, a NUL, text that is no UTF-8).
Result<std::string> FormatCommit(const ObjectId& tree, const ObjectId& parent, const CommitDraft& draft);

}  // namespace lockkeeper
