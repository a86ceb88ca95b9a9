#include "reconciler/core/render/manifest_text.h"

#include <gtest/gtest.h>

#include <random>

#include "schemas/manifest/decode.h"
#include "schemas/manifest/field_reader.h"

namespace lockkeeper {
namespace {

Instant At(std::string_view text) { return *ParseInstant(text); }

std::string FirstFinding(const DecodedFile& file) {
  return file.diagnostics.empty() ? "" : FormatDiagnostic(file.diagnostics.front());
}

TEST(ManifestText, LockIsReadBackAsItWas) {
  constexpr unsigned kSeed = 31;
  std::mt19937 random{kSeed};
  const std::string letters = "ab1 :#'\"\\,{}[]&*!|>%@`-.?~\xC3\xA9";
  auto line = [&](size_t bytes_max) {
    std::string text = "x";
    for (size_t i = random() % bytes_max; i > 0; --i) text += letters[random() % (letters.size() - 2)];
    return text + (random() % 3 == 0 ? "\xC3\xA9" : "");
  };
  for (int i = 0; i < 500; ++i) {
    ClusterLock lock;
    lock.name = {random() % 3 == 0 ? "team-a" : "default", "lock-1"};
    lock.match.written = true;
    for (size_t m = random() % 3; m > 0; --m) {
      lock.match.matchers.push_back(
          {.key = line(9), .value = line(9), .is_regex = false, .is_equal = random() % 2 == 0});
    }
    lock.reason = line(30);
    if (random() % 2 == 0) lock.start = At("2026-03-01T07:00:00Z");
    lock.expires_at = At("2026-03-03T07:00:00Z");
    if (random() % 2 == 0) lock.scope = static_cast<ChangeScopes>(1 + random() % 31);
    if (random() % 2 == 0) lock.created_by = line(9);
    const std::string text = LockManifest(lock);
    SCOPED_TRACE(text);
    const DecodedFile file = DecodeManifests("lock.yaml", text);
    ASSERT_EQ(FirstFinding(file), "") << "seed " << kSeed;
    ASSERT_EQ(file.locks.size(), 1U);
    ClusterLock read = file.locks[0];
    ASSERT_EQ(read.match.matchers.size(), lock.match.matchers.size());
    for (size_t m = 0; m < read.match.matchers.size(); ++m) {
      read.match.matchers[m].mark = {};
      EXPECT_EQ(read.match.matchers[m], lock.match.matchers[m]);
    }
    EXPECT_TRUE(read.match.written);
    EXPECT_EQ(read.name, lock.name);
    EXPECT_EQ(read.reason, lock.reason);
    EXPECT_EQ(read.start, lock.start);
    EXPECT_EQ(read.expires_at, lock.expires_at);
    EXPECT_EQ(read.scope, lock.scope);
    EXPECT_EQ(read.created_by, lock.created_by);
  }
}

TEST(ManifestText, ApprovalIsReadBackAsItWas) {
  UpgradeApproval approval;
  approval.name = {"team-a", "up-prod"};
  approval.upgrade.value = {"team-a", "up"};
  approval.stage = "prod";
  approval.to_release = "aws-34.1.0";
  approval.clusters = "sha256:9d9a44be7036f468ec23560053ecd845cd698dafffc2663c2779480ae4e4489c";
  approval.by = "Alice: the \"boss\"";
  approval.at = At("2026-03-01T09:00:00Z");
  approval.expires_at = At("2026-03-15T09:00:00Z");
  const std::string text = ApprovalManifest(approval);
  const DecodedFile file = DecodeManifests("approval.yaml", text);
  ASSERT_EQ(FirstFinding(file), "") << text;
  ASSERT_EQ(file.approvals.size(), 1U);
  const UpgradeApproval& read = file.approvals[0];
  EXPECT_EQ(read.name, approval.name);
  EXPECT_EQ(read.upgrade.value, approval.upgrade.value);
  EXPECT_EQ(read.stage, approval.stage);
  EXPECT_EQ(read.to_release, approval.to_release);
  EXPECT_EQ(read.clusters, approval.clusters);
  EXPECT_EQ(read.by, approval.by);
  EXPECT_EQ(read.at, approval.at);
  EXPECT_EQ(read.expires_at, approval.expires_at);
}

TEST(ManifestText, NamesAreReadable) {
  struct Row {
    const char* name;
    std::string words;
    std::string expected;
  };
  const Row rows[] = {
      {"as_it_is", "stage-prod", "stage-prod"},
      {"digits", "mgab6", "mgab6"},
      {"changed_letters_get_a_hash", "Stage_Prod", "stage-prod-"},
      {"dots_too", "v1.31", "v1-31-"},
      {"only_signs", "~~", ""},
      {"long", std::string(200, 'a'), std::string(51, 'a') + "-"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string name = NameFromWords(row.words);
    EXPECT_EQ(ProblemOfName(name), std::nullopt) << name;
    EXPECT_LE(name.size(), 60U);
    EXPECT_TRUE(name.starts_with(row.expected)) << name;
  }
  EXPECT_NE(NameFromWords("a_b"), NameFromWords("a.b"));
  EXPECT_NE(NameFromWords("a--b"), NameFromWords("a-b"));
  EXPECT_NE(NameFromWords("-a"), NameFromWords("a"));
}

}  // namespace
}  // namespace lockkeeper
