#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cycle/lock_change.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddUnlock(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct UnlockOptions {
  std::string name;
  std::string cluster;
  bool all = false;
  PersonOptions person;
};

CliResult<UnlockRequest> ReadRequest(const UnlockOptions& options, Instant now) {
  const int said = (options.name.empty() ? 0 : 1) + (options.cluster.empty() ? 0 : 1) + (options.all ? 1 : 0);
  if (said != 1) {
    return BadUsage(said == 0 ? "NAME: say which lock: its name, --cluster CLUSTER, or --all"
                              : "NAME, --cluster and --all cannot be used together");
  }
  if (!options.person.reason.empty()) {
    if (auto reason = RequireLine("--reason", options.person.reason); !reason)
      return std::unexpected(reason.error());
  }
  using By = UnlockRequest::By;
  const By by = options.all ? By::kAll : options.cluster.empty() ? By::kName : By::kCluster;
  return UnlockRequest{.by = by,
                       .what = by == By::kCluster ? options.cluster : options.name,
                       .reason = options.person.reason,
                       .now = now};
}

std::string UnlockText(const UnlockChange& change, const UnlockOptions& options,
                       const CommittedFiles& committed, const std::string& branch) {
  if (change.removed.empty()) {
    return options.all ? "There is no lock.\n"
                       : fmt::format("No lock holds {}.\n", ForTerminal(options.cluster));
  }
  const bool dry_run = committed.pushed.empty();
  std::string text =
      fmt::format("{} {}{}.\n", dry_run ? "Would take away" : "Took away",
                  change.removed.size() == 1 ? "lock " : fmt::format("{} locks: ", change.removed.size()),
                  ForTerminal(Listed(change.removed)));
  if (!change.free.empty()) text += fmt::format("Free again: {}\n", ClustersText(change.free));
  for (const UnlockChange::Held& held : change.held) {
    text +=
        fmt::format("Still locked: {}, by {}\n", ForTerminal(held.cluster), ForTerminal(Listed(held.locks)));
  }
  if (change.free.empty() && change.held.empty()) text += "It held no cluster any more.\n";
  return text + CommittedText(committed, branch);
}

ordered_json UnlockJson(const UnlockChange& change, const CommittedFiles& committed,
                        const std::string& branch) {
  ordered_json json = CommittedJson(committed, branch);
  json["unlocked"] = change.removed;
  json["free"] = change.free;
  auto held = ordered_json::array();
  for (const UnlockChange::Held& one : change.held)
    held.push_back({{"cluster", one.cluster}, {"locks", one.locks}});
  json["held"] = std::move(held);
  return json;
}

CliResult<ExitCode> Unlock(const UnlockOptions& options, Invocation& call) {
  auto request = ReadRequest(options, call.now);
  if (!request) return std::unexpected(request.error());
  auto opened = OpenFleet(call.options);
  if (!opened) return std::unexpected(opened.error());
  auto author = Caller(call);
  if (!author) return std::unexpected(author.error());
  UnlockChange change;
  std::vector<std::string> unreadable;
  auto committed = CommitAs(*author, options.person, *opened, call,
                            [&](const FleetState& state, FleetReader& reader) -> Result<FileChanges> {
                              unreadable = state.fleet.unreadable_guards;
                              auto decided = DecideUnlock(state, reader, *request);
                              if (!decided) return std::unexpected(decided.error());
                              change = std::move(*decided);
                              return change.changes;
                            });
  if (!committed) return std::unexpected(committed.error());
  for (const std::string& file : unreadable) {
    call.Note(ForTerminal(fmt::format(
        "warning: {} cannot be read, and holds every cluster until somebody mends or removes it", file)));
  }
  const std::string& branch = opened->repository->branch();
  if (call.out.is_text()) {
    call.out.Text(UnlockText(change, options, *committed, branch));
  } else {
    call.out.Value(UnlockJson(change, *committed, branch));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddUnlock(CommandLine& line) {
  auto options = std::make_shared<UnlockOptions>();
  CLI::App& command = line.Add("unlock", "Takes a lock away: commits the removal of its manifest.",
                               [options](Invocation& call) { return Unlock(*options, call); });
  line.SuggestFrom(command.add_option("NAME", options->name, "The lock: NAME or NAMESPACE/NAME."), LockNames);
  line.SuggestFrom(command.add_option("--cluster", options->cluster,
                                      "The locks that hold this cluster and no other one."),
                   ClusterNames)
      ->type_name("CLUSTER");
  command.add_flag("--all", options->all, "Every lock of the fleet.");
  command.add_option("--reason", options->person.reason, "Why; it goes into the commit's message.")
      ->type_name("TEXT");
  command.add_flag("--dry-run", options->person.dry_run, "Show what would be free, but commit nothing.");
}

}  // namespace lockkeeper
