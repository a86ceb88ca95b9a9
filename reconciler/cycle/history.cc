#include "reconciler/cycle/history.h"

#include <utility>

#include "reconciler/cycle/commit_graph.h"

namespace lockkeeper {

Result<std::vector<HistoryEntry>> ReadHistory(Repository& repository, const std::string& head) {
  auto graph = CommitGraph::Read(repository, head);
  if (!graph) return std::unexpected(graph.error());
  std::vector<HistoryEntry> history;
  for (const GraphCommit& commit : graph->commits()) {
    if (!commit.message.empty())
      history.push_back({commit.id, commit.message, commit.author_name, commit.time});
  }
  return history;
}

}  // namespace lockkeeper
