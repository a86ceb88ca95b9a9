#include "reconciler/cli/complete.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "reconciler/cli/help.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kRequest = "__complete";

const CLI::Option* FindOption(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    if (const CLI::Option* option = app->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

bool TakesValue(const CLI::Option& option) { return option.get_expected_max() > 0; }

/// How far the complete words lead.
struct Position {
  const CLI::App* command;
  const CLI::Option* waiting = nullptr;  ///< an option whose value comes next
  size_t arguments = 0;                  ///< of the command, so far
  bool only_arguments = false;           ///< after `--`
  GlobalOptions options{};               ///< which repository is meant
};

/// Of the options that say which repository is meant.
void TakeValue(const CLI::Option& option, const std::string& value, GlobalOptions& options) {
  const std::string& name = option.get_lnames().front();
  if (name == "repo") options.repo = value;
  if (name == "branch") options.branch = value;
}

/// What stands for them where the words do not say it, as in the program itself.
void TakeEnvironment(GlobalOptions& options) {
  const char* repo = std::getenv("LOCKKEEPER_REPO");      // NOLINT(concurrency-mt-unsafe)
  const char* branch = std::getenv("LOCKKEEPER_BRANCH");  // NOLINT(concurrency-mt-unsafe)
  if (repo != nullptr && *repo != '\0') options.repo = repo;
  if (branch != nullptr) options.branch = branch;
}

void Advance(Position& position, const std::string& word) {
  if (position.waiting != nullptr) {
    // Bash makes three words of --color=always.
    if (word == "=") return;
    TakeValue(*position.waiting, word, position.options);
    position.waiting = nullptr;
    return;
  }
  if (!position.only_arguments && word == "--") {
    position.only_arguments = true;
    return;
  }
  if (!position.only_arguments && word.size() > 1 && word[0] == '-') {
    const CLI::Option* option = FindOption(*position.command, word);
    if (option == nullptr || !TakesValue(*option)) return;
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      position.waiting = option;
    } else {
      TakeValue(*option, word.substr(equals + 1), position.options);
    }
    return;
  }
  if (const CLI::App* below = FindBelow(*position.command, word);
      below != nullptr && position.arguments == 0) {
    position.command = below;
  } else {
    ++position.arguments;
  }
}

void AddValues(const CommandLine& line, const CLI::Option& option, const GlobalOptions& options,
               std::string_view before, std::string_view begun, Completion& completion) {
  for (const std::string& value : line.ValuesOf(&option, options)) {
    if (value.starts_with(begun)) completion.words.push_back({std::string(before) + value, ""});
  }
  completion.paths = line.CompletionOf(&option);
}

void AddOptions(const CLI::App& command, std::string_view begun, Completion& completion) {
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_positional() || option->get_group().empty()) continue;
      if (option == app->get_help_ptr() && app != &command) continue;
      const std::string word = "--" + option->get_lnames().front();
      const std::string text = option->get_description();
      if (word.starts_with(begun)) completion.words.push_back({word, text.substr(0, text.find(". "))});
    }
  }
}

}  // namespace

Completion CompleteWords(const CommandLine& line, const std::vector<std::string>& words) {
  Completion completion;
  Position position{.command = &line.app()};
  TakeEnvironment(position.options);
  for (size_t i = 0; i + 1 < words.size(); ++i) Advance(position, words[i]);
  std::string last = words.empty() ? "" : words.back();
  if (position.waiting != nullptr) {
    AddValues(line, *position.waiting, position.options, "", last == "=" ? "" : last, completion);
    return completion;
  }
  if (!position.only_arguments && last.starts_with('-')) {
    const size_t equals = last.find('=');
    if (equals == std::string::npos) {
      AddOptions(*position.command, last, completion);
    } else if (const CLI::Option* option = FindOption(*position.command, last)) {
      const std::string_view text = last;
      AddValues(line, *option, position.options, text.substr(0, equals + 1), text.substr(equals + 1),
                completion);
    }
    return completion;
  }
  if (position.arguments == 0) {
    for (const CLI::App* below : CommandsBelow(*position.command)) {
      if (!below->get_name().starts_with(last)) continue;
      const std::string text = below->get_description();
      completion.words.push_back({below->get_name(), text.substr(0, text.find(". "))});
    }
  }
  size_t index = 0;
  for (const CLI::Option* option : position.command->get_options()) {
    if (!option->get_positional()) continue;
    if (index++ == position.arguments) AddValues(line, *option, position.options, "", last, completion);
  }
  return completion;
}

bool IsCompletionRequest(const std::vector<std::string>& arguments) {
  return !arguments.empty() && arguments[0] == kRequest;
}

int PrintCompletions(const CommandLine& line, const std::vector<std::string>& arguments) {
  const Completion completion = CompleteWords(line, {arguments.begin() + 1, arguments.end()});
  Output out(STDOUT_FILENO, OutputFormat::kText, {});
  for (const CompletionWord& candidate : completion.words) {
    out.Text(fmt::format("{}\t{}\n", candidate.word, candidate.description));
  }
  if (completion.paths == Completes::kFiles) out.Text(":files\n");
  if (completion.paths == Completes::kFolders) out.Text(":folders\n");
  // A shell in the middle of a line has nowhere to show an error.
  return out.Flush() ? 0 : 1;
}

}  // namespace lockkeeper
