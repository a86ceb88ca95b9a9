// Commits that lockkeeper signs, held to what git says of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gitops/signature/open_signer.h"
#include "tests/gitops/repository_test_cases.h"
#include "tests/support/signing_keys.h"

namespace lockkeeper {
namespace {

void Write(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

CommitDraft Signed(std::string_view kind, const SigningKey& key, const std::string& message) {
  CommitDraft draft = Draft({{"clusters/a.yaml", "version: 2\n"}}, message);
  auto signer = OpenSigner(kind, key);
  if (!signer) throw std::runtime_error(signer.error().message);
  draft.signer = *signer;
  return draft;
}

/// What git says of the newest commit; `G` is a good signature.
std::string GitSays(const TempRepository& temp, const std::string& allowed, const std::string& commit) {
  const ProgramResult verified =
      temp.TryGit({"-c", "gpg.format=ssh", "-c", "gpg.ssh.allowedSignersFile=" + allowed, "log", "-1",
                   "--format=%G?|%GS", commit});
  const ProgramResult exit =
      temp.TryGit({"-c", "gpg.ssh.allowedSignersFile=" + allowed, "verify-commit", commit});
  return fmt::format("{}|{}", verified.output.substr(0, verified.output.find('\n')), exit.exit_code);
}

struct KeyCase {
  const char* name;
  const char* type;
  const char* passphrase;
  bool same_again;  ///< a second signature has the same bytes
};

class SshSigningBy : public testing::TestWithParam<KeyCase> {};

TEST_P(SshSigningBy, GitAcceptsTheCommit) {
  TempFolder keys;
  const SshKey key =
      MakeSshKey(keys.path(), "key", {.type = GetParam().type, .passphrase = GetParam().passphrase});
  SigningKey signing{.key = key.file};
  if (*GetParam().passphrase != '\0') {
    signing.passphrase_file = keys.path() + "/it's a passphrase";
    Write(signing.passphrase_file, fmt::format("{}\n", GetParam().passphrase));
  }
  const std::string allowed = keys.path() + "/allowed";
  Write(allowed, "bot@example.com " + key.public_line + "\n");
  // A short commit goes through a pipe, a long one does not.
  for (size_t length : {size_t{10}, size_t{200'000}}) {
    TempRepository temp;
    const std::string base = temp.Commit({{"clusters/a.yaml", "version: 1\n"}});
    const CommitDraft draft = Signed("ssh", signing, "Upgrade\n\n" + std::string(length, 'x') + "\n");
    auto repository = Opened(temp.path());
    auto ids = repository->Publish(base, {draft, draft});
    ASSERT_OK(ids);
    for (const std::string& id : *ids) EXPECT_EQ(GitSays(temp, allowed, id), "G|bot@example.com|0");
    ExpectSound(temp);
    EXPECT_EQ(temp.Git({"log", "-1", "--format=%an <%ae> %s"}),
              "lockkeeper <lockkeeper@example.com> Upgrade\n");
    // A retry from the same base.
    temp.Git({"update-ref", "refs/heads/main", base});
    auto again = repository->Publish(base, {draft, draft});
    ASSERT_OK(again);
    EXPECT_EQ(*again == *ids, GetParam().same_again);
    EXPECT_EQ(GitSays(temp, allowed, again->back()), "G|bot@example.com|0");
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, SshSigningBy,
                         testing::Values(KeyCase{"ed25519", "ed25519", "", true},
                                         KeyCase{"with_passphrase", "ed25519", "open $sesame \\ x", true},
                                         KeyCase{"ecdsa", "ecdsa", "", false},
                                         KeyCase{"rsa", "rsa", "", true}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SshSigning, AKeyOfTheAgent) {
  TempFolder keys;
  const SshKey key = MakeSshKey(keys.path(), "key");
  const std::string allowed = keys.path() + "/allowed";
  Write(allowed, "bot@example.com " + key.public_line + "\n");
  const std::string socket = keys.path() + "/agent";
  const std::string pid = RunShell(fmt::format(
      "eval $(ssh-agent -s -a {0}) >/dev/null && ssh-add -q {1} && echo $SSH_AGENT_PID", socket, key.file));
  std::filesystem::remove(key.file);
  ::setenv("SSH_AUTH_SOCK", socket.c_str(), 1);
  auto signer = OpenSigner("ssh", {.key = key.file + ".pub"});
  auto signature = signer ? (*signer)->Sign("commit") : std::unexpected(signer.error());
  RunShell("kill " + pid);
  auto without = (*signer)->Sign("commit");
  ::unsetenv("SSH_AUTH_SOCK");
  ASSERT_OK(signature);
  Write(keys.path() + "/signature", *signature);
  RunShell(fmt::format("ssh-keygen -Y verify -n git -I bot@example.com -f {} -s {}/signature", allowed,
                       keys.path()),
           "commit");
  EXPECT_ERROR(without, ErrorKind::kDenied, "nothing is published");
}

TEST(GpgSigning, GitAcceptsTheCommit) {
  GpgHome home;
  for (const std::string passphrase : {"", "open sesame"}) {
    const std::string fingerprint =
        home.MakeKey(fmt::format("bot{} <b@example.com>", passphrase), passphrase);
    SigningKey signing{.key = fingerprint};
    if (!passphrase.empty()) {
      signing.passphrase_file = home.path() + "/passphrase";
      Write(signing.passphrase_file, passphrase + "\n");
      RunShell("gpgconf --kill gpg-agent");  // It knows the passphrase.
    }
    TempRepository temp;
    const std::string base = temp.Commit({{"clusters/a.yaml", "version: 1\n"}});
    auto ids = Opened(temp.path())->Publish(base, {Signed("gpg", signing, "Upgrade\n")});
    ASSERT_OK(ids);
    const ProgramResult verified = temp.TryGit({"verify-commit", "--raw", ids->back()});
    EXPECT_EQ(verified.exit_code, 0) << verified.errors;
    EXPECT_NE(verified.errors.find("VALIDSIG " + fingerprint), std::string::npos) << verified.errors;
    ExpectSound(temp);
  }
}

/// Whatever is wrong with the key, the branch stays where it is and the words say what to do.
TEST(Signing, NothingIsPublishedWithoutASignature) {
  GpgHome home;
  TempFolder keys;
  const SshKey key = MakeSshKey(keys.path(), "key", {.type = "ed25519", .passphrase = "secret-words"});
  Write(keys.path() + "/wrong", "other-words\n");
  Write(keys.path() + "/garbage", "no key\n");
  Write(keys.path() + "/open", "no key\n");
  std::filesystem::permissions(keys.path() + "/open", std::filesystem::perms(0644));
  struct Row {
    const char* name;
    const char* kind;
    SigningKey key;
    const char* says;
  };
  TempRepository temp;
  const std::string base = temp.Commit({{"clusters/a.yaml", "version: 1\n"}});
  for (const Row& row :
       {Row{"no_key", "ssh", {}, "give a key's file with --signing-key"},
        Row{"no_gpg_key", "gpg", {}, "give the id of a key in your keyring with --signing-key"},
        Row{"missing_file", "ssh", {keys.path() + "/absent", ""}, "absent: cannot read it"},
        Row{"no_key_in_it", "ssh", {keys.path() + "/garbage", ""}, "see that"},
        Row{"passphrase_needed", "ssh", {key.file, ""}, "passphrase with --signing-passphrase-file"},
        Row{"wrong_passphrase", "ssh", {key.file, keys.path() + "/wrong"}, "incorrect passphrase"},
        Row{"missing_passphrase", "ssh", {key.file, keys.path() + "/absent"}, "--signing-passphrase-file:"},
        Row{"unknown_gpg_key", "gpg", {"0123456789ABCDEF", ""}, "gpg --list-secret-keys"},
        Row{"unknown_kind", "x509", {key.file, ""}, "none, ssh or gpg"}}) {
    SCOPED_TRACE(row.name);
    auto signer = OpenSigner(row.kind, row.key);
    Error error;
    if (signer) {
      CommitDraft draft = Draft({{"clusters/a.yaml", "version: 2\n"}});
      draft.signer = *signer;
      auto ids = Opened(temp.path())->Publish(base, {draft});
      ASSERT_FALSE(ids.has_value());
      error = ids.error();
    } else {
      error = signer.error();
    }
    EXPECT_EQ(static_cast<int>(error.kind), static_cast<int>(ErrorKind::kDenied));
    EXPECT_NE(error.message.find("nothing is published"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(row.says), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("-words"), std::string::npos) << "a secret: " << error.message;
    EXPECT_EQ(temp.Head(), base);
  }
  ExpectSound(temp);
}

TEST(Signing, NamesTheProgramThatIsMissing) {
  TempFolder keys;
  const SshKey key = MakeSshKey(keys.path(), "key");
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", keys.path().c_str(), 1);
  auto ssh = OpenSigner("ssh", {.key = key.file});
  auto gpg = OpenSigner("gpg", {.key = "0123456789ABCDEF"});
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_ERROR(ssh, ErrorKind::kDenied, "ssh-keygen: there is no such program on the PATH");
  EXPECT_ERROR(ssh, ErrorKind::kDenied, "openssh-client");
  EXPECT_ERROR(gpg, ErrorKind::kDenied, "gnupg");
}

TEST(Signing, AKeyIsNotUsedWhereTheFleetSaysNone) {
  auto signer = OpenSigner("none", {.key = "/no/such/file"});
  ASSERT_OK(signer);
  EXPECT_EQ(*signer, nullptr);
}

}  // namespace
}  // namespace lockkeeper
