#include "reconciler/cli/usage_error.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/help.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

std::vector<std::string> OptionNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string UnknownOption(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  bool in_arguments = false;
  for (const CLI::Option* option : command.get_options())
    in_arguments = in_arguments || option->get_positional();
  return fmt::format("{} has no option {}{}{}", FullName(command), Quoted(name),
                     in_arguments ? "; an argument that begins with '-' goes after '--'" : "",
                     DidYouMean(name, OptionNames(command)));
}

std::string UnknownCommand(const CLI::App& command, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* below : CommandsBelow(command)) names.push_back(below->get_name());
  std::string near = DidYouMean(word, names);
  if (near.empty()) near = fmt::format("; the commands are {}", Listed(names));
  return fmt::format("there is no command {}{}", Quoted(word), near);
}

}  // namespace

const CLI::App& ChosenCommand(const CLI::App& program) {
  const CLI::App* chosen = &program;
  while (true) {
    const auto below = chosen->get_subcommands();
    if (below.empty()) return *chosen;
    chosen = below.front();
  }
}

std::string LeftoverProblem(const CLI::App& program) {
  const CLI::App& command = ChosenCommand(program);
  for (const std::string& word : program.remaining(true)) {
    if (word == "--") continue;
    if (word.starts_with('-') && word != "-") return UnknownOption(command, word);
    const bool has_commands = !CommandsBelow(command).empty();
    if (has_commands &&
        command.get_options([](const CLI::Option* o) { return o->get_positional(); }).empty()) {
      return UnknownCommand(command, word);
    }
    return fmt::format("{} takes no further argument {}", FullName(command), Quoted(word));
  }
  return "";
}

std::string ParseProblem(const CLI::ParseError& error) {
  std::string text = error.what();
  const size_t colon = text.find(": ");
  const std::string name = text.substr(0, colon);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && colon != std::string::npos) {
    return name + ": needs a value";
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return fmt::format("{}: is missing", text.substr(0, text.find(" is required")));
  }
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    const size_t middle = text.find(" excludes ");
    if (middle != std::string::npos) {
      return fmt::format("{} and {} cannot be used together", text.substr(0, middle),
                         text.substr(middle + 10));
    }
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr &&
      text.starts_with("Could not convert: ")) {
    const size_t equals = text.find(" = ");
    return fmt::format("{}: {} is not a value of the right kind", text.substr(19, equals - 19),
                       Quoted(text.substr(std::min(text.size(), equals + 3))));
  }
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) return "--config: " + text;
  if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr) {
    return fmt::format("--config: {}; its names are those of the options", text);
  }
  return text;
}

}  // namespace lockkeeper
