#include "reconciler/cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "schemas/assert.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void Invocation::Note(std::string_view text) const {
  if (listener) return listener(text);
  // Where stderr is gone there is nobody left to tell.
  fmt::print(stderr, "{}\n", text);
}

CLI::App& CommandLine::Parent(const std::string& name, std::string& last_word) {
  const size_t space = name.find(' ');
  if (space == std::string::npos) {
    last_word = name;
    return app_;
  }
  last_word = name.substr(space + 1);
  return *app_.get_subcommand(name.substr(0, space));
}

CLI::App& CommandLine::Add(const std::string& name, const std::string& description, RunCommand run) {
  CLI::App& command = AddGroup(name, description);
  commands_[&command] = std::move(run);
  return command;
}

CLI::App& CommandLine::AddGroup(const std::string& name, const std::string& description) {
  std::string word;
  CLI::App& parent = Parent(name, word);
  parent.require_subcommand(0, 1);
  CLI::App& command = *parent.add_subcommand(word, description);
  return command;
}

CLI::Option* CommandLine::OneOf(CLI::Option* option, std::vector<std::string> values) {
  LK_ASSERT(!values.empty());
  Suggest(option, [values] { return values; });
  return option->check([values = std::move(values)](const std::string& written) -> std::string {
    if (std::ranges::find(values, written) != values.end()) return "";
    const std::string near = DidYouMean(written, values);
    return fmt::format("{} is none of {}{}", Quoted(written), Listed(values), near);
  });
}

CLI::Option* CommandLine::Complete(CLI::Option* option, Completes what) {
  completions_[option] = what;
  return option;
}

CLI::Option* CommandLine::Suggest(CLI::Option* option, std::function<std::vector<std::string>()> values) {
  return SuggestFrom(option, [values = std::move(values)](const GlobalOptions&) { return values(); });
}

CLI::Option* CommandLine::SuggestFrom(CLI::Option* option,
                                      std::function<std::vector<std::string>(const GlobalOptions&)> values) {
  values_[option] = std::move(values);
  return option;
}

const RunCommand* CommandLine::Find(const CLI::App* command) const {
  auto found = commands_.find(command);
  return found == commands_.end() ? nullptr : &found->second;
}

std::vector<std::string> CommandLine::ValuesOf(const CLI::Option* option,
                                               const GlobalOptions& options) const {
  auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>{} : found->second(options);
}

Completes CommandLine::CompletionOf(const CLI::Option* option) const {
  auto found = completions_.find(option);
  return found == completions_.end() ? Completes::kNothing : found->second;
}

const CLI::App* FindBelow(const CLI::App& command, const std::string& name) {
  auto found = command.get_subcommands([&](const CLI::App* below) { return below->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

CliResult<Instant> ReadInstant(std::string_view option, std::string_view text, Instant now) {
  if (text == "now") return now;
  if (text.starts_with('+') || text.starts_with('-')) {
    auto length = ParseDuration(text.substr(1));
    if (!length) return BadUsage(fmt::format("{}: {}", option, length.error().message));
    return text[0] == '+' ? now + *length : now - *length;
  }
  if (auto date = ParseDate(text)) return Instant{date->time_since_epoch()};
  auto instant = ParseInstant(text);
  if (instant) return *instant;
  // What begins like a date was meant as one, and the parser says what is wrong with it.
  if (!text.empty() && text[0] >= '0' && text[0] <= '9')
    return BadUsage(fmt::format("{}: {}", option, instant.error().message));
  return BadUsage(fmt::format(
      "{}: {} is no instant: write one such as 2026-03-11T07:00:00Z, a date (2026-03-11, its start "
      "in UTC), now, or a time from now such as +3d or -12h",
      option, Quoted(text)));
}

}  // namespace lockkeeper
