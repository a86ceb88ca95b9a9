#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/commands/task_view.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/core/task/plan_changes.h"
#include "reconciler/core/task/plan_tasks.h"
#include "reconciler/cycle/task_done.h"
#include "reconciler/cycle/task_trials.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddTask(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct ListOptions {
  bool open = false;
  bool overdue = false;
  bool all = false;
};

struct DoneOptions {
  std::string task;
  std::string date;
  std::string cluster;
  bool all = false;
  PersonOptions person;
};

bool IsShown(TaskState state, const ListOptions& options) {
  if (options.all) return true;
  // Without an option both; each option alone is itself.
  const bool both = options.open == options.overdue;
  return (state == TaskState::kOpen && (both || options.open)) ||
         (state == TaskState::kOverdue && (both || options.overdue));
}

CliResult<ExitCode> ListTasks(const ListOptions& options, Invocation& call) {
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  const FleetState& state = *opened->state;
  const FleetModel model = FleetModel::Build(state.fleet);
  auto trials = TryTaskChanges(model, state.tasks, *opened->reader, call.now);
  if (!trials) return Stop(trials.error());
  const TaskPlan plan = PlanTasks(model, state.tasks, call.now, &*trials);
  std::map<TaskKey, const WaitingChanges*> waiting;
  for (const WaitingChanges& one : plan.waiting) waiting.emplace(one.key, &one);
  std::set<TaskKey> due;
  for (const TaskEdits& made : plan.edits) due.insert(KeyOf(made.transition));
  for (const auto& [file, why] : state.tasks.broken)
    call.Note(ForTerminal(fmt::format("{}: {}; 'lockkeeper status rebuild' writes it anew", file, why)));
  std::vector<ShownTask> shown;
  for (const auto& [key, record] : state.tasks.book) {
    if (!IsShown(record.state, options)) continue;
    auto manifest =
        std::ranges::find_if(model.tasks(), [&](const TaskModel& m) { return m.task->name == key.task; });
    shown.push_back({key, record, manifest == model.tasks().end() ? nullptr : &*manifest});
    if (auto found = waiting.find(key); found != waiting.end()) shown.back().waiting = found->second;
    shown.back().changes_now = due.contains(key);
  }
  const size_t unrecorded = plan.transitions.size() + plan.edits.size();
  if (!call.out.is_text()) {
    ordered_json head{{"commit", opened->commit}, {"at", FormatInstant(call.now)}};
    head["tasks"] = ordered_json::array();
    for (const TaskModel& task : model.tasks()) head["tasks"].push_back(ComingJson(task, call.now));
    head["unrecorded"] = unrecorded;
    call.out.Value(head, "dates", shown.size(), [&](size_t i) { return TaskJson(shown[i]); });
    return ExitCode::kDone;
  }
  const Style& style = call.out.style();
  std::string text = TaskTable(shown, call.now, style);
  if (shown.empty()) text = options.overdue && !options.open ? "Nothing is overdue.\n" : "Nothing is open.\n";
  const std::string coming = ComingTable(model.tasks(), call.now, style);
  text += coming.empty() ? "\nThere is no task.\n" : "\n" + coming;
  if (!plan.transitions.empty())
    text += "\nMore has fallen due or is overdue by now: 'lockkeeper once' records it.\n";
  else if (!plan.edits.empty())
    text += "\nChanges are due by now: 'lockkeeper once' makes them.\n";
  call.out.Text(text);
  return ExitCode::kDone;
}

CliResult<TaskDoneRequest> ReadRequest(const DoneOptions& options, const std::string& author, Instant now) {
  TaskDoneRequest request{.task = options.task,
                          .date = {},
                          .cluster = {},
                          .all = options.all,
                          .by = options.person.by.empty() ? author : options.person.by,
                          .note = options.person.reason,
                          .now = now};
  if (auto by = RequireLine("--by", request.by); !by) return std::unexpected(by.error());
  if (!request.note.empty()) {
    if (auto note = RequireLine("--note", request.note); !note) return std::unexpected(note.error());
  }
  if (!options.cluster.empty()) request.cluster = options.cluster;
  if (options.date.empty()) return request;
  auto date = ParseDate(options.date);
  if (!date) return BadUsage(fmt::format("--date: {}", date.error().message));
  request.date = *date;
  return request;
}

std::string DoneText(const TaskDoneChange& change, const CommittedFiles& committed,
                     const std::string& branch) {
  std::string text;
  for (const TaskKey& key : change.done) {
    text += fmt::format("{} task {} of {}{}.\n", committed.pushed.empty() ? "Would close" : "Closed",
                        ForTerminal(key.task.str()), FormatDate(key.date),
                        key.cluster.empty() ? "" : " for " + ForTerminal(key.cluster));
  }
  return text + CommittedText(committed, branch);
}

CliResult<ExitCode> CloseTask(const DoneOptions& options, Invocation& call) {
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  auto author = Caller(call);
  if (!author) return std::unexpected(author.error());
  auto request = ReadRequest(options, author->name, call.now);
  if (!request) return std::unexpected(request.error());
  TaskDoneChange change;
  auto committed = CommitAs(*author, options.person, *opened, call,
                            [&](const FleetState& state, FleetReader&) -> Result<FileChanges> {
                              auto decided = DecideTaskDone(state, *request);
                              if (!decided) return std::unexpected(decided.error());
                              change = std::move(*decided);
                              return change.changes;
                            });
  if (!committed) return std::unexpected(committed.error());
  const std::string& branch = opened->repository->branch();
  if (call.out.is_text()) {
    call.out.Text(DoneText(change, *committed, branch));
    return ExitCode::kDone;
  }
  ordered_json json = CommittedJson(*committed, branch);
  json["done"] = ordered_json::array();
  for (const TaskKey& key : change.done) {
    json["done"].push_back(
        {{"task", key.task.str()}, {"date", FormatDate(key.date)}, {"cluster", key.cluster}});
  }
  call.out.Value(json);
  return ExitCode::kDone;
}

std::vector<std::string> TaskNames(const GlobalOptions& options) {
  auto opened = OpenFleet(options);
  if (!opened) return {};
  std::set<std::string> names;
  auto add = [&](const ObjectName& name) { names.insert(name.ns == "default" ? name.name : name.str()); };
  for (const MaintenanceTask& task : opened->state->fleet.tasks) add(task.name);
  for (const auto& [key, record] : opened->state->tasks.book) {
    if (record.state != TaskState::kDone) add(key.task);
  }
  return {names.begin(), names.end()};
}

void AddList(CommandLine& line) {
  auto options = std::make_shared<ListOptions>();
  CLI::App& command = line.Add("task list", "What is open and overdue, and when each task falls due next.",
                               [options](Invocation& call) { return ListTasks(*options, call); });
  command.add_flag("--open", options->open, "Only what is open and not overdue.");
  command.add_flag("--overdue", options->overdue, "Only what is overdue.");
  command.add_flag("--all", options->all, "What is done as well.");
}

void AddDone(CommandLine& line) {
  auto options = std::make_shared<DoneOptions>();
  CLI::App& command = line.Add("task done", "Says that a task is done: commits it into its file.",
                               [options](Invocation& call) { return CloseTask(*options, call); });
  line.SuggestFrom(command.add_option("TASK", options->task, "The task: NAME or NAMESPACE/NAME.")->required(),
                   TaskNames);
  command.add_option("--date", options->date, "Which due date, where several are open, such as 2026-01-05.")
      ->type_name("DATE");
  line.SuggestFrom(
          command.add_option("--cluster", options->cluster, "For which cluster, where several are open."),
          ClusterNames)
      ->type_name("CLUSTER");
  command.add_flag("--all", options->all, "Every open one of that date and cluster, or of all.");
  command.add_option("--by", options->person.by, "Who did it. Default: the commit's author.")
      ->type_name("NAME");
  command.add_option("--note", options->person.reason, "A line for the file and the commit's message.")
      ->type_name("TEXT");
  command.add_flag("--dry-run", options->person.dry_run, "Show what would be closed, but commit nothing.");
}

}  // namespace

void AddTask(CommandLine& line) {
  line.AddGroup("task", "Recurring work of people: what is due, and that it is done.");
  AddList(line);
  AddDone(line);
}

}  // namespace lockkeeper
