#include "gitops/signature/open_signer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "gitops/repository/file_io.h"
#include "gitops/signature/signing_program.h"

namespace lockkeeper {
namespace {

// A person may have to touch a token, or to type what a pinentry asks for.
constexpr std::chrono::seconds kSignTimeMax{30};
constexpr const char* kPassphraseVariable = "LK_PASSPHRASE_FILE";

std::unexpected<Error> CannotSign(std::string_view why) {
  return Fail(ErrorKind::kDenied,
              fmt::format("the commit cannot be signed, so nothing is published: {}", why));
}

Result<std::string> SignBy(const ChildCommand& command, std::string_view begin, std::string_view advice) {
  auto outcome = RunChild(command);
  if (!outcome) return CannotSign(outcome.error().message);
  if (outcome->timed_out) {
    return Fail(
        ErrorKind::kTransient,
        fmt::format("the commit cannot be signed, so nothing is published: {} did not end within {} s "
                    "and was stopped; if it waits for a passphrase, give it with "
                    "--signing-passphrase-file",
                    command.program, kSignTimeMax.count()));
  }
  if (outcome->exit_code != 0 || !outcome->output.starts_with(begin)) {
    return CannotSign(fmt::format("{} ended with exit code {}: {}; {}", command.program, outcome->exit_code,
                                  SaidLine(*outcome), advice));
  }
  return std::move(outcome->output);
}

class SshSigner : public CommitSigner {
 public:
  SshSigner(std::string program, SigningKey key) : program_(std::move(program)), key_(std::move(key)) {}

  Result<std::string> Sign(std::string_view commit) const override {
    ChildCommand command{.program = program_,
                         .arguments = {"-Y", "sign", "-n", "git", "-f", key_.key},
                         .folder = ".",
                         .environment = ProgramEnvironment(),
                         .input = std::string(commit),
                         .errors = ChildErrors::kApart,
                         .time_max = kSignTimeMax};
    auto ask = Answer(command.environment);
    if (!ask) return std::unexpected(ask.error());
    return SignBy(
        command, "-----BEGIN SSH SIGNATURE-----",
        fmt::format("see that {} is a private key, or a public one whose private part the ssh agent "
                    "has, and give its passphrase with --signing-passphrase-file",
                    key_.key));
  }

 private:
  /// ssh-keygen takes a passphrase from a terminal, or from a program that it runs. There may be no terminal,
  /// and at one it would wait, so it always gets a program: one that shows the file, in memory so that there
  /// is nothing to clean up, or one that knows nothing.
  Result<FileDescriptor> Answer(std::vector<std::string>& environment) const {
    std::erase_if(environment, [](const std::string& v) { return v.starts_with("SSH_ASKPASS"); });
    environment.emplace_back("SSH_ASKPASS_REQUIRE=force");
    if (key_.passphrase_file.empty()) {
      environment.emplace_back("SSH_ASKPASS=/bin/false");
      return FileDescriptor{};
    }
    FileDescriptor script(::memfd_create("lockkeeper-askpass", MFD_CLOEXEC));
    if (!script.is_open()) return FileFailure(errno, "make a file in memory for it", program_);
    const std::string text = fmt::format("#!/bin/sh\nexec cat -- \"${}\"\n", kPassphraseVariable);
    if (auto written = WriteAll(script.get(), text, program_); !written)
      return std::unexpected(written.error());
    // ssh-keygen closes what it inherits before it runs that program.
    environment.push_back(fmt::format("SSH_ASKPASS=/proc/{}/fd/{}", ::getpid(), script.get()));
    environment.push_back(fmt::format("{}={}", kPassphraseVariable, key_.passphrase_file));
    return script;
  }

  std::string program_;
  SigningKey key_;
};

class GpgSigner : public CommitSigner {
 public:
  GpgSigner(std::string program, SigningKey key) : program_(std::move(program)), key_(std::move(key)) {}

  Result<std::string> Sign(std::string_view commit) const override {
    std::vector<std::string> arguments{"--batch", "--no-tty", "--quiet"};
    if (!key_.passphrase_file.empty()) {
      arguments.insert(arguments.end(),
                       {"--pinentry-mode", "loopback", "--passphrase-file", key_.passphrase_file});
    }
    arguments.insert(arguments.end(), {"--detach-sign", "--armor", "--local-user", key_.key});
    return SignBy({.program = program_,
                   .arguments = std::move(arguments),
                   .folder = ".",
                   .environment = ProgramEnvironment(),
                   .input = std::string(commit),
                   .errors = ChildErrors::kApart,
                   .time_max = kSignTimeMax},
                  "-----BEGIN PGP SIGNATURE-----",
                  fmt::format("see that 'gpg --list-secret-keys' shows the key {}, and give its passphrase "
                              "with --signing-passphrase-file",
                              key_.key));
  }

 private:
  std::string program_;
  SigningKey key_;
};

Result<void> CheckReadable(std::string_view option, const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.is_open()) return {};
  return CannotSign(fmt::format("{}: {}", option, FileFailure(errno, "read it", path).error().message));
}

}  // namespace

Result<std::shared_ptr<const CommitSigner>> OpenSigner(std::string_view signing, const SigningKey& key) {
  using Signer = std::shared_ptr<const CommitSigner>;
  if (signing == "none") return Signer{};
  if (signing != "ssh" && signing != "gpg") {
    return CannotSign(
        fmt::format("lockkeeper.yaml: spec.commit.signing: '{}' is not known; it is none, ssh "
                    "or gpg",
                    signing));
  }
  const bool ssh = signing == "ssh";
  if (key.key.empty()) {
    return CannotSign(
        fmt::format("lockkeeper.yaml asks for it (spec.commit.signing: {}), and no key is given: "
                    "give {} with --signing-key",
                    signing, ssh ? "a key's file" : "the id of a key in your keyring"));
  }
  if (!key.passphrase_file.empty()) {
    if (auto checked = CheckReadable("--signing-passphrase-file", key.passphrase_file); !checked)
      return std::unexpected(checked.error());
  }
  if (ssh) {
    if (auto checked = CheckReadable("--signing-key", key.key); !checked)
      return std::unexpected(checked.error());
  }
  auto program = ssh ? FindProgram("ssh-keygen", "openssh-client") : FindProgram("gpg", "gnupg");
  if (!program) return CannotSign(program.error().message);
  if (ssh) return Signer(std::make_shared<SshSigner>(std::move(*program), key));
  return Signer(std::make_shared<GpgSigner>(std::move(*program), key));
}

}  // namespace lockkeeper
