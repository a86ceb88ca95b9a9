#include "reconciler/cli/program.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <exception>
#include <new>

#include "reconciler/cli/clock.h"
#include "reconciler/cli/command_list.h"
#include "reconciler/cli/complete.h"
#include "reconciler/cli/help.h"
#include "reconciler/cli/logging.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/settings.h"
#include "reconciler/cli/usage_error.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kAbout =
    "lockkeeper upgrades a fleet of Kubernetes clusters from a Git repository: by commit or merge request, "
    "inside "
    "maintenance windows, with the repository's history as the record.";

constexpr std::string_view kFooter =
    "Begin with 'lockkeeper init' in a clone of the repository that holds your clusters.\n"
    "Exit codes: 0 done; 1 findings, or nothing could be done; 2 bad usage; 3 the repository cannot be\n"
    "reached or read; 4 rejected after all retries.";

/// CLI11 takes `--name=` for a name whose value follows.
std::vector<std::string> WithEmptyValues(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  bool options = true;
  for (const std::string& argument : arguments) {
    options = options && argument != "--";
    const bool empty_value =
        options && argument.starts_with("--") && argument.find('=') + 1 == argument.size();
    words.push_back(empty_value ? argument.substr(0, argument.size() - 1) : argument);
    if (empty_value) words.emplace_back();
  }
  return words;
}

void AllowExtras(CLI::App& app) {
  // What is left over is explained here, not by CLI11.
  app.allow_extras();
  for (CLI::App* command : app.get_subcommands({})) AllowExtras(*command);
}

class Program {
 public:
  explicit Program(const std::vector<AddCommand>& further)
      : app_(std::string(kAbout), "lockkeeper"), line_(app_) {
    app_.set_help_flag("-h,--help", "Shows this.");
    app_.fallthrough();
    app_.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    AddGlobalOptions(line_, app_, words_);
    AddCommands(line_);
    for (AddCommand add : further) add(line_);
    AddSettings(app_);
    AllowExtras(app_);
    // Commands would take over what is there when they are added.
    app_.footer(std::string(kFooter));
  }

  int Run(std::vector<std::string> arguments) {
    if (IsCompletionRequest(arguments)) return PrintCompletions(line_, arguments);
    // The words that other tools taught people.
    if (!arguments.empty() && arguments[0] == "--version") arguments[0] = "version";
    if (!arguments.empty() && arguments[0] == "help") {
      arguments.erase(arguments.begin());
      arguments.emplace_back("--help");
    }
    arguments = WithEmptyValues(arguments);
    // CLI11 takes them from the back.
    std::ranges::reverse(arguments);
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      return Print(HelpText(ChosenCommand(app_), StyleOf(STDOUT_FILENO)));
    } catch (const CLI::ParseError& error) {
      const std::string leftover = LeftoverProblem(app_);
      return UsageProblem(leftover.empty() ? ParseProblem(error) : leftover);
    }
    if (std::string leftover = LeftoverProblem(app_); !leftover.empty()) return UsageProblem(leftover);
    return RunChosen();
  }

 private:
  int RunChosen() {
    const CLI::App& command = ChosenCommand(app_);
    if (&command == &app_) return UsageProblem("say what to do: give a command");
    const RunCommand* run = line_.Find(&command);
    if (run == nullptr) {
      std::vector<std::string> names;
      for (const CLI::App* below : CommandsBelow(command)) names.push_back(below->get_name());
      return UsageProblem(fmt::format("{}: say which: {}", FullName(command), fmt::join(names, ", ")));
    }
    const Instant clock = ReadClock();
    auto options = ReadGlobalOptions(words_, clock);
    if (!options) return UsageProblem(options.error().message);
    if (options->output == OutputFormat::kSarif && !line_.HasSarif(&command)) {
      return UsageProblem(fmt::format(
          "--output: {} cannot be written as sarif; the others are text, json, yaml", FullName(command)));
    }
    options_ = *options;
    StartLogging(options_);
    Output out(STDOUT_FILENO, options_.output, StyleOf(STDOUT_FILENO));
    Invocation invocation{.line = line_,
                          .options = options_,
                          .now = options_.now.value_or(clock),
                          .out = out,
                          .notes = StyleOf(STDERR_FILENO)};
    auto result = (*run)(invocation);
    // What was found out before it failed is worth showing.
    auto written = out.Flush();
    if (!result && result.error().code == ExitCode::kUsage) return UsageProblem(result.error().message);
    if (!result) return Problem(result.error());
    if (!written) return Problem({ExitCode::kNothingDone, written.error().message});
    return static_cast<int>(*result);
  }

  int Print(std::string_view text) {
    Output out(STDOUT_FILENO, OutputFormat::kText, {});
    out.Text(text);
    if (auto written = out.Flush(); !written)
      return Problem({ExitCode::kNothingDone, written.error().message});
    return static_cast<int>(ExitCode::kDone);
  }

  Style StyleOf(int fd) const {
    const ColorMode mode = words_.color == "always"  ? ColorMode::kAlways
                           : words_.color == "never" ? ColorMode::kNever
                                                     : ColorMode::kAuto;
    return StyleFor(mode, fd);
  }

  int Problem(const Failure& failure) const {
    if (words_.log_format == "json") {
      if (spdlog::default_logger()->name() != "lockkeeper") StartLogging({.log_format = LogFormat::kJson});
      spdlog::error("{}", failure.message);
    } else {
      fmt::print(stderr, "{} {}\n", StyleOf(STDERR_FILENO)(Paint::kRed, "lockkeeper:"),
                 LinesForTerminal(failure.message));
    }
    return static_cast<int>(failure.code);
  }

  int UsageProblem(const std::string& message) const {
    return Problem(
        {ExitCode::kUsage, fmt::format("{}\nsee '{} --help'", message, FullName(ChosenCommand(app_)))});
  }

  GlobalWords words_;
  GlobalOptions options_;
  CLI::App app_;
  CommandLine line_;
};

int InternalProblem(std::string_view what) {
  // The error may be that there is no memory left.
  std::fputs("lockkeeper: internal error: ", stderr);
  std::fwrite(what.data(), 1, what.size(), stderr);
  std::fputs("\n", stderr);
  return static_cast<int>(ExitCode::kNothingDone);
}

}  // namespace

int RunProgram(std::vector<std::string> arguments, const std::vector<AddCommand>& further) {
  try {
    return Program(further).Run(std::move(arguments));
  } catch (const std::bad_alloc&) {
    return InternalProblem("out of memory");
  } catch (const std::exception& error) {
    return InternalProblem(error.what());
  }
}

}  // namespace lockkeeper
