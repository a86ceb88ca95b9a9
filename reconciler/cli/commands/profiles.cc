#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/output/text_table.h"
#include "schemas/inventory/inventory.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddProfiles(CommandLine& line);

namespace {

std::vector<std::string> ProfileNames() {
  std::vector<std::string> names;
  for (const Profile& profile : BuiltInProfiles()) names.push_back(profile.name);
  return names;
}

nlohmann::ordered_json Json(const Profile& profile) {
  return {{"name", profile.name},
          {"description", profile.description},
          {"general", profile.general},
          {"text", profile.text}};
}

CliResult<ExitCode> ListProfiles(Invocation& call) {
  if (!call.out.is_text()) {
    auto list = nlohmann::ordered_json::array();
    for (const Profile& profile : BuiltInProfiles()) list.push_back(Json(profile));
    call.out.Value({{"profiles", std::move(list)}});
    return ExitCode::kDone;
  }
  TextTable table({"PROFILE", "FINDS"});
  for (const Profile& profile : BuiltInProfiles()) {
    // Its first sentence; the others are for who uses it.
    table.Add(
        {{profile.name, Paint::kCyan}, {profile.description.substr(0, profile.description.find(". "))}});
  }
  call.out.Text(table.Render(call.out.style()));
  call.out.Text(
      "\n'lockkeeper profiles NAME' shows one; its fields are those of a rule in spec.inventory of the "
      "Fleet.\n");
  return ExitCode::kDone;
}

CliResult<ExitCode> ShowProfiles(const std::string& name, Invocation& call) {
  if (name.empty()) return ListProfiles(call);
  for (const Profile& profile : BuiltInProfiles()) {
    if (profile.name != name) continue;
    if (call.out.is_text()) {
      call.out.Text(profile.text);
    } else {
      call.out.Value(Json(profile));
    }
    return ExitCode::kDone;
  }
  const std::vector<std::string> names = ProfileNames();
  std::string near = DidYouMean(name, names);
  if (near.empty()) near = fmt::format("; the profiles are {}", Listed(names));
  return BadUsage(fmt::format("NAME: there is no profile {}{}", Quoted(name), near));
}

}  // namespace

void AddProfiles(CommandLine& line) {
  auto name = std::make_shared<std::string>();
  CLI::App& command =
      line.Add("profiles", "The built-in profiles: shapes of cluster manifests that lockkeeper knows.",
               [name](Invocation& call) { return ShowProfiles(*name, call); });
  line.Suggest(command.add_option("NAME", *name, "Show this one as it is written. Without it: the list."),
               ProfileNames);
}

}  // namespace lockkeeper
