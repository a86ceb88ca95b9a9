#include "gitops/signature/commit_verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <vector>

#include "gitops/repository/file_io.h"
#include "gitops/signature/signing_program.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr std::chrono::seconds kVerifyTimeMax{10};
constexpr size_t kAllowedBytesMax = size_t{1} << 20;
constexpr size_t kPrincipalsMax = 16;
constexpr size_t kFingerprintDigits = 40;

std::vector<std::string_view> Split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(at), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines = Split(text, '\n');
  for (std::string_view& line : lines) {
    while (line.ends_with('\r')) line.remove_suffix(1);
  }
  return lines;
}

Result<std::string> ReadAllowed(std::string_view option, const std::string& path) {
  if (path.empty()) return std::string{};
  auto text = ReadSmallFile(path, kAllowedBytesMax);
  if (text && text->size() == kAllowedBytesMax)
    return Fail(ErrorKind::kDenied,
                fmt::format("{}: {}: it is longer than {} bytes", option, path, kAllowedBytesMax - 1));
  if (text) return text;
  return Fail(ErrorKind::kDenied,
              fmt::format("{}: {}; nothing is decided without it", option,
                          text.error().kind == ErrorKind::kNotFound ? path + ": no such file"
                                                                    : text.error().message));
}

Result<ChildOutcome> Run(std::string program, std::vector<std::string> arguments, std::string input,
                         std::vector<std::string> files) {
  ChildCommand command{.program = std::move(program),
                       .arguments = std::move(arguments),
                       .folder = ".",
                       .environment = ProgramEnvironment(),
                       .input = std::move(input),
                       .files = std::move(files),
                       .errors = ChildErrors::kApart,
                       .time_max = kVerifyTimeMax};
  auto outcome = RunChild(command);
  if (!outcome) return outcome;
  if (!outcome->timed_out) return outcome;
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: it did not verify a signature within {} s and was stopped", command.program,
                          kVerifyTimeMax.count()));
}

std::string Renamed(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

SignedBy Nobody(std::string problem) { return {.principal = {}, .problem = std::move(problem)}; }

std::string Capitals(std::string_view text) {
  std::string capitals(text);
  std::ranges::transform(capitals, capitals.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return capitals;
}

bool IsFingerprint(std::string_view text) {
  return text.size() == kFingerprintDigits &&
         text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

/// What gpg says of one signature, in its lines for programs (doc/DETAILS of GnuPG).
struct GpgStatus {
  int signatures = 0;  ///< of any quality
  bool good = false;
  bool key_expired = false;
  int64_t expired_at = 0;  ///< the earliest that it names; 0: none, or one that is no number
  int valid = 0;
  int64_t made_at = 0;
  std::string key;      ///< fingerprint
  std::string primary;  ///< of which it is a subkey
  std::string why;      ///< of one that is not good
};

int64_t Number(std::string_view text) {
  int64_t number = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() ? number : 0;
}

GpgStatus ReadGpgStatus(std::string_view output) {
  GpgStatus status;
  bool first_expiry = true;
  for (std::string_view line : Lines(output)) {
    std::vector<std::string_view> words = Split(line, ' ');
    if (words.size() < 2 || words[0] != "[GNUPG:]") continue;
    const std::string_view what = words[1];
    if (what == "GOODSIG" || what == "EXPKEYSIG") {
      ++status.signatures;
      status.good = true;
      status.key_expired = what == "EXPKEYSIG";
    } else if (what == "BADSIG" || what == "ERRSIG" || what == "EXPSIG" || what == "REVKEYSIG") {
      ++status.signatures;
      status.why = what == "BADSIG"   ? "its GPG signature is not of these bytes"
                   : what == "EXPSIG" ? "its GPG signature has expired"
                   : what == "ERRSIG" ? "the GPG key of its signature is not in the keyring"
                                      : "the GPG key of its signature was revoked";
    } else if (what == "KEYEXPIRED" && words.size() > 2) {
      const int64_t at = Number(words[2]);
      status.expired_at = first_expiry ? at : std::min(status.expired_at, at);
      first_expiry = false;
    } else if (what == "VALIDSIG" && words.size() > 4) {
      ++status.valid;
      status.key = words[2];
      status.made_at = Number(words[4]);
      status.primary = words.size() > 11 ? words[11] : words[2];
    }
  }
  return status;
}

}  // namespace

Result<bool> CommitVerifier::Refresh() {
  auto ssh = ReadAllowed("--allowed-signers", allowed_.ssh_file);
  if (!ssh) return std::unexpected(ssh.error());
  auto gpg = ReadAllowed("--allowed-gpg-signers", allowed_.gpg_file);
  if (!gpg) return std::unexpected(gpg.error());
  if (read_ && *ssh == ssh_ && *gpg == gpg_) return false;
  if (auto read = ReadGpgLines(*gpg); !read) return std::unexpected(read.error());
  ssh_ = std::move(*ssh);
  gpg_ = std::move(*gpg);
  read_ = true;
  return true;
}

Result<void> CommitVerifier::ReadGpgLines(std::string_view text) {
  std::map<std::string, std::string> owners;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    std::ranges::replace(line, '\t', ' ');
    std::ranges::replace(line, '\r', ' ');
    const std::vector<std::string_view> words = Split(line, ' ');
    if (words.empty() || words[0].starts_with('#')) continue;
    const std::string fingerprint = words.size() == 2 ? Capitals(words[1]) : "";
    if (!IsFingerprint(fingerprint) || !IsUtf8(line)) {
      return Fail(ErrorKind::kDenied,
                  fmt::format("--allowed-gpg-signers: {}:{}: a line has a name without spaces and the "
                              "fingerprint of a key, 40 hexadecimal digits ('gpg --list-keys' shows them)",
                              allowed_.gpg_file, number));
    }
    owners.emplace(fingerprint, words[0]);
  }
  owners_ = std::move(owners);
  return {};
}

Result<SignedBy> CommitVerifier::Verify(std::string_view commit, Instant time) const {
  const CommitSignature signature = SplitSignature(commit);
  switch (signature.kind) {
    case SignatureKind::kNone:
      return Nobody(signature.problem);
    case SignatureKind::kSsh:
      if (allowed_.ssh_file.empty()) return Nobody("SSH signatures count with --allowed-signers only");
      return VerifySsh(signature, time);
    case SignatureKind::kGpg:
      if (allowed_.gpg_file.empty()) return Nobody("GPG signatures count with --allowed-gpg-signers only");
      return VerifyGpg(signature);
  }
  return Nobody("it has no signature");
}

Result<SignedBy> CommitVerifier::VerifySsh(const CommitSignature& signature, Instant time) const {
  auto program = FindProgram("ssh-keygen", "openssh-client");
  if (!program) return std::unexpected(program.error());
  std::string when = "-Overify-time=";
  for (char c : FormatInstant(time)) {
    if ((c >= '0' && c <= '9') || c == 'Z') when += c;
  }
  // It knows its files by other names than people do.
  auto said_by = [&](const ChildOutcome& outcome) {
    return Renamed(Renamed(SaidLine(outcome), "/dev/fd/3", allowed_.ssh_file), "/dev/fd/4", "the signature");
  };
  auto found = Run(*program, {"-Y", "find-principals", "-f", "/dev/fd/3", "-s", "/dev/fd/4", when}, "",
                   {ssh_, signature.armour});
  if (!found) return std::unexpected(found.error());
  std::string said = said_by(*found);
  if (found->exit_code != 0) return Nobody(fmt::format("no allowed signer has its SSH key ({})", said));
  const std::vector<std::string_view> principals = Lines(found->output);
  for (size_t i = 0; i < principals.size() && i < kPrincipalsMax; ++i) {
    const std::string principal(principals[i]);
    auto verified = Run(
        *program, {"-Y", "verify", "-n", "git", "-f", "/dev/fd/3", "-s", "/dev/fd/4", "-I", principal, when},
        signature.payload, {ssh_, signature.armour});
    if (!verified) return std::unexpected(verified.error());
    if (verified->exit_code == 0) return SignedBy{.principal = ToUtf8(principal), .problem = {}};
    said = said_by(*verified);
  }
  return Nobody(fmt::format("its SSH signature is not good ({})", said));
}

Result<SignedBy> CommitVerifier::VerifyGpg(const CommitSignature& signature) const {
  auto program = FindProgram("gpg", "gnupg");
  if (!program) return std::unexpected(program.error());
  auto verified = Run(*program,
                      {"--batch", "--no-tty", "--status-fd", "1", "--trust-model", "always",
                       "--no-auto-key-retrieve", "--no-auto-key-locate", "--verify", "/dev/fd/3", "-"},
                      signature.payload, {signature.armour});
  if (!verified) return std::unexpected(verified.error());
  const GpgStatus status = ReadGpgStatus(verified->output);
  if (status.signatures != 1) return Nobody("its GPG signature is none, or more than one");
  if (!status.good || status.valid != 1)
    return Nobody(status.why.empty() ? "its GPG signature is not good" : status.why);
  if (status.key_expired && status.made_at >= status.expired_at)
    return Nobody("the GPG key of its signature had expired");
  for (const std::string& key : {status.key, status.primary}) {
    auto owner = owners_.find(key);
    if (owner != owners_.end()) return SignedBy{.principal = owner->second, .problem = {}};
  }
  return Nobody(fmt::format("no allowed signer has its GPG key {}", ToUtf8(status.key)));
}

}  // namespace lockkeeper
