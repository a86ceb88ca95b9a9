#include "reconciler/cli/global_options.h"

#include "reconciler/cli/command.h"

namespace lockkeeper {

namespace {

/// Secrets are in files that are read anew for each conversation with the remote: they may change, and a
/// command line is seen by everybody.
void AddRemoteOptions(CommandLine& line, CLI::App& app, RemoteAccess& access) {
  auto file = [&](const char* name, std::string& path, const char* what) {
    line.Complete(app.add_option(name, path, what), Completes::kFiles)->type_name("FILE")->group("Remotes");
  };
  app.add_option(
         "--username", access.username,
         "Who we are for a remote over HTTP, with the token as password. Default: the token alone, as "
         "bearer.")
      ->type_name("NAME")
      ->group("Remotes");
  file("--token-file", access.token_file, "The token or password for a remote over HTTP, in one line.");
  file("--headers-file", access.headers_file,
       "Further HTTP headers for the remote, 'Name: value' in each line.");
  file("--ca-file", access.ca_file,
       "Authorities (PEM) that may vouch for the remote. Default: the system's.");
  file("--client-certificate-file", access.client_certificate_file,
       "Our own certificate (PEM) for the remote.");
  file("--client-key-file", access.client_key_file,
       "Its key (PEM). Default: it stands in the certificate's file.");
  app.add_option("--proxy", access.proxy,
                 "A proxy for remotes over HTTP. Default: http_proxy, https_proxy and no_proxy of the "
                 "environment.")
      ->type_name("URL")
      ->group("Remotes");
  file("--ssh-key-file", access.ssh_key_file,
       "The key for a remote over SSH. Default: the agent's, or what ~/.ssh/config says.");
  file("--ssh-passphrase-file", access.ssh_passphrase_file, "Its passphrase, in one line.");
  file("--known-hosts-file", access.known_hosts_file,
       "Hosts that are known over SSH; others are refused. Default: the user's own file.");
}

}  // namespace

void AddGlobalOptions(CommandLine& line, CLI::App& app, GlobalWords& words) {
  line.Complete(app.add_option("--repo", words.repo,
                               "The repository: a path, or a URL (https, http, ssh, file, or "
                               "user@host:path). Default: the one "
                               "that the current folder is in."),
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
                            "The least important messages to log. Default: warn; of run: info."),
             {"trace", "debug", "info", "warn", "error", "off"})
      ->type_name("LEVEL");
  line.OneOf(app.add_option("--log-format", words.log_format,
                            "How messages are written to stderr. Default: text."),
             {"text", "json"})
      ->type_name("text|json");
  line.OneOf(app.add_option("--color", words.color, "Colours. auto: on a terminal, unless NO_COLOR is set."),
             {"auto", "always", "never"})
      ->type_name("auto|always|never");
  line.Complete(app.add_option(
                    "--cache", words.cache,
                    "Folder for clones of remote repositories, which may be deleted at any time. Default: "
                    "$CACHE_DIRECTORY, $XDG_CACHE_HOME/lockkeeper or ~/.cache/lockkeeper."),
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
  AddRemoteOptions(line, app, words.access);
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
  options.access = words.access;
  options.allowed_signers = words.allowed_signers;
  return options;
}

}  // namespace lockkeeper
