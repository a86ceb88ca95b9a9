#include "reconciler/cycle/rebuild_status.h"

#include <fmt/format.h>

#include <map>

#include "reconciler/core/status/rebuild.h"
#include "reconciler/cycle/altered_status.h"
#include "reconciler/cycle/history.h"
#include "reconciler/cycle/sign_drafts.h"

namespace lockkeeper {
namespace {

Result<std::map<std::string, std::string>> StatusBlobs(Repository& repository, const std::string& commit,
                                                       const std::string& folder) {
  auto files = repository.Diff("", commit);
  if (!files) return std::unexpected(files.error());
  std::map<std::string, std::string> blobs;
  for (const TreeDifference& file : *files) {
    if (!file.entry.path.starts_with(folder)) continue;
    if (IsStatusFile(std::string_view{file.entry.path}.substr(folder.size())))
      blobs[file.entry.path] = file.entry.id;
  }
  return blobs;
}

struct Rebuilt {
  RebuildResult result;
  CommitDraft draft;
};

Result<Rebuilt> Rebuild(Repository& repository, const FleetState& state, Instant now) {
  const FleetSettings& settings = *state.fleet.settings;
  auto history = ReadHistory(repository, state.fleet.commit);
  if (!history) return std::unexpected(history.error());
  StatusRebuild rebuild;
  for (const HistoryEntry& entry : *history) rebuild.AddCommit(entry.id, entry.message);
  auto blobs = StatusBlobs(repository, state.fleet.commit, settings.status.path);
  if (!blobs) return std::unexpected(blobs.error());

  Rebuilt out;
  out.result.read = state.fleet.commit;
  out.result.records = history->size();
  out.result.problems = rebuild.problems();
  for (StatusWrite& file : rebuild.Files()) {
    std::string path = settings.status.path + file.path;
    auto stands = blobs->extract(path);
    if (stands) {
      auto text = repository.ReadBlob(stands.mapped());
      if (!text && text.error().kind != ErrorKind::kInvalid) return std::unexpected(text.error());
      if (text && *text == file.content) continue;
    }
    out.result.written.push_back(path);
    out.draft.writes.push_back({.path = path, .content = std::move(file.content), .remove = false});
  }
  for (const auto& [path, blob] : *blobs) {
    out.result.removed.push_back(path);
    out.draft.writes.push_back({.path = path, .content = "", .remove = true});
  }
  out.draft.message = fmt::format(
      "Rebuild the status files from the history\n\n{} written, {} removed; {} commits of the history up to "
      "{} record "
      "something.\n\n{}: {}\n",
      out.result.written.size(), out.result.removed.size(), out.result.records, state.fleet.commit,
      kRebuiltTrailer, state.fleet.commit);
  out.draft.author_name = settings.commit.author_name;
  out.draft.author_email = settings.commit.author_email;
  out.draft.time = now;
  return out;
}

}  // namespace

bool IsStatusFile(std::string_view path) {
  if (!path.ends_with(".yaml")) return false;
  if (path.starts_with("clusters/") || path.starts_with("tasks/")) return true;
  size_t slash = path.find('/');
  return slash != std::string_view::npos && path.find('/', slash + 1) == std::string_view::npos;
}

Result<std::vector<FileWrite>> RebuiltFiles(Repository& repository, const FleetState& state) {
  auto rebuilt = Rebuild(repository, state, Instant{});
  if (!rebuilt) return std::unexpected(rebuilt.error());
  return std::move(rebuilt->draft.writes);
}

Result<RebuildResult> RebuildStatus(Repository& repository, FleetReader& reader,
                                    const ReconcileOptions& options) {
  for (int retries = 0;; ++retries) {
    auto head = repository.Fetch();
    if (!head) return std::unexpected(head.error());
    auto state = reader.Read(*head);
    if (!state) return std::unexpected(state.error());
    if (auto fleet = RequireFleet(**state); !fleet) return std::unexpected(fleet.error());
    auto rebuilt = Rebuild(repository, **state, options.now);
    if (!rebuilt) return std::unexpected(rebuilt.error());
    rebuilt->result.retries = retries;
    if (rebuilt->draft.writes.empty() || options.dry_run == DryRun::kYes) return std::move(rebuilt->result);
    std::vector<CommitDraft> drafts{rebuilt->draft};
    if (auto ready = SignDrafts((*state)->fleet, options.signing_key, drafts); !ready)
      return std::unexpected(ready.error());
    auto published = repository.Publish(*head, drafts);
    if (published) {
      rebuilt->result.pushed = published->back();
      return std::move(rebuilt->result);
    }
    if (published.error().kind != ErrorKind::kConflict || retries == ReconcileOptions::kRetriesMax) {
      return std::unexpected(published.error());
    }
    if (options.back_off) options.back_off(retries + 1);
  }
}

}  // namespace lockkeeper
