#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cycle/suspend_change.h"

namespace lockkeeper {

void AddSuspend(CommandLine& line);
void AddResume(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct SuspendOptions {
  std::string upgrade;
  PersonOptions person;
};

std::string SuspendText(const SuspendChange& change, Suspended wanted, const CommittedFiles& committed,
                        const std::string& branch) {
  const std::string name = ForTerminal(change.upgrade.str());
  const std::string path = ForTerminal(change.path);
  const bool suspended = wanted == Suspended::kYes;
  if (!committed.changes) {
    return suspended ? fmt::format("Upgrade {} is suspended already, in {}.\n", name, path)
                     : fmt::format("Upgrade {} is not suspended.\n", name);
  }
  const bool dry_run = committed.pushed.empty();
  std::string text =
      suspended
          ? fmt::format("{} upgrade {} in {}: no further bump of it starts. What is under way goes on.\n",
                        dry_run ? "Would suspend" : "Suspended", name, path)
          : fmt::format("{} upgrade {} in {}: the next pass asks its other gates.\n",
                        dry_run ? "Would resume" : "Resumed", name, path);
  return text + CommittedText(committed, branch);
}

CliResult<ExitCode> SetSuspended(const SuspendOptions& options, Suspended wanted, Invocation& call) {
  if (!options.person.reason.empty()) {
    if (auto reason = RequireLine("--reason", options.person.reason); !reason)
      return std::unexpected(reason.error());
  }
  auto opened = OpenFleet(call.options);
  if (!opened) return std::unexpected(opened.error());
  auto author = Caller(call);
  if (!author) return std::unexpected(author.error());
  const SuspendRequest request{.upgrade = options.upgrade, .wanted = wanted, .reason = options.person.reason};
  SuspendChange change;
  auto committed = CommitAs(*author, options.person, *opened, call,
                            [&](const FleetState& state, FleetReader& reader) -> Result<FileChanges> {
                              auto decided = DecideSuspend(state, reader, request);
                              if (!decided) return std::unexpected(decided.error());
                              change = std::move(*decided);
                              return change.changes;
                            });
  if (!committed) return std::unexpected(committed.error());
  const std::string& branch = opened->repository->branch();
  if (call.out.is_text()) {
    call.out.Text(SuspendText(change, wanted, *committed, branch));
    return ExitCode::kDone;
  }
  ordered_json json = CommittedJson(*committed, branch);
  json["upgrade"] = change.upgrade.str();
  json["file"] = change.path;
  json["suspend"] = wanted == Suspended::kYes;
  call.out.Value(json);
  return ExitCode::kDone;
}

void Add(CommandLine& line, const char* name, const char* description, Suspended wanted) {
  auto options = std::make_shared<SuspendOptions>();
  CLI::App& command = line.Add(name, description, [options, wanted](Invocation& call) {
    return SetSuspended(*options, wanted, call);
  });
  line.SuggestFrom(
      command.add_option("UPGRADE", options->upgrade, "The upgrade: NAME or NAMESPACE/NAME.")->required(),
      UpgradeNames);
  command.add_option("--reason", options->person.reason, "Why; it goes into the commit's message.")
      ->type_name("TEXT");
  command.add_flag("--dry-run", options->person.dry_run, "Try the edit, but commit nothing.");
}

}  // namespace

void AddSuspend(CommandLine& line) {
  Add(line, "suspend", "Holds an upgrade: commits suspend: true into its manifest.", Suspended::kYes);
}

void AddResume(CommandLine& line) {
  Add(line, "resume", "Lets a suspended upgrade go on: commits suspend: false.", Suspended::kNo);
}

}  // namespace lockkeeper
