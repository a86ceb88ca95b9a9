#include "tests/support/signing_keys.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace lockkeeper {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteAllTo(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

std::string RunShell(const std::string& line, std::string_view input) {
  IsolateFromHostGit();
  TempFolder exchange;
  const std::string& at = exchange.path();
  WriteAllTo(at + "/in", input);
  const int status = std::system(fmt::format("( {} ) <{}/in >{}/out 2>{}/err", line, at, at, at).c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ReadAll(at + "/out");
  throw std::runtime_error(fmt::format("{}: {}", line, ReadAll(at + "/err")));
}

SshKey MakeSshKey(const std::string& folder, const std::string& name, const SshKeyOptions& options) {
  const std::string file = folder + "/" + name;
  RunShell(
      fmt::format("ssh-keygen -q -t {} -N '{}' -C {} -f {}", options.type, options.passphrase, name, file));
  std::string line = ReadAll(file + ".pub");
  while (line.ends_with('\n')) line.pop_back();
  return {.file = file, .public_line = line};
}

std::string SshSignature(const SshKey& key, std::string_view text, const std::string& name_space) {
  return RunShell(fmt::format("ssh-keygen -Y sign -n {} -f {}", name_space, key.file), text);
}

GpgHome::GpgHome() {
  IsolateFromHostGit();
  ::setenv("GNUPGHOME", path().c_str(), 1);
}

GpgHome::~GpgHome() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (std::system("gpgconf --kill all >/dev/null 2>&1") != 0) std::fputs("gpg-agent goes on\n", stderr);
  ::unsetenv("GNUPGHOME");
}

std::string GpgHome::Gpg(const std::string& arguments, std::string_view input) const {
  return RunShell("gpg --batch --no-tty --quiet " + arguments, input);
}

std::string GpgHome::MakeKey(const std::string& user, const std::string& passphrase,
                             const std::string& expires) {
  Gpg(fmt::format("--pinentry-mode loopback --passphrase '{}' --quick-generate-key '{}' ed25519 sign {}",
                  passphrase, user, expires));
  const std::string keys = Gpg(fmt::format("--with-colons --list-keys '{}'", user));
  const size_t line = keys.find("\nfpr:");
  const size_t digits = keys.find_first_not_of(':', line + 5);
  if (line == std::string::npos || digits == std::string::npos) throw std::runtime_error("no key: " + keys);
  return keys.substr(digits, 40);
}

std::string GpgHome::Sign(const std::string& fingerprint, std::string_view text) const {
  return Gpg(fmt::format("--detach-sign --armor --local-user {}", fingerprint), text);
}

std::string WithSignature(std::string commit, std::string_view signature, std::string_view header) {
  while (signature.ends_with('\n')) signature.remove_suffix(1);
  std::string lines = fmt::format("{} ", header);
  for (char c : signature) lines += c == '\n' ? std::string("\n ") : std::string(1, c);
  const size_t end = commit.find("\n\n");
  if (end == std::string::npos) throw std::runtime_error("no commit: " + commit);
  commit.insert(end + 1, lines + "\n");
  return commit;
}

std::string ReplaceHead(TempRepository& repository, const std::function<std::string(std::string)>& change,
                        const std::string& branch) {
  const std::string bytes = change(repository.Git({"cat-file", "commit", branch}));
  std::string id = repository.Git({"hash-object", "-t", "commit", "-w", "--stdin"}, bytes).substr(0, 40);
  repository.Git({"update-ref", "refs/heads/" + branch, id});
  return id;
}

std::string SignHead(TempRepository& repository, const SshKey& key, const std::string& branch) {
  return ReplaceHead(
      repository, [&](const std::string& commit) { return WithSignature(commit, SshSignature(key, commit)); },
      branch);
}

}  // namespace lockkeeper
