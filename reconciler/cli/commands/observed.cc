#include "reconciler/cli/commands/observed.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "reconciler/cli/input_file.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cycle/observed_file.h"
#include "schemas/yaml/limits.h"

namespace lockkeeper {

CLI::Option* AddObserved(CommandLine& line, CLI::App& command, std::string& file) {
  return line.Complete(
      command
          .add_option("--observed", file,
                      "What the caller saw of the clusters, as answers to the checks: a YAML or JSON list of "
                      "{upgrade, cluster, ready, outcome, message}; - is stdin.")
          ->type_name("FILE"),
      Completes::kFiles);
}

CliResult<Observations> ReadObserved(const std::string& file) {
  if (file.empty()) return Observations{};
  auto text = ReadInput(file, kUserFileLimits.bytes_max);
  if (!text) return Stop(ExitCode::kNothingDone, "--observed: " + text.error().message);
  auto observed = DecodeObserved(file == "-" ? "stdin" : file, *text);
  if (observed) return std::move(*observed);
  std::string message = "--observed: nothing of this counts until it is mended:";
  for (const Diagnostic& finding : observed.error()) message += "\n" + FormatDiagnostic(finding);
  return Stop(ExitCode::kNothingDone, std::move(message));
}

void NoteUnused(const Observations& observed, const Plan& plan, const Invocation& call) {
  if (observed.empty()) return;
  std::set<std::pair<ObjectName, std::string>> decided;
  for (const Decision& d : plan.decisions) decided.emplace(d.upgrade, d.cluster);
  for (const auto& [key, seen] : observed) {
    if (decided.contains(key)) continue;
    call.Note(ForTerminal(
        fmt::format("warning: --observed: upgrade {} decides nothing about a cluster {}; not used",
                    key.first.str(), key.second)));
  }
}

}  // namespace lockkeeper
