#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "schemas/manifest/decode.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddSchema(CommandLine& line);

namespace {

std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  for (std::string_view kind : SchemaKinds()) names.emplace_back(kind);
  return names;
}

CliResult<ExitCode> ListKinds(Invocation& call) {
  if (call.out.is_text()) {
    for (const std::string& kind : KindNames()) call.out.Text(kind + "\n");
  } else {
    call.out.Value({{"kinds", KindNames()}});
  }
  return ExitCode::kDone;
}

CliResult<ExitCode> ShowSchema(const std::string& kind, Invocation& call) {
  if (kind.empty()) return ListKinds(call);
  const std::string_view schema = SchemaText(kind);
  if (schema.empty()) {
    const std::vector<std::string> names = KindNames();
    std::string near = DidYouMean(kind, names);
    if (near.empty()) near = fmt::format("; the kinds are {}", Listed(names));
    return BadUsage(fmt::format("KIND: there is no kind {}{}", Quoted(kind), near));
  }
  if (call.options.output == OutputFormat::kYaml) {
    call.out.Value(nlohmann::ordered_json::parse(schema));
  } else {
    call.out.Text(schema);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddSchema(CommandLine& line) {
  auto kind = std::make_shared<std::string>();
  CLI::App& command =
      line.Add("schema",
               "The JSON Schema (draft 7) of a kind of manifest, the very one that validation uses. Without "
               "KIND: the kinds that there are.",
               [kind](Invocation& call) { return ShowSchema(*kind, call); });
  line.Suggest(command.add_option("KIND", *kind, "Fleet, ClusterUpgrade, MaintenanceSchedule, ..."),
               KindNames);
  command.footer(
      "For an editor with yaml-language-server: write the schema to a file, and begin the manifest with the "
      "line\n"
      "  # yaml-language-server: $schema=PATH/Fleet.schema.json");
}

}  // namespace lockkeeper
