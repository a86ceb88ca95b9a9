#include "reconciler/cli/global_options.h"

#include "reconciler/cli/command.h"

namespace lockkeeper {

void AddGlobalOptions(CommandLine& line, CLI::App& app, GlobalWords& words) {
  line.Complete(
          app.add_option(
              "--repo", words.repo,
              "The repository: a path, or a file:// URL. This version reads repositories on this machine "
              "only. Default: the one that the current folder is in."),
          Completes::kFolders)
      ->type_name("URL|PATH");
  app.add_option("--branch", words.branch,
                 "The branch to follow. Default: the one that the repository's HEAD names.")
      ->type_name("NAME");
  app.add_option("--now", words.now,
                 "Answer as if it were this instant (RFC 3339, or a date), for tests and questions. Default: "
                 "the clock.")
      ->type_name("INSTANT");
  line.OneOf(app.add_option("-o,--output", words.output,
                            "How the result is written. JSON is stable, text is for people."),
             {"text", "json", "yaml", "sarif"})
      ->type_name("text|json|yaml|sarif");
  line.OneOf(app.add_option("--log-level", words.log_level,
                            "The least important messages to log. Default: warn."),
             {"trace", "debug", "info", "warn", "error", "off"})
      ->type_name("LEVEL");
  line.OneOf(app.add_option("--log-format", words.log_format,
                            "How messages are written to stderr. Default: text."),
             {"text", "json"})
      ->type_name("text|json");
  line.OneOf(app.add_option("--color", words.color, "Colours. auto: on a terminal, unless NO_COLOR is set."),
             {"auto", "always", "never"})
      ->type_name("auto|always|never");
  line.Complete(
          app.add_option(
              "--cache", words.cache,
              "Folder for clones of remote repositories. Accepted, but not used yet: this version reads "
              "repositories on this machine, and needs no clone."),
          Completes::kFolders)
      ->type_name("DIR");
  line.Complete(
          app.add_option("--signing-key", words.signing_key.key,
                         "With what commits are signed where the Fleet asks for it: for ssh a private key's "
                         "file, or a public key's whose private part the ssh agent has; for gpg a key's id."),
          Completes::kFiles)
      ->type_name("KEY");
  line.Complete(app.add_option("--signing-passphrase-file", words.signing_key.passphrase_file,
                               "The file with the passphrase of --signing-key."),
                Completes::kFiles)
      ->type_name("FILE");
  line.Complete(
          app.add_option("--allowed-signers", words.allowed_signers.ssh_file,
                         "Only manifests whose last change is signed with an SSH key of this file count "
                         "(its format: ALLOWED SIGNERS in ssh-keygen(1))."),
          Completes::kFiles)
      ->type_name("FILE");
  line.Complete(app.add_option(
                    "--allowed-gpg-signers", words.allowed_signers.gpg_file,
                    "Likewise with a GPG key of the keyring: a line for each, with the name of its owner "
                    "and the key's fingerprint."),
                Completes::kFiles)
      ->type_name("FILE");
}

CliResult<GlobalOptions> ReadGlobalOptions(const GlobalWords& words, Instant clock) {
  GlobalOptions options;
  options.repo = words.repo;
  options.branch = words.branch;
  if (!words.now.empty()) {
    auto now = ReadInstant("--now", words.now, clock);
    if (!now) return std::unexpected(now.error());
    options.now = *now;
  }
  if (words.output == "json") options.output = OutputFormat::kJson;
  if (words.output == "yaml") options.output = OutputFormat::kYaml;
  if (words.output == "sarif") options.output = OutputFormat::kSarif;
  options.log_level = words.log_level;
  if (words.log_format == "json") options.log_format = LogFormat::kJson;
  if (words.color == "always") options.color = ColorMode::kAlways;
  if (words.color == "never") options.color = ColorMode::kNever;
  options.cache = words.cache;
  options.signing_key = words.signing_key;
  options.allowed_signers = words.allowed_signers;
  return options;
}

}  // namespace lockkeeper
