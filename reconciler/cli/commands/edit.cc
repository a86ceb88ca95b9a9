#include "gitops/edit/edit.h"

#include <fmt/format.h>

#include <memory>

#include "reconciler/cli/command.h"
#include "reconciler/cli/input_file.h"
#include "reconciler/cli/replace_file.h"
#include "schemas/yaml/limits.h"

namespace lockkeeper {

void AddEdit(CommandLine& line);

namespace {

struct EditOptions {
  std::string file;
  std::string path;
  std::string value;
  int document = 0;
  bool in_place = false;
};

CliResult<ExitCode> Edit(const EditOptions& options, Invocation& call) {
  if (options.in_place && options.file == "-")
    return BadUsage("--in-place: stdin cannot be changed in place; name a file");
  auto text = ReadInput(options.file, kUserFileLimits.bytes_max);
  if (!text) return Stop(ExitCode::kNothingDone, text.error().message);
  auto edited =
      SetScalars(*text, {{.document = options.document, .path = options.path, .value = options.value}});
  if (!edited) {
    const std::string shown = options.file == "-" ? "stdin" : options.file;
    const std::string& why = edited.error().message;
    // Most of its messages begin with the line and column.
    const bool has_place = !why.empty() && why[0] >= '0' && why[0] <= '9';
    return Stop(ExitCode::kNothingDone, fmt::format("{}:{}{}", shown, has_place ? "" : " ", why));
  }
  if (!options.in_place) {
    call.out.Text(*edited);
  } else if (*edited != *text) {
    if (auto replaced = ReplaceFile(options.file, *edited); !replaced) {
      return Stop(ExitCode::kNothingDone, replaced.error().message);
    }
  }
  return ExitCode::kDone;
}

}  // namespace

void AddEdit(CommandLine& line) {
  auto options = std::make_shared<EditOptions>();
  CLI::App& command = line.Add("edit",
                               "Sets one scalar of a YAML file and changes no other byte. The result goes to "
                               "stdout as it is, whatever "
                               "--output says; what cannot be set safely is refused with the reason.",
                               [options](Invocation& call) { return Edit(*options, call); });
  line.Complete(command.add_option("FILE", options->file, "The file; - is stdin.")->required(),
                Completes::kFiles);
  command
      .add_option("PATH", options->path,
                  "Where the value stands, as a Kustomize field path: spec.topology.version, "
                  "images.[name=node].newTag, "
                  "spec.list.[0], metadata.labels.[a.b/c]. It goes on inside a text that holds YAML itself.")
      ->required();
  command.add_option("VALUE", options->value, "The new value, one line.")->required();
  command
      .add_option("--document", options->document, "Which document of the file, counted from 0. Default: 0.")
      ->type_name("N");
  command.add_flag("--in-place", options->in_place,
                   "Change the file itself, in one step. Its mode stays, and so does a symbolic link to it.");
  command.footer(
      "Examples:\n"
      "  lockkeeper edit cluster.yaml spec.topology.version v1.32.4\n"
      "  lockkeeper edit --in-place values.yaml data.values.global.release.version 33.4.0\n"
      "  lockkeeper edit numbers.yaml spec.offset -- -5");
}

}  // namespace lockkeeper
