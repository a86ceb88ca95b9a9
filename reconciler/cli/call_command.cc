#include "reconciler/cli/call_command.h"

#include <algorithm>

#include "reconciler/cli/command.h"
#include "reconciler/cli/command_list.h"
#include "reconciler/cli/usage_error.h"

namespace lockkeeper {
namespace {

std::unexpected<CommandFailure> WrongUsage(std::string message) {
  return std::unexpected(CommandFailure{.failure = {ExitCode::kUsage, std::move(message)}});
}

}  // namespace

std::expected<CommandAnswer, CommandFailure> CallCommand(const CommandCall& call) {
  CLI::App app("", "lockkeeper");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  // Help is for people, and would end the parse.
  app.set_help_flag();
  CommandLine line(app);
  AddCommands(line);
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>{call.arguments.rbegin(), call.arguments.rend()});
  } catch (const CLI::ParseError& error) {
    return WrongUsage(ParseProblem(error));
  }
  const RunCommand* run = line.Find(&ChosenCommand(app));
  if (run == nullptr) return WrongUsage("there is no such command");

  CommandAnswer answer;
  const GlobalOptions options{.repo = call.place, .output = OutputFormat::kJson};
  Output out(answer.output, call.output_bytes_max, OutputFormat::kJson);
  Invocation invocation{.line = line,
                        .options = options,
                        .now = call.now,
                        .out = out,
                        .notes = {},
                        .fleets = &call.fleets,
                        .go_on = call.go_on,
                        .listener = [&](std::string_view note) { answer.notes.emplace_back(note); }};
  auto result = (*run)(invocation);
  const bool is_partial = !out.is_empty();
  auto written = out.Flush();
  if (!result) {
    return std::unexpected(CommandFailure{
        .failure = result.error(), .is_partial = is_partial, .notes = std::move(answer.notes)});
  }
  if (!written)
    return std::unexpected(
        CommandFailure{.failure = {ExitCode::kNothingDone, written.error().message}, .is_partial = true});
  return answer;
}

}  // namespace lockkeeper
