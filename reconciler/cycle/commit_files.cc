#include "reconciler/cycle/commit_files.h"

#include <fmt/format.h>

#include "reconciler/cycle/sign_drafts.h"

namespace lockkeeper {

Result<CommittedFiles> CommitFiles(Repository& repository, FleetReader& reader,
                                   const CommitFilesOptions& options, const DecideChanges& decide) {
  CommittedFiles result;
  while (true) {
    auto head = repository.Fetch();
    if (!head) return std::unexpected(head.error());
    auto state = reader.Read(*head);
    if (!state) return std::unexpected(state.error());
    if (auto fleet = RequireFleet(**state); !fleet) return std::unexpected(fleet.error());
    result.read = *head;
    auto changes = decide(**state, reader);
    if (!changes) return std::unexpected(changes.error());
    result.changes = !changes->writes.empty();
    if (!result.changes || options.dry_run == DryRun::kYes) return result;

    std::vector<CommitDraft> drafts{{.writes = std::move(changes->writes),
                                     .message = std::move(changes->message),
                                     .author_name = options.author.name,
                                     .author_email = options.author.email,
                                     .time = options.now}};
    if (auto ready = SignDrafts((*state)->fleet, options.signing_key, drafts); !ready)
      return std::unexpected(ready.error());
    auto published = repository.Publish(*head, drafts);
    if (published) {
      result.pushed = published->back();
      return result;
    }
    if (published.error().kind != ErrorKind::kConflict) return std::unexpected(published.error());
    if (result.retries == ReconcileOptions::kRetriesMax) {
      return Fail(
          ErrorKind::kConflict,
          fmt::format("{}; given up after {} attempts, since somebody else was always first: try again later",
                      published.error().message, result.retries + 1));
    }
    ++result.retries;
    if (options.back_off) options.back_off(result.retries);
  }
}

}  // namespace lockkeeper
