#include <gtest/gtest.h>

#include "schemas/manifest/decode.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

std::string HashOf(const std::string& spec) {
  DecodedFile file = DecodeManifests("a.yaml",
                                     "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\n"
                                     "metadata: {name: a}\nspec: " +
                                         spec + "\n");
  EXPECT_EQ(file.upgrades.size(), 1u) << spec;
  return file.upgrades.empty() ? "" : file.upgrades[0].spec_hash;
}

TEST(Sha256, KnownAnswers) {  // FIPS 180-2
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

const char* const kSpec =
    "{matchers: [{key: stage, value: dev}], releaseRef: {name: v1.20.0}, startTime: 2026-03-10T07:00:00Z, "
    "runway: 90m,"
    " clusterSelector: {matchLabels: {a: x, b: y}}}";

TEST(SpecHash, TheWayOfWritingDoesNotMatter) {
  for (const char* same :
       {// order of keys, quotes
        "{runway: \"90m\", startTime: '2026-03-10T07:00:00Z', releaseRef: {name: \"v1.20.0\"},"
        " clusterSelector: {matchLabels: {b: y, a: x}}, matchers: [{value: 'dev', key: stage}]}",
        // comments, block style, another way to write the time and the length, defaults spelled out
        "\n  # why\n  matchers:\n  - name: stage  # an alias of key\n    value: dev\n    isRegex: false\n"
        "  clusterSelector: {matchLabels: {a: x, b: y}}\n"
        "  releaseRef: {apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: v1.20.0}\n"
        "  startTime: 2026-03-10T08:00:00+01:00\n  runway: 1h30m\n  suspend: true\n  priority: 0\n  scope: "
        "All\n"
        "  approval: {required: false}\n  allowDowngrade: false\n  checks: {before: [], after: []}\n"}) {
    EXPECT_EQ(HashOf(same), HashOf(kSpec)) << same;
  }
}

TEST(SpecHash, EveryFieldMatters) {
  std::vector<std::string> hashes{HashOf(kSpec)};
  std::string base = "matchers: [{key: stage, value: dev}], releaseRef: {name: v1.20.0}";
  for (const char* more : {"",
                           "priority: 1",
                           "scope: Nodes",
                           "startDeadline: 2026-04-10T00:00:00Z",
                           "finishTimeout: 2h",
                           "maintenanceScheduleRef: {name: s}",
                           "upgradePlanRef: {name: s}",
                           "runway: 1h",
                           "noticePeriod: 1h",
                           "reminders: [1h]",
                           "approval: {required: true}",
                           "approval: {approvers: [a]}",
                           "approval: {expiresAfter: 1d}",
                           "allowDowngrade: true",
                           "override: {reason: r, by: b, until: 2026-03-01T00:00:00Z}",
                           "override: {windows: true, reason: r, by: b, until: 2026-03-01T00:00:00Z}",
                           "delivery: {mode: commit}",
                           "checks: {after: [{type: Nodes}]}",
                           "checks: {before: [{type: Nodes}]}",
                           "checks: {after: [{type: Nodes, minReady: 90%}]}",
                           "clusterSelector: {matchLabels: {a: b}}",
                           "clusterSelector: {matchExpressions: [{key: a, operator: Exists}]}"}) {
    hashes.push_back(HashOf("{" + base + ", " + more + "}"));
  }
  hashes.push_back(HashOf("{matchers: [{key: stage, value: prod}], releaseRef: {name: v1.20.0}}"));
  hashes.push_back(
      HashOf("{matchers: [{key: stage, value: dev, isRegex: true}], releaseRef: {name: v1.20.0}}"));
  hashes.push_back(
      HashOf("{matchers: [{key: stage, value: dev, isEqual: false}], releaseRef: {name: v1.20.0}}"));
  hashes.push_back(HashOf("{matchers: [{key: stage, value: dev}], releaseRef: {name: v1.20.1}}"));
  for (size_t i = 0; i < hashes.size(); ++i) {
    for (size_t j = i + 1; j < hashes.size(); ++j) EXPECT_NE(hashes[i], hashes[j]) << i << " and " << j;
  }
}

// A changed hash lifts rejections and restarts stopped upgrades in every repository: it must stay what it is.
TEST(SpecHash, IsTheSameInEveryVersion) {
  EXPECT_EQ(HashOf(kSpec), "sha256:b59d55a33897ead11dc49620da1753058a604113ddf5f2665227097a5d89052e");
}

}  // namespace
}  // namespace lockkeeper
