// Whose signatures count, on real commits by git, ssh-keygen and gpg.
#include "gitops/signature/commit_verifier.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "tests/gitops/repository_test_cases.h"
#include "tests/support/signing_keys.h"

namespace lockkeeper {
namespace {

const Instant kAt{Seconds(1700000000)};  // 2023-11-14, as TempRepository dates commits

void Write(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string Replaced(std::string text, std::string_view old_part, std::string_view new_part) {
  const size_t at = text.find(old_part);
  if (at == std::string::npos) throw std::runtime_error("no such part");
  return text.replace(at, old_part.size(), new_part);
}

/// `alice` or `none: why`.
std::string Says(const CommitVerifier& verifier, std::string_view commit, Instant at = kAt) {
  auto by = verifier.Verify(commit, at);
  if (!by) return "error: " + by.error().message;
  EXPECT_EQ(by->principal.empty(), !by->problem.empty());
  return by->principal.empty() ? "none: " + by->problem : by->principal;
}

class SshVerifying : public testing::Test {
 protected:
  SshVerifying() {
    id_ = temp_.Commit({{"a.yaml", "a: 1\n"}}, "Add a file\n\nWith a body.\n");
    commit_ = temp_.Git({"cat-file", "commit", id_});
    alice_ = MakeSshKey(keys_.path(), "alice");
    mallory_ = MakeSshKey(keys_.path(), "mallory");
  }

  CommitVerifier Allowing(const std::string& lines) {
    Write(allowed_, lines);
    CommitVerifier verifier({.ssh_file = allowed_, .gpg_file = {}});
    auto read = verifier.Refresh();
    EXPECT_TRUE(read.has_value() && *read);
    return verifier;
  }
  std::string SignedBy(const SshKey& key) { return WithSignature(commit_, SshSignature(key, commit_)); }

  TempRepository temp_;
  TempFolder keys_;
  std::string allowed_ = keys_.path() + "/allowed";
  std::string id_;
  std::string commit_;
  SshKey alice_;
  SshKey mallory_;
};

TEST_F(SshVerifying, CountsWhatAnAllowedSignerMade) {
  struct Row {
    const char* name;
    std::function<std::string()> commit;
    const char* says;
    bool git_agrees = true;  ///< where we are stricter than git it does not
  };
  const std::string good = SignedBy(alice_);
  const std::string signature = SshSignature(alice_, commit_);
  const CommitVerifier verifier = Allowing("# people\nalice@example.com " + alice_.public_line + "\n");
  const Row rows[] = {
      {"allowed", [&] { return good; }, "alice@example.com"},
      {"unsigned", [&] { return commit_; }, "none: it has no signature"},
      {"unknown_key", [&] { return SignedBy(mallory_); }, "none: no allowed signer has its SSH key"},
      {"wrong_namespace", [&] { return WithSignature(commit_, SshSignature(alice_, commit_, "file")); },
       "none: its SSH signature is not good"},
      {"tampered_message", [&] { return Replaced(good, "With a body", "With a b0dy"); },
       "none: its SSH signature is not good"},
      {"tampered_tree", [&] { return Replaced(good, "tree ", "tree 0"); },
       "none: its SSH signature is not good"},
      {"tampered_author", [&] { return Replaced(good, "author Tester", "author Alice"); },
       "none: its SSH signature is not good"},
      {"header_added", [&] { return Replaced(good, "\ngpgsig", "\nextra x\ngpgsig"); },
       "none: its SSH signature is not good"},
      {"trailing_junk", [&] { return WithSignature(commit_, signature + "junk"); },
       "none: its signature is neither", false},
      {"leading_junk", [&] { return WithSignature(commit_, "junk\n" + signature); },
       "none: its signature is neither", true},
      {"two_armours", [&] { return WithSignature(commit_, signature + signature); },
       "none: its signature is neither", false},
      {"two_headers", [&] { return WithSignature(good, SshSignature(mallory_, commit_)); },
       "none: it has several signatures", false},
      {"gigantic", [&] { return WithSignature(commit_, signature + std::string(300'000, 'x')); },
       "none: its signature is longer than 64 KiB", false},
      {"many_lines",
       [&] {
         std::string lines = "-----BEGIN SSH SIGNATURE-----\n";
         for (int i = 0; i < 900; ++i) lines += std::string(70, 'A') + "\n";
         return WithSignature(commit_, lines + "-----END SSH SIGNATURE-----\n");
       },
       "none: no allowed signer has its SSH key"},
      {"no_base64",
       [&] {
         return WithSignature(commit_, "-----BEGIN SSH SIGNATURE-----\n????\n-----END SSH SIGNATURE-----");
       },
       "none: no allowed signer"},
      {"empty_armour",
       [&] { return WithSignature(commit_, "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----"); },
       "none: its signature is neither"},
      {"x509",
       [&] {
         return WithSignature(commit_, "-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----");
       },
       "none: its signature is neither"},
      // Both headers are taken off before git looks.
      {"sha256_header_beside", [&] { return WithSignature(good, "AAAA\nBBBB", "gpgsig-sha256"); },
       "alice@example.com"},
      {"sha256_header_alone", [&] { return WithSignature(commit_, signature, "gpgsig-sha256"); },
       "none: it has no signature"},
      {"signature_in_the_message", [&] { return commit_ + "gpgsig " + signature; },
       "none: it has no signature"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string bytes = row.commit();
    const std::string says = Says(verifier, bytes);
    EXPECT_EQ(says.substr(0, std::string_view(row.says).size()), row.says);
    EXPECT_EQ(says.find("/dev/fd"), std::string::npos) << says;
    const std::string id =
        temp_.Git({"hash-object", "-t", "commit", "-w", "--literally", "--stdin"}, bytes).substr(0, 40);
    const bool git_accepts =
        temp_.TryGit({"-c", "gpg.ssh.allowedSignersFile=" + allowed_, "verify-commit", id}).exit_code == 0;
    if (row.git_agrees) {
      EXPECT_EQ(git_accepts, !says.starts_with("none"));
    }
  }
}

TEST_F(SshVerifying, AsTheAllowedSignersSay) {
  const std::string good = SignedBy(alice_);
  const std::string key = alice_.public_line;
  struct Row {
    const char* name;
    std::string lines;
    const char* says;
  };
  for (const Row& row : {
           Row{"empty", "", "none: no allowed signer"},
           Row{"namespace", "alice namespaces=\"git\" " + key, "alice"},
           Row{"other_namespace", "alice namespaces=\"file\" " + key, "none: its SSH signature is not good"},
           Row{"valid_until_later", "alice valid-before=\"20231115Z\" " + key, "alice"},
           Row{"expired", "alice valid-before=\"20231114Z\" " + key, "none: no allowed signer"},
           Row{"valid_since", "alice valid-after=\"20231114Z\" " + key, "alice"},
           Row{"not_yet_valid", "alice valid-after=\"20231115Z\" " + key, "none: no allowed signer"},
           Row{"to_the_second", "alice valid-before=\"20231114221321Z\" " + key, "alice"},
           Row{"to_the_second_too_late", "alice valid-before=\"20231114221319Z\" " + key, "none: no allowed"},
           Row{"second_line", "mallory " + mallory_.public_line + "\nalice " + key, "alice"},
           Row{"several_names", "alice,alice@example.com " + key, "alice"},
           Row{"strange_name", "\"-alice; x\" " + key, "-alice; x"},
           Row{"garbage_in_it", "alice what is this\nalice " + key, "alice"},
       }) {
    SCOPED_TRACE(row.name);
    const std::string says = Says(Allowing(row.lines + "\n"), good);
    EXPECT_EQ(says.substr(0, std::string_view(row.says).size()), row.says);
  }
}

TEST_F(SshVerifying, SaysWhatIsMissing) {
  CommitVerifier absent({.ssh_file = keys_.path() + "/absent", .gpg_file = {}});
  EXPECT_ERROR(absent.Refresh(), ErrorKind::kDenied,
               "--allowed-signers: " + keys_.path() + "/absent: no such file");
  const CommitVerifier verifier = Allowing("alice " + alice_.public_line + "\n");
  const std::string good = SignedBy(alice_);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", keys_.path().c_str(), 1);
  auto without = verifier.Verify(good, kAt);
  auto none_needed = verifier.Verify(commit_, kAt);
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_ERROR(without, ErrorKind::kDenied, "ssh-keygen: there is no such program on the PATH");
  EXPECT_TRUE(none_needed.has_value());
  CommitVerifier gpg_only({.ssh_file = {}, .gpg_file = allowed_});
  Write(allowed_, "");
  ASSERT_OK(gpg_only.Refresh());
  EXPECT_EQ(Says(gpg_only, good), "none: SSH signatures count with --allowed-signers only");
}

TEST_F(SshVerifying, FollowsTheFile) {
  CommitVerifier verifier = Allowing("alice " + alice_.public_line + "\n");
  EXPECT_EQ(Says(verifier, SignedBy(alice_)), "alice");
  EXPECT_FALSE(*verifier.Refresh());
  Write(allowed_, "mallory " + mallory_.public_line + "\n");
  EXPECT_TRUE(*verifier.Refresh());
  EXPECT_TRUE(Says(verifier, SignedBy(alice_)).starts_with("none: no allowed signer"));
}

TEST(GpgVerifying, CountsWhatAnAllowedSignerMade) {
  GpgHome home;
  TempRepository temp;
  const std::string commit = temp.Git({"cat-file", "commit", temp.Commit({{"a.yaml", "a: 1\n"}})});
  const std::string alice = home.MakeKey("Alice <alice@example.com>");
  const std::string mallory = home.MakeKey("Mallory <mallory@example.com>");
  const std::string stranger = home.MakeKey("Stranger <stranger@example.com>");
  const std::string expiring =
      home.Gpg("--version").empty() ? "" : home.MakeKey("Old <old@example.com>", "", "20991231T000000");
  auto by = [&](const std::string& key) { return WithSignature(commit, home.Sign(key, commit)); };
  const std::string good = by(alice);
  const std::string of_stranger = by(stranger);
  const std::string of_old = by(expiring);
  const std::string allowed = home.path() + "/allowed";
  std::string small = alice;
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  Write(allowed,
        fmt::format("# people\n\nalice@example.com {}\r\nstranger {}\nold\t{}\n", small, stranger, expiring));
  CommitVerifier verifier({.ssh_file = {}, .gpg_file = allowed});
  ASSERT_OK(verifier.Refresh());
  home.Gpg("--yes --delete-secret-keys " + stranger);
  home.Gpg("--yes --delete-keys " + stranger);

  EXPECT_EQ(Says(verifier, good), "alice@example.com");
  EXPECT_EQ(Says(verifier, by(mallory)), "none: no allowed signer has its GPG key " + mallory);
  EXPECT_EQ(Says(verifier, of_stranger), "none: the GPG key of its signature is not in the keyring");
  EXPECT_EQ(Says(verifier, Replaced(good, "Change", "Chance")),
            "none: its GPG signature is not of these bytes");
  EXPECT_EQ(Says(verifier, WithSignature(commit, home.Sign(alice, commit) + home.Sign(mallory, commit)))
                .substr(0, 29),
            "none: its signature is neithe");
  EXPECT_EQ(Says(verifier,
                 WithSignature(commit, "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----")),
            "none: its GPG signature is none, or more than one");
  // Two signatures in one armour.
  const std::string both =
      home.Gpg(fmt::format("--detach-sign --armor --local-user {} --local-user {}", alice, mallory), commit);
  EXPECT_EQ(Says(verifier, WithSignature(commit, both)), "none: its GPG signature is none, or more than one");
  EXPECT_EQ(Says(verifier, of_old), "old");
  // It expires later: what it signed before counts on.
  home.Gpg(fmt::format("--quick-set-expire {} seconds=1", expiring));
  RunShell("while [ $(date +%s) -le $(($(gpg --with-colons --list-keys " + expiring +
           " | awk -F: '/^pub/{print $7}'))) ]; do sleep 0.1; done");
  EXPECT_EQ(Says(verifier, of_old), "old");
  // A revoked key never counts again.
  RunShell(fmt::format(
      "sed 's/^:-----BEGIN/-----BEGIN/' {}/openpgp-revocs.d/{}.rev | gpg --batch --quiet --import",
      home.path(), alice));
  EXPECT_EQ(Says(verifier, good), "none: the GPG key of its signature was revoked");
}

TEST(GpgVerifying, RefusesLinesThatMakeNoSense) {
  TempFolder folder;
  const std::string file = folder.path() + "/allowed";
  const std::string key(40, 'A');
  for (const std::string& line :
       std::vector<std::string>{key, "alice AAAA", "alice example " + key, "alice " + std::string(40, 'G')}) {
    Write(file, "bob " + key + "\n" + line + "\n");
    CommitVerifier verifier({.ssh_file = {}, .gpg_file = file});
    EXPECT_ERROR(verifier.Refresh(), ErrorKind::kDenied, file + ":2: a line has a name");
  }
}

}  // namespace
}  // namespace lockkeeper
