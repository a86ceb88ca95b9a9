#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reconciler/cli/exit_code.h"
#include "reconciler/cli/global_options.h"
#include "reconciler/cli/output/output.h"
#include "schemas/instant.h"

namespace lockkeeper {

class CommandLine;
class FleetSource;

/// One call of a command: everything that it may depend on besides its own options.
struct Invocation {
  const CommandLine& line;
  const GlobalOptions& options;
  Instant now;  ///< --now, or the clock, read once
  Output& out;  ///< the result
  Style notes;  ///< colours of stderr
  /// Where the fleet comes from that OpenFleet(call) gives; null: from --repo.
  FleetSource* fleets = nullptr;
  /// Asked between steps of what may take long; its error ends the command. Empty: it takes its time.
  std::function<Result<void>()> go_on = {};
  /// Who takes what Note says; empty: stderr.
  std::function<void(std::string_view)> listener = {};

  /// A line for people, beside the result.
  void Note(std::string_view text) const;
};

/// kDone or kNothingDone (findings) are for commands that did what was asked; everything else is a Failure.
using RunCommand = std::function<CliResult<ExitCode>(Invocation&)>;

/// What may stand for an argument, for the shell's completion.
enum class Completes : uint8_t { kNothing, kFiles, kFolders };

/// The tree of commands. Each command's file has one function `void AddX(CommandLine&)`, and command_list.cc
/// a line that names it. Environment variables (LOCKKEEPER_COMMAND_OPTION), help and completion follow from
/// what is added here.
class CommandLine {
 public:
  explicit CommandLine(CLI::App& app) : app_(app) {}

  /// A command; `name` may be `group command`, and then the group's own command must have been added before
  /// (or AddGroup). The options are bound to variables that outlive this object: make them shared and let
  /// `run` own them.
  CLI::App& Add(const std::string& name, const std::string& description, RunCommand run);
  /// A word that only has commands below it, such as `calendar`.
  CLI::App& AddGroup(const std::string& name, const std::string& description);

  /// Refuses every other value, with the nearest one in the message, and completes these.
  CLI::Option* OneOf(CLI::Option* option, std::vector<std::string> values);
  CLI::Option* Complete(CLI::Option* option, Completes what);
  /// Values that are suggested and not enforced, made only when somebody completes.
  CLI::Option* Suggest(CLI::Option* option, std::function<std::vector<std::string>()> values);
  /// The same with names from the repository that the command line points to.
  CLI::Option* SuggestFrom(CLI::Option* option,
                           std::function<std::vector<std::string>(const GlobalOptions&)> values);

  /// This command can write `-o sarif` too.
  void AllowSarif(const CLI::App& command) { sarif_.insert(&command); }

  const CLI::App& app() const { return app_; }
  /// nullptr: a group.
  const RunCommand* Find(const CLI::App* command) const;
  /// What may stand for this option or argument; of `options` the repository and branch are meant.
  std::vector<std::string> ValuesOf(const CLI::Option* option, const GlobalOptions& options = {}) const;
  Completes CompletionOf(const CLI::Option* option) const;
  bool HasSarif(const CLI::App* command) const { return sarif_.contains(command); }

 private:
  CLI::App& Parent(const std::string& name, std::string& last_word);

  CLI::App& app_;
  std::map<const CLI::App*, RunCommand> commands_;
  std::map<const CLI::Option*, std::function<std::vector<std::string>(const GlobalOptions&)>> values_;
  std::map<const CLI::Option*, Completes> completions_;
  std::set<const CLI::App*> sarif_;
};

/// The command of this name right below; nullptr.
const CLI::App* FindBelow(const CLI::App& command, const std::string& name);

/// An instant as people type it: RFC 3339 with offset, a date (its first moment in UTC), `now`, or `+3d`,
/// `-12h` from now.
CliResult<Instant> ReadInstant(std::string_view option, std::string_view text, Instant now);

}  // namespace lockkeeper
