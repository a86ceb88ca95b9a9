#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gitops/repository/library_version.h"
#include "reconciler/cli/command.h"
#include "reconciler/core/time/schedule_calendar.h"

namespace lockkeeper {

void AddVersion(CommandLine& line);

namespace {

CliResult<ExitCode> ShowVersion(Invocation& call) {
  const std::string zones = ZoneDatabaseVersion();
  if (!call.out.is_text()) {
    nlohmann::ordered_json value;
    value["version"] = LK_VERSION;
    value["timeZoneDatabase"] = zones;
    value["libraries"] = {
        {"libgit2", Libgit2Version()}, {"yaml-cpp", LK_YAML_CPP_VERSION}, {"libfyaml", LK_LIBFYAML_VERSION}};
    value["compiler"] = __VERSION__;
    call.out.Value(value);
    return ExitCode::kDone;
  }
  call.out.Text(fmt::format("lockkeeper {}\n", LK_VERSION));
  call.out.Text(
      fmt::format("  time zones  {}\n", zones.empty() ? "of an unknown version" : "tzdata " + zones));
  call.out.Text(fmt::format("  libraries   libgit2 {}, yaml-cpp {}, libfyaml {}\n", Libgit2Version(),
                            LK_YAML_CPP_VERSION, LK_LIBFYAML_VERSION));
  call.out.Text(fmt::format("  compiler    {}\n", __VERSION__));
  return ExitCode::kDone;
}

}  // namespace

void AddVersion(CommandLine& line) {
  line.Add("version", "The version of this program, of the time zone database, and of the libraries.",
           ShowVersion);
}

}  // namespace lockkeeper
