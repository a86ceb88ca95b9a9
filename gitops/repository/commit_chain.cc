#include "gitops/repository/commit_chain.h"

#include <fmt/format.h>

#include "gitops/repository/commit_object.h"
#include "gitops/repository/tree_rewrite.h"

namespace lockkeeper {

Result<ObjectId> ReadTreeOfCommit(ObjectStore& store, const ObjectId& commit) {
  auto bytes = store.Read(commit, ObjectType::kCommit, kMaxCommitBytes);
  if (!bytes) return std::unexpected(bytes.error());
  auto parsed = ParseCommit(commit, bytes->view(), WithRecord::kNo);
  if (!parsed) return std::unexpected(parsed.error());
  return parsed->tree;
}

Result<std::vector<ObjectId>> WriteCommits(ObjectStore& store, PackWriter& pack, const ObjectId& base,
                                           const std::vector<CommitDraft>& drafts) {
  ObjectId tree;
  if (!base.IsNone()) {
    auto base_tree = ReadTreeOfCommit(store, base);
    if (!base_tree) return std::unexpected(base_tree.error());
    tree = *base_tree;
  }
  TreeRewriter rewriter(store, pack);
  std::vector<ObjectId> ids;
  ObjectId parent = base;
  for (const CommitDraft& draft : drafts) {
    auto rewritten = rewriter.Rewrite(tree, draft.writes);
    if (!rewritten) return std::unexpected(rewritten.error());
    tree = *rewritten;
    auto bytes = FormatCommit(tree, parent, draft);
    if (!bytes) return std::unexpected(bytes.error());
    auto id = pack.Add(ObjectType::kCommit, *bytes);
    if (!id) return std::unexpected(id.error());
    ids.push_back(*id);
    parent = *id;
  }
  return ids;
}

}  // namespace lockkeeper
