#include "reconciler/core/status/status_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reconciler/core/status/status_lines.h"
#include "reconciler/core/status/yaml_text.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

Instant At(std::string_view text) { return ParseInstant(text).value(); }

UpgradeRecord Everything() {
  UpgradeRecord record;
  record.upgrade = {"default", "upgrade-to-v1-20"};
  record.target = "v1.20.0";
  record.spec_hash = "sha256:0a";
  record.clusters = {
      {.name = "mgab6",
       .state = ClusterState::kFinished,
       .outcome = Outcome::kSuccess,
       .from = "v1.16.0",
       .to = "v1.20.0",
       .hops = {{"v1.18.3", At("2021-03-11T07:00:00Z")}, {"v1.20.0", At("2021-03-12T07:00:00Z")}},
       .triggered_at = At("2021-03-11T07:00:00Z"),
       .finished_at = At("2021-03-12T07:31:10Z"),
       .decided_on = "0123456789abcdef0123456789abcdef01234567",
       .window =
           WindowRecord{"default/working-hours", "working hours", At("2021-03-12T07:00:00Z"), Instant::max()},
       .override_ = OverrideRecord{"alice", "CVE-2026-1:\nnow"},
       .overran = true},
      {.name = "prod/x1",
       .state = ClusterState::kPending,
       .reason = "window",
       .until = At("2021-03-13T07:00:00Z"),
       .message = "default/nights: closed # until \"Saturday\""},
  };
  return record;
}

TEST(StatusFile, HasTheFormOfTheSpecification) {
  const UpgradeRecord record = Everything();
  const std::string text = FormatStatusFile(record);
  EXPECT_EQ(text, R"(apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: upgrade-to-v1-20, namespace: default}
status:
  state: running
  triggeredAt: 2021-03-11T07:00:00Z
  fromRelease: v1.16.0
  toRelease: v1.20.0
  counts: {total: 2, pending: 1, running: 0, succeeded: 1, unverified: 0, failed: 0, skipped: 0}
  specHash: sha256:0a
  clusters:
  - name: mgab6
    state: finished
    outcome: success
    fromRelease: v1.16.0
    toRelease: v1.20.0
    hops: [{to: v1.18.3, triggeredAt: 2021-03-11T07:00:00Z}, {to: v1.20.0, triggeredAt: 2021-03-12T07:00:00Z}]
    triggeredAt: 2021-03-11T07:00:00Z
    finishedAt: 2021-03-12T07:31:10Z
    decidedOn: 0123456789abcdef0123456789abcdef01234567
    window: {schedule: default/working-hours, name: "working hours", start: 2021-03-12T07:00:00Z, end: ""}
    override: {by: alice, reason: "CVE-2026-1:\nnow"}
    overran: true
  - name: prod/x1
    state: pending
    reason: window
    until: 2021-03-13T07:00:00Z
    message: "default/nights: closed # until \"Saturday\""
)");
  EXPECT_EQ(ParseStatusFile("s.yaml", text).value(), record);
}

TEST(StatusFile, WithoutClustersIsAListToo) {
  UpgradeRecord record;
  record.upgrade = {"default", "u"};
  const std::string text = FormatStatusFile(record);
  EXPECT_THAT(text, HasSubstr("  state: pending\n  counts: {total: 0,"));
  EXPECT_TRUE(text.ends_with("  clusters: []\n"));
  EXPECT_EQ(ReadStatusLines(text), record);
  EXPECT_EQ(ParseStatusYaml("s.yaml", text).value(), record);
}

TEST(StatusFile, IsReadAsPeopleFormatIt) {
  const UpgradeRecord record = Everything();
  const auto parsed = ParseStatusFile("s.yaml", R"(# by hand
kind: "ClusterUpgrade"
metadata:
    namespace: default
    name: upgrade-to-v1-20
status:
    clusters:
        - {name: mgab6, state: finished, outcome: success, fromRelease: v1.16.0, toRelease: 'v1.20.0', mergeRequest: {number: 7},
           hops: [{to: v1.18.3, triggeredAt: "2021-03-11T08:00:00+01:00"}, {to: v1.20.0, triggeredAt: 2021-03-12T07:00:00Z}],
           triggeredAt: 2021-03-11T07:00:00Z, finishedAt: 2021-03-12T07:31:10Z,
           decidedOn: 0123456789abcdef0123456789abcdef01234567,
           window: {schedule: default/working-hours, name: working hours, start: 2021-03-12T07:00:00Z}, overran: true,
           override: {by: alice, reason: "CVE-2026-1:\nnow"}}
        - name: prod/x1
          state: pending
          outcome: ""
          until: 2021-03-13T07:00:00Z
          reason: window
          message: >-
            default/nights: closed
            # until "Saturday"
    toRelease: v1.20.0
    specHash: sha256:0a
)");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(*parsed, record);
}

struct BrokenRow {
  const char* name;
  std::string text;
  const char* says;
};

std::string WithLines(std::string_view lines) {
  return "kind: ClusterUpgrade\nmetadata: {name: u, namespace: default}\nstatus:\n  clusters:\n" +
         std::string{lines};
}

TEST(StatusFile, ThatMakesNoSenseIsRefusedWithThePlace) {
  const BrokenRow rows[] = {
      {"empty", "", "s.yaml:1:1"},
      {"no YAML", "kind: [\n", "s.yaml:"},
      {"two documents", WithLines("  - {name: a, state: pending}\n") + "---\na: b\n",
       "more than 1 documents"},
      {"a manifest", "kind: ClusterUpgrade\nmetadata: {name: u}\nspec: {}\n", "no status file"},
      {"another kind", "kind: ClusterLock\nmetadata: {name: u, namespace: d}\nstatus: {clusters: []}\n",
       "no status file"},
      {"no namespace", "kind: ClusterUpgrade\nmetadata: {name: u}\nstatus: {clusters: []}\n",
       "name and namespace"},
      {"no clusters", "kind: ClusterUpgrade\nmetadata: {name: u, namespace: d}\nstatus: {}\n",
       "must be a list"},
      {"no name", WithLines("  - {state: pending}\n"), "s.yaml:5:5: a cluster without a name"},
      {"no state", WithLines("  - {name: a}\n"), "no valid state"},
      {"an unknown state", WithLines("  - {name: a, state: waiting}\n"), "no valid state"},
      {"an unknown outcome", WithLines("  - {name: a, state: finished, outcome: fine}\n"),
       "no valid outcome"},
      {"no outcome", WithLines("  - {name: a, state: finished}\n"), "must have an outcome"},
      {"an early outcome", WithLines("  - {name: a, state: running, outcome: success}\n"), "only a finished"},
      {"not sorted", WithLines("  - {name: b, state: pending}\n  - {name: a, state: pending}\n"),
       "s.yaml:6:5: clusters must"},
      {"twice", WithLines("  - {name: a, state: pending}\n  - {name: a, state: pending}\n"),
       "sorted by name, each once"},
      {"no instant", WithLines("  - {name: a, state: pending, until: soon}\n"),
       "'soon' is not an RFC 3339 time"},
      {"no text", WithLines("  - {name: a, state: pending, message: [b]}\n"), "message must be text"},
      {"no list", WithLines("  - {name: a, state: pending, hops: {}}\n"), "hops must be a list"},
      {"no time of a hop", WithLines("  - {name: a, state: pending, hops: [{to: v1}]}\n"),
       "hop without triggeredAt"},
      {"an alias", WithLines("  - &a {name: a, state: pending}\n  - *a\n"), "s.yaml:6:"},
  };
  for (const BrokenRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto parsed = ParseStatusFile("s.yaml", row.text);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_THAT(parsed.error().message, HasSubstr(row.says));
    EXPECT_THAT(parsed.error().message, HasSubstr("; run 'lockkeeper status rebuild'"));
  }
}

// What the short way could read although it makes no sense.
TEST(StatusFile, InOurFormIsHeldToTheSameRules) {
  UpgradeRecord record;
  record.upgrade = {"default", "u"};
  record.clusters = {{.name = "b"}, {.name = "a"}};
  EXPECT_FALSE(ParseStatusFile("s.yaml", FormatStatusFile(record)).has_value());
  record.clusters = {{.name = ""}};
  EXPECT_FALSE(ParseStatusFile("s.yaml", FormatStatusFile(record)).has_value());
  record.clusters = {{.name = "a", .state = ClusterState::kFinished}};
  EXPECT_FALSE(ParseStatusFile("s.yaml", FormatStatusFile(record)).has_value());
  record.clusters = {};
  record.upgrade.ns = "";
  EXPECT_FALSE(ParseStatusFile("s.yaml", FormatStatusFile(record)).has_value());
}

TEST(History, KeepsWhatPeoplePutAboveTheEntries) {
  const std::string entry = FormatHistoryEntry(
      {"default", "u"},
      {.name = "a", .state = ClusterState::kFinished, .outcome = Outcome::kExpired, .reason = "start-time"});
  EXPECT_EQ(entry, "- upgrade: default/u\n  outcome: expired\n  reason: start-time\n");
  const std::string fresh = PrependHistory("a", "", entry).value();
  EXPECT_EQ(fresh, FormatHistoryHeader("a") + entry);
  EXPECT_EQ(PrependHistory("a", fresh, entry).value(), FormatHistoryHeader("a") + entry + entry);
  EXPECT_EQ(PrependHistory("a", "# ours\nkind: ClusterHistory\nmetadata:\n  name: a\nupgrades:\n- x\n", entry)
                .value(),
            "# ours\nkind: ClusterHistory\nmetadata:\n  name: a\nupgrades:\n" + entry + "- x\n");
  for (const char* other : {"x", "kind: ClusterHistory\nupgrades: []\n", "kind: List\nupgrades:\n- x\n"}) {
    EXPECT_FALSE(PrependHistory("a", other, entry).has_value()) << other;
  }
}

struct PathRow {
  const char* ns;
  std::string name;
  std::string path;
};

TEST(StatusPath, OfAnUpgrade) {
  const PathRow rows[] = {
      {"default", "upgrade-to-v1-20", "default/upgrade-to-v1-20.yaml"},
      {"default", "a.b", "default/a.b.yaml"},
      {"clusters", "a", "%63lusters/a.yaml"},
      {"tasks", "a", "%74asks/a.yaml"},
      {"clusters2", "a", "clusters2/a.yaml"},
      {"default", "clusters", "default/clusters.yaml"},
      {"..", "..", "%2E./%2E..yaml"},
      {"", "", "%/%.yaml"},
      {"a.yaml", "a/b", "a%2Eyaml/a%2Fb.yaml"},
      {".git", "a b", "%2Egit/a%20b.yaml"},
  };
  for (const PathRow& row : rows) EXPECT_EQ(StatusFilePath({row.ns, row.name}), row.path);
}

TEST(StatusPath, OfAClustersHistory) {
  EXPECT_EQ(HistoryFilePath("mgab6"), "clusters/mgab6.yaml");
  EXPECT_EQ(HistoryFilePath("ns/name.x"), "clusters/ns/name.x.yaml");
  EXPECT_EQ(HistoryFilePath("a.yaml"), "clusters/a.yaml.yaml");
  EXPECT_EQ(HistoryFilePath("a.yaml/b"), "clusters/a%2Eyaml/b.yaml");
  EXPECT_EQ(HistoryFilePath("gr\xC3\xBC\xC3\x9F"), "clusters/gr%C3%BC%C3%9F.yaml");
  EXPECT_EQ(HistoryFilePath("/a//../"), "clusters/%/a/%/%2E./%.yaml");
}

std::vector<std::string> Parts(std::string_view path) {
  std::vector<std::string> parts{""};
  for (char c : path) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

TEST(StatusPath, IsOneOfAKindShortEnoughAndNoFolderOfAnother) {
  std::vector<std::string> names;
  const std::vector<std::string> pieces{"a", "A", ".",        ".yaml",    "/",
                                        "%", "~", "\xC3\xA9", "clusters", std::string(250, 'n')};
  for (const std::string& x : pieces) {
    for (const std::string& y : pieces) {
      for (const std::string& z : pieces) names.insert(names.end(), {x, x + y, x + y + z, x + y + z + x});
    }
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    paths.push_back(HistoryFilePath(name));
    paths.push_back(StatusFilePath({"default", name}));
    paths.push_back(StatusFilePath({name, "a"}));
  }
  // default/a is there twice.
  std::ranges::sort(paths);
  EXPECT_EQ(std::ranges::count(paths, "default/a.yaml"), 1);
  EXPECT_EQ(std::ranges::adjacent_find(paths), paths.end());
  for (const std::string& path : paths) {
    std::string folder;
    for (const std::string& part : Parts(path)) {
      ASSERT_LE(part.size(), 255U) << path;
      ASSERT_FALSE(part.empty() || part.starts_with('.')) << path;
      if (!folder.empty()) {
        ASSERT_FALSE(std::ranges::binary_search(paths, folder)) << path;
      }
      folder += (folder.empty() ? "" : "/") + part;
    }
  }
}

struct ScalarRow {
  std::string text;
  std::string yaml;
};

TEST(YamlScalar, IsPlainOnlyWhereEverybodyReadsText) {
  const ScalarRow rows[] = {
      {"v1.20.0", "v1.20.0"},
      {"aws-34.1.0", "aws-34.1.0"},
      {"1.20.1", "1.20.1"},
      {"1.31.7+rke2r1", "1.31.7+rke2r1"},
      {"sha256:0a", "sha256:0a"},
      {"ns/name", "ns/name"},
      {"0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567"},
      {"", "\"\""},
      {"1.20", "\"1.20\""},
      {"0123", "\"0123\""},
      {"1_000", "\"1_000\""},
      {"12:30:00", "\"12:30:00\""},
      {"2026-03-01", "\"2026-03-01\""},
      {"2026-03-01T00:00:00Z", "\"2026-03-01T00:00:00Z\""},
      {"1e3", "\"1e3\""},
      {"1234567890e45", "\"1234567890e45\""},
      {"1.5E+3", "\"1.5E+3\""},
      {"0x1F", "\"0x1F\""},
      {"0o17", "\"0o17\""},
      {"0b1_0", "\"0b1_0\""},
      {"yes", "\"yes\""},
      {"No", "\"No\""},
      {"y", "\"y\""},
      {"NULL", "\"NULL\""},
      {"~", "\"~\""},
      {"-", "\"-\""},
      {"-a", "\"-a\""},
      {".5", "\".5\""},
      {"+1", "\"+1\""},
      {"a:", "\"a:\""},
      {"a b", "\"a b\""},
      {"a\"b\\c", "\"a\\\"b\\\\c\""},
      {"a\nb\tc\r", "\"a\\nb\\tc\\x0d\""},
      {"\x1b\x7f", "\"\\x1b\\x7f\""},
      {std::string(1, '\0'), "\"\\x00\""},
      {"gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\""},
      {"\xC2\x85\xE2\x80\xA8\xEF\xBB\xBF", "\"\\x85\\u2028\\ufeff\""},
      {"\xF0\x9F\x9A\x80", "\"\xF0\x9F\x9A\x80\""},
      {"a\xFF", "\"a\xEF\xBF\xBD\""},
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"\xC3", "\"\xEF\xBF\xBD\""},
  };
  for (const ScalarRow& row : rows) EXPECT_EQ(YamlScalar(row.text), row.yaml);
}

TEST(YamlScalar, IsReadBackByBothParsers) {
  for (unsigned code = 0; code < 0x3000; ++code) {
    std::string text;
    if (code < 0x80) {
      text = {static_cast<char>(code)};
    } else if (code < 0x800) {
      text = {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
    } else {
      text = {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
              static_cast<char>(0x80 | (code & 0x3F))};
    }
    for (const std::string& value : {text, "a" + text + "b", text + text + ":", " " + text + " "}) {
      const std::string yaml = "{a: " + YamlScalar(value) + ", b: c}\n";
      for (const auto& stream : {ParseUserYaml(yaml), ParseManifestYaml(yaml)}) {
        ASSERT_TRUE(stream.has_value()) << code << ": " << yaml;
        ASSERT_EQ(stream->documents.at(0).Find("a")->value, value) << code << ": " << yaml;
      }
    }
  }
}

}  // namespace
}  // namespace lockkeeper
