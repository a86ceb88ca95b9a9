#include "gitops/remote/ssh_call.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

#include "net/credentials.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

#ifdef MFD_EXEC
constexpr unsigned kExecutable = MFD_EXEC;
#else
constexpr unsigned kExecutable = 0x10U;
#endif

std::string ForShell(std::string_view word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' || c == '!' ? fmt::format("'\\{}'", c) : std::string(1, c);
  return quoted + "'";
}

// ssh expands percent signs in the names of files, and variables, which it cannot be told to leave.
Result<std::string> ForSsh(const std::string& path, std::string_view what) {
  if (path.contains("${") || path.contains('"') ||
      std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return Invalid(fmt::format("{}: ssh cannot be told such a name of a file; give the {} another one",
                               Quoted(path), what));
  }
  if (auto readable = RequireReadable(path, what); !readable) return std::unexpected(readable.error());
  std::string escaped;
  for (const char c : path) escaped += c == '%' ? std::string("%%") : std::string(1, c);
  // A leading ~ would be somebody's home.
  return escaped.starts_with('~') ? "./" + escaped : escaped;
}

// A script that ssh can run by a path and that is in memory: no file to leave behind, and no need of a folder
// where programs may lie.
Result<FileDescriptor> MakeAskpass(const std::string& passphrase_file) {
  const std::string script = fmt::format(
      "#!/bin/sh\n"
      "# Whatever else ssh may ask for, it is not this.\n"
      "case \"$1\" in *passphrase*) ;; *) exit 1 ;; esac\n"
      "IFS= read -r line < {} || [ -n \"$line\" ] || exit 1\n"
      "printf '%s\\n' \"$line\"\n",
      ForShell(passphrase_file));
  FileDescriptor file(::memfd_create("lockkeeper-askpass", MFD_CLOEXEC | kExecutable));
  // Kernels before 6.3 do not know the flag, and make such files executable.
  if (!file.is_open() && errno == EINVAL)
    file = FileDescriptor(::memfd_create("lockkeeper-askpass", MFD_CLOEXEC));
  if (!file.is_open()) return FileFailure(errno, "make a file in memory", "ssh");
  if (auto written = WriteAll(file.get(), script, "ssh"); !written) return std::unexpected(written.error());
  // Opened for writing it could not be run.
  FileDescriptor readable(::open(fmt::format("/proc/self/fd/{}", file.get()).c_str(), O_RDONLY | O_CLOEXEC));
  if (!readable.is_open()) return FileFailure(errno, "open a file in memory", "ssh");
  return readable;
}

std::vector<std::string> Environment() {
  auto environment = InheritedEnvironment();
  // Its words are read by us.
  std::erase_if(environment, [](const std::string& variable) {
    return variable.starts_with("LC_") || variable.starts_with("LANG") || variable.starts_with("SSH_ASKPASS");
  });
  environment.emplace_back("LC_ALL=C");
  return environment;
}

std::vector<std::string> FixedOptions(std::chrono::milliseconds connect_max, bool asks_for_passphrase) {
  const auto seconds = std::max<int64_t>(std::chrono::ceil<std::chrono::seconds>(connect_max).count(), 1);
  std::vector<std::string> words{"-T", "-x", "-a"};
  for (const std::string& option : {
           // In batch mode ssh asks for no passphrase either, so then every other question is turned off by
           // name.
           fmt::format("BatchMode={}", asks_for_passphrase ? "no" : "yes"),
           std::string("PasswordAuthentication=no"),
           std::string("KbdInteractiveAuthentication=no"),
           std::string("NumberOfPasswordPrompts=1"),
           std::string("StrictHostKeyChecking=yes"),
           std::string("UpdateHostKeys=no"),
           fmt::format("ConnectTimeout={}", seconds),
           std::string("ConnectionAttempts=1"),
           // A master that stays in the background would outlive the conversation.
           std::string("ControlMaster=no"),
           std::string("ControlPath=none"),
           std::string("ClearAllForwardings=yes"),
           std::string("PermitLocalCommand=no"),
           std::string("RemoteCommand=none"),
           std::string("LogLevel=ERROR"),
       }) {
    words.insert(words.end(), {"-o", option});
  }
  return words;
}

}  // namespace

Result<SshCall> MakeSshCall(const RemoteUrl& url, const RemoteAccess& access,
                            std::chrono::milliseconds connect_max, GitService service) {
  const auto program = FindOnPath("ssh");
  if (!program) {
    return Fail(
        ErrorKind::kDenied,
        "there is no program ssh on the PATH, and ssh remotes need it: install the package openssh-client");
  }
  SshCall call{.program = {.program = *program, .folder = ".", .environment = Environment()}};
  std::vector<std::string>& words = call.program.arguments;
  words = FixedOptions(connect_max, !access.ssh_passphrase_file.empty());
  if (!access.known_hosts_file.empty()) {
    const auto path = ForSsh(access.known_hosts_file, "file of known hosts");
    if (!path) return std::unexpected(path.error());
    words.insert(words.end(), {"-o", fmt::format("UserKnownHostsFile=\"{}\"", *path)});
  }
  if (!access.ssh_key_file.empty()) {
    const auto path = ForSsh(access.ssh_key_file, "ssh key");
    if (!path) return std::unexpected(path.error());
    words.insert(words.end(), {"-i", *path, "-o", "IdentitiesOnly=yes"});
  }
  if (!access.ssh_passphrase_file.empty()) {
    if (auto secret = ReadSecretFile(access.ssh_passphrase_file); !secret)
      return std::unexpected(secret.error());
    auto askpass = MakeAskpass(access.ssh_passphrase_file);
    if (!askpass) return std::unexpected(askpass.error());
    call.askpass = std::move(*askpass);
    call.program.environment.emplace_back(
        fmt::format("SSH_ASKPASS=/proc/{}/fd/{}", ::getpid(), call.askpass.get()));
    call.program.environment.emplace_back("SSH_ASKPASS_REQUIRE=force");
  }
  if (!url.port.empty()) words.insert(words.end(), {"-p", url.port});
  if (!url.user.empty()) words.insert(words.end(), {"-l", url.user});
  words.insert(words.end(), {"--", url.host, fmt::format("{} {}", ServiceName(service), ForShell(url.path))});
  return call;
}

}  // namespace lockkeeper
