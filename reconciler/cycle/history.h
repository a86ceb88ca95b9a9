#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

/// A commit that may record something.
struct HistoryEntry {
  std::string id;
  std::string message;
  std::string author_name;
  Instant time;
};

/// All commits that are reachable from `head` over any parent and whose message speaks of lockkeeper, parents
/// before children: people merge, so lockkeeper's commits need not be on the first parents. Always in the
/// same order for one `head`. Memory: some 400 bytes for each commit, and those messages.
Result<std::vector<HistoryEntry>> ReadHistory(Repository& repository, const std::string& head);

}  // namespace lockkeeper
