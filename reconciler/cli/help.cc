#include "reconciler/cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/output/display_width.h"

namespace lockkeeper {
namespace {

constexpr size_t kLineWidth = 100;
constexpr size_t kTermWidthMax = 30;

struct Entry {
  std::string term;
  std::string text;
};

std::string Wrapped(std::string_view text, size_t indent) {
  std::string out;
  size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > indent && column + 1 + DisplayWidth(word) > kLineWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += DisplayWidth(word);
  }
  return out;
}

void AddSection(std::string_view title, const std::vector<Entry>& entries, const Style& style,
                std::string& out) {
  if (entries.empty()) return;
  size_t width = 0;
  for (const Entry& entry : entries) {
    if (entry.term.size() <= kTermWidthMax) width = std::max(width, entry.term.size());
  }
  out += fmt::format("\n{}\n", style(Paint::kBold, title));
  for (const Entry& entry : entries) {
    const size_t indent = width + 4;
    out += fmt::format("  {}", style(Paint::kCyan, entry.term));
    out += entry.term.size() > width ? "\n" + std::string(indent, ' ')
                                     : std::string(width + 2 - entry.term.size(), ' ');
    out += Wrapped(entry.text, indent) + "\n";
  }
}

std::string TermOf(const CLI::Option& option) {
  std::string term;
  for (const std::string& name : option.get_snames()) term += "-" + name + ", ";
  if (term.empty()) term = "    ";
  term += "--" + option.get_lnames().front();
  if (option.get_expected_max() > 0) term += " " + option.get_type_name();
  return term;
}

std::string FirstSentence(const std::string& text) {
  const size_t end = text.find(". ");
  return end == std::string::npos ? text : text.substr(0, end + 1);
}

enum class Detail : uint8_t { kShort, kFull };

constexpr std::string_view kRemotes = "Remotes";  // The group of AddGlobalOptions.

/// Those of one group; the library's own name for what has none is `Options`.
std::vector<Entry> OptionsOf(const CLI::App& app, Detail detail, std::string_view group = "Options") {
  std::vector<Entry> entries;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option == app.get_help_ptr() || option->get_group() != group) continue;
    std::string text = option->get_description();
    if (detail == Detail::kShort) text = FirstSentence(text);
    if (detail == Detail::kFull && !option->get_envname().empty())
      text += fmt::format(" [{}]", option->get_envname());
    entries.push_back({TermOf(*option), std::move(text)});
  }
  const CLI::Option* help = app.get_help_ptr();
  if (help != nullptr && detail == Detail::kFull && group != kRemotes)
    entries.push_back({TermOf(*help), help->get_description()});
  return entries;
}

std::string UsageOf(const CLI::App& app) {
  std::string usage = FullName(app);
  const bool is_program = app.get_parent() == nullptr;
  if (!is_program) usage += " [options]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_single_name() + (option->get_expected_max() > 1 ? "..." : "");
    usage += option->get_required() ? " " + name : fmt::format(" [{}]", name);
  }
  if (is_program) usage += " COMMAND [options]";
  return usage;
}

}  // namespace

std::string FullName(const CLI::App& command) {
  return command.get_parent() == nullptr ? command.get_name()
                                         : FullName(*command.get_parent()) + " " + command.get_name();
}

std::vector<const CLI::App*> CommandsBelow(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* below) { return !below->get_group().empty(); });
}

std::string HelpText(const CLI::App& command, const Style& style) {
  const bool is_program = command.get_parent() == nullptr;
  std::string out = Wrapped(command.get_description(), 0) + "\n";
  out += fmt::format("\n{} {}\n", style(Paint::kBold, "Usage:"), UsageOf(command));
  std::vector<Entry> arguments;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) arguments.push_back({option->get_single_name(), option->get_description()});
  }
  AddSection("Arguments:", arguments, style, out);
  std::vector<Entry> commands;
  for (const CLI::App* below : CommandsBelow(command)) {
    commands.push_back({below->get_name(), FirstSentence(below->get_description())});
  }
  AddSection("Commands:", commands, style, out);
  if (!is_program) AddSection("Options:", OptionsOf(command, Detail::kFull), style, out);
  const CLI::App* program = &command;
  while (program->get_parent() != nullptr) program = program->get_parent();
  AddSection(is_program ? "Options, before or after the command:"
                        : "Options of every command ('lockkeeper --help' says more):",
             OptionsOf(*program, is_program ? Detail::kFull : Detail::kShort), style, out);
  if (is_program) {
    AddSection("How remote repositories are reached:", OptionsOf(*program, Detail::kFull, kRemotes), style,
               out);
  }
  std::string footer = command.get_footer();
  if (!footer.empty()) out += "\n" + footer + (footer.ends_with('\n') ? "" : "\n");
  return out;
}

}  // namespace lockkeeper
