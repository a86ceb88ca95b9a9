#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/back_off.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/commands/status_view.h"
#include "reconciler/cli/commands/task_view.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cycle/rebuild_status.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddStatus(CommandLine& line);

namespace {

using nlohmann::ordered_json;

CliResult<const UpgradeRecord*> FindRecord(const FleetState& state, const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& [name, record] : state.book) {
    if (wanted == name.str() || (name.ns == "default" && wanted == name.name)) return &record;
    names.push_back(name.str());
  }
  for (const auto& [name, why] : state.broken_status) {
    if (wanted != name.str() && wanted != name.name) continue;
    return Stop(
        ExitCode::kNothingDone,
        fmt::format("the status of upgrade {} cannot be read: {}; 'lockkeeper status rebuild' writes it anew",
                    wanted, why));
  }
  return Stop(ExitCode::kNothingDone, fmt::format("UPGRADE: nothing is recorded of an upgrade {}{}",
                                                  Quoted(wanted), DidYouMean(wanted, names)));
}

CliResult<ExitCode> ShowStatus(const std::string& wanted, Invocation& call) {
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  const FleetState& state = *opened->state;
  for (const auto& [name, why] : state.broken_status) {
    call.Note(
        fmt::format("the status of upgrade {} cannot be read: {}; 'lockkeeper status rebuild' writes it anew",
                    name.str(), why));
  }
  std::vector<const UpgradeRecord*> records;
  if (wanted.empty()) {
    for (const auto& [name, record] : state.book) records.push_back(&record);
  } else {
    auto record = FindRecord(state, wanted);
    if (!record) return std::unexpected(record.error());
    records.push_back(*record);
  }
  if (call.out.is_text()) {
    call.out.Text(wanted.empty() ? StatusOverview(records, call.now, call.out.style())
                                 : StatusText(*records.front(), call.now, call.out.style()));
    const std::string tasks = TaskCounts(state.tasks.book, call.out.style());
    if (wanted.empty() && !tasks.empty())
      call.out.Text(fmt::format("\nTasks: {}; 'lockkeeper task list' has them.\n", tasks));
    return ExitCode::kDone;
  }
  auto list = ordered_json::array();
  for (const UpgradeRecord* record : records) list.push_back(StatusJson(*record));
  call.out.Value({{"commit", opened->commit},
                  {"upgrades", std::move(list)},
                  {"tasks", TaskCountsJson(state.tasks.book)}});
  return ExitCode::kDone;
}

CliResult<ExitCode> Rebuild(DryRun dry_run, Invocation& call) {
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  auto result = RebuildStatus(
      *opened->repository, *opened->reader,
      {.now = call.now, .dry_run = dry_run, .signing_key = call.options.signing_key, .back_off = BackOff});
  if (!result) return Stop(result.error());
  for (const std::string& problem : result->problems) call.Note(problem);
  if (!call.out.is_text()) {
    call.out.Value({{"commit", result->pushed.empty() ? result->read : result->pushed},
                    {"written", result->written},
                    {"removed", result->removed},
                    {"records", result->records},
                    {"problems", result->problems},
                    {"retries", result->retries}});
    return ExitCode::kDone;
  }
  std::string text;
  for (const std::string& path : result->written) text += fmt::format("written  {}\n", ForTerminal(path));
  for (const std::string& path : result->removed) text += fmt::format("removed  {}\n", ForTerminal(path));
  text += fmt::format("{} commit{} of the history record something; ", result->records,
                      result->records == 1 ? "" : "s");
  if (result->written.empty() && result->removed.empty()) {
    text += "the status files say the same.\n";
  } else if (dry_run == DryRun::kYes) {
    text += "dry run, nothing was committed.\n";
  } else {
    text += fmt::format("the status files did not, and {} is at {} now.\n", opened->repository->branch(),
                        result->pushed.substr(0, 12));
  }
  call.out.Text(text);
  return ExitCode::kDone;
}

}  // namespace

void AddStatus(CommandLine& line) {
  auto wanted = std::make_shared<std::string>();
  CLI::App& status = line.Add("status", "What became of the upgrades, from the status files.",
                              [wanted](Invocation& call) { return ShowStatus(*wanted, call); });
  line.SuggestFrom(
      status.add_option("UPGRADE", *wanted, "Only this one, with its clusters: NAME or NAMESPACE/NAME."),
      UpgradeNames);
  auto dry_run = std::make_shared<bool>(false);
  CLI::App& rebuild =
      line.Add("status rebuild", "Writes the status files again from the history alone.",
               [dry_run](Invocation& call) { return Rebuild(*dry_run ? DryRun::kYes : DryRun::kNo, call); });
  rebuild.add_flag("--dry-run", *dry_run, "Show what differs, commit nothing.");
}

}  // namespace lockkeeper
