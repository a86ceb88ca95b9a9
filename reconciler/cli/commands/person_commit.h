#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/cli/command.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cycle/commit_files.h"

namespace lockkeeper {

/// What the commands that commit for a person have in common.
struct PersonOptions {
  std::string by;      ///< the name in the manifest; empty: the author's
  std::string reason;  ///< or note
  bool dry_run = false;
  DryRun mode() const { return dry_run ? DryRun::kYes : DryRun::kNo; }
};

/// Who runs this, as Git knows it. kNothingDone says what to set.
CliResult<Identity> Caller(const Invocation& call);

/// A line of text for manifests and messages, or that it is none.
CliResult<void> RequireLine(std::string_view option, const std::string& text);
CliResult<Seconds> ReadDuration(std::string_view option, const std::string& text);

/// Commits what `decide` wants, as `author`, and waits between attempts.
CliResult<CommittedFiles> CommitAs(const Identity& author, const PersonOptions& options, OpenedFleet& opened,
                                   const Invocation& call, const DecideChanges& decide);

/// `commit`, `pushed` and `retries`, as `once` has them.
nlohmann::ordered_json CommittedJson(const CommittedFiles& committed, const std::string& branch);
/// `main is at 0123456789ab now.`, or that it was a dry run; empty where nothing was to be written.
std::string CommittedText(const CommittedFiles& committed, const std::string& branch);

/// `3 clusters: a, b, c`, and past ten names how many more; fit for a terminal.
std::string ClustersText(const std::vector<std::string>& clusters);

/// Names for the shell, of the repository that the words so far point to; none where it cannot be read.
std::vector<std::string> UpgradeNames(const GlobalOptions& options);
std::vector<std::string> LockNames(const GlobalOptions& options);
std::vector<std::string> ClusterNames(const GlobalOptions& options);

}  // namespace lockkeeper
