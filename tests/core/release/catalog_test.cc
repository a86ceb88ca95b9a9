#include "reconciler/core/release/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

constexpr MaxSkip kNoLimit{};
constexpr MaxSkip kOneMinor{.major = std::nullopt, .minor = 1};
constexpr MaxSkip kOneMajor{.major = 1, .minor = std::nullopt};
constexpr MaxSkip kOneEach{.major = 1, .minor = 1};

bool SelectsNone(const ClusterMatch&) { return false; }
bool SelectsAll(const ClusterMatch&) { return true; }

struct ReleaseRow {
  const char* name;
  ReleaseState state = ReleaseState::kActive;
  const char* upgrades_from = "";
  std::vector<const char*> blocked_from = {};
  bool blocks_some_clusters = false;  ///< its blockedFrom has matchers
};

std::vector<Release> Releases(const std::vector<ReleaseRow>& rows) {
  std::vector<Release> out;
  for (const ReleaseRow& row : rows) {
    Release release;
    release.name = row.name;
    release.origin = {"releases/" + std::string(row.name) + ".yaml", 0, {1, 1}};
    release.state = row.state;
    release.upgrades_from = {row.upgrades_from, {9, 17}};
    for (const char* range : row.blocked_from) {
      BlockedFrom block{
          {range, {11, 12}}, "etcd cannot be read back", "https://example.com/42", std::nullopt};
      if (row.blocks_some_clusters) block.match.emplace();
      release.blocked_from.push_back(block);
    }
    out.push_back(std::move(release));
  }
  return out;
}

constexpr auto kDeprecated = ReleaseState::kDeprecated;
constexpr auto kWip = ReleaseState::kWip;
constexpr auto kPreview = ReleaseState::kPreview;

struct WayRow {
  const char* name;
  std::vector<ReleaseRow> catalog;
  const char* from;
  const char* target;
  MaxSkip skip;
  const char* way;  ///< the releases gone to, or the NoWay's code
  std::vector<const char*> says = {};
  bool selected = true;  ///< what `selects` answers
};

/// Goes hop by hop and writes down where it came; the code of the NoWay ends it.
std::string Walk(const Catalog& catalog, const WayRow& row, std::string& message) {
  Version at = *ParseVersion(row.from);
  ReleaseName target = *ParseReleaseName(row.target);
  std::string way;
  for (int hops = 0, announced = -1; hops < 100; ++hops) {
    auto hop = catalog.NextHop(at, target, row.skip, row.selected ? SelectsAll : SelectsNone);
    if (!hop) {
      message = hop.error().message;
      return way + hop.error().code;
    }
    EXPECT_TRUE(announced < 0 || hop->remaining == announced - 1) << row.name;
    announced = hop->remaining;
    way += hop->release->name;
    at = hop->to.version;
    if (hop->remaining == 0) return way;
    way += " ";
  }
  return way + "endless";
}

const std::vector<ReleaseRow> kMinors{{"v1.28.0"}, {"v1.28.9"}, {"v1.29.3"}, {"v1.29.4"}, {"v1.30.0"},
                                      {"v1.30.2"}, {"v1.31.0"}, {"v1.31.1"}, {"v1.32.0"}};

const std::vector<WayRow> kWays{
    {"no_limit_is_one_hop", kMinors, "1.28.0", "v1.32.0", kNoLimit, "v1.32.0"},
    {"newest_of_each_minor", kMinors, "1.28.0", "v1.31.0", kOneMinor, "v1.29.4 v1.30.2 v1.31.0"},
    {"within_the_minor", kMinors, "1.29.3", "v1.29.4", kOneMinor, "v1.29.4"},
    {"from_a_version_outside_the_catalog", kMinors, "1.27.16", "v1.29.3", kOneMinor, "v1.28.9 v1.29.3"},
    {"two_minors_a_bump", kMinors, "1.28.0", "v1.32.0", {.major = {}, .minor = 2}, "v1.30.2 v1.32.0"},
    {"three_minors_a_bump", kMinors, "1.28.0", "v1.32.0", {.major = {}, .minor = 3}, "v1.31.1 v1.32.0"},
    {"target_below_the_newest", kMinors, "1.30.0", "v1.31.0", kOneMinor, "v1.31.0"},
    {"same_version", kMinors, "1.31.0", "v1.31.0", kOneMinor, "v1.31.0"},
    {"downgrade_is_one_hop", kMinors, "1.32.0", "v1.28.0", kOneMinor, "v1.28.0"},
    {"a_minor_is_missing",
     {{"v1.28.0"}, {"v1.29.0"}, {"v1.31.0"}},
     "1.28.0",
     "v1.31.0",
     kOneMinor,
     "hop-missing",
     {"v1.30.x", "ends at v1.29.0", "v1.31.0", "at most 1 minor further"}},
    {"no_minor_may_be_crossed",
     kMinors,
     "1.28.0",
     "v1.29.3",
     {.major = {}, .minor = 0},
     "hop-missing",
     {"minor: 0"}},
    {"a_deprecated_hop_is_no_hop",
     {{"v1.28.0"}, {"v1.29.0", kDeprecated}, {"v1.29.1", kDeprecated}, {"v1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "hop-missing",
     {"no active release of v1.29.x", "v1.29.1 is deprecated"}},
    {"nor_is_a_preview",
     {{"v1.28.0"}, {"v1.29.0", kPreview}, {"v1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "hop-missing",
     {"v1.29.0 is preview"}},
    {"nor_is_wip",
     {{"v1.28.0"}, {"v1.29.0", kWip}, {"v1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "hop-missing",
     {"v1.29.0 is wip"}},
    {"nor_is_a_prerelease",
     {{"v1.28.0"}, {"v1.29.0-rc1"}, {"v1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "hop-missing",
     {"v1.29.0-rc1 is a prerelease"}},
    {"deprecated_ones_are_passed_by",
     {{"v1.28.0"}, {"v1.29.0"}, {"v1.29.1", kDeprecated}, {"v1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "v1.29.0 v1.30.0"},
    {"from_a_deprecated_one",
     {{"v1.28.0", kDeprecated}, {"v1.29.0"}},
     "1.28.0",
     "v1.29.0",
     kOneMinor,
     "v1.29.0"},
    {"already_at_a_deprecated_target", {{"v1.28.0", kDeprecated}}, "1.28.0", "v1.28.0", kOneMinor, "v1.28.0"},
    {"a_preview_is_a_target", {{"v1.28.0"}, {"v1.29.0", kPreview}}, "1.28.0", "v1.29.0", kNoLimit, "v1.29.0"},
    {"a_prerelease_is_a_target",
     {{"v1.28.0"}, {"v1.29.0-rc1"}},
     "1.28.0",
     "v1.29.0-rc1",
     kNoLimit,
     "v1.29.0-rc1"},
    {"wip_is_no_target",
     {{"v1.29.0", kWip}},
     "1.28.0",
     "v1.29.0",
     kNoLimit,
     "release-state",
     {"v1.29.0 has state wip"}},
    {"deprecated_is_no_target",
     {{"v1.29.0", kDeprecated}},
     "1.28.0",
     "v1.29.0",
     kNoLimit,
     "release-state",
     {"v1.29.0 has state deprecated"}},
    {"deprecated_names_a_better_one",
     {{"v1.29.0", kDeprecated}, {"v1.29.1"}, {"v1.29.2"}, {"v1.29.3", kDeprecated}, {"v1.30.0"}},
     "1.28.0",
     "v1.29.0",
     kNoLimit,
     "release-state",
     {"newest active release of 1.29 is v1.29.2"}},
    {"deprecated_is_no_target_of_a_downgrade",
     {{"v1.28.0", kDeprecated}, {"v1.29.0"}},
     "1.29.0",
     "v1.28.0",
     kNoLimit,
     "release-state",
     {"v1.28.0 has state deprecated"}},
    {"unknown_target", kMinors, "1.28.0", "v1.31.7", kOneMinor, "unknown-release", {"v1.31.7", "v1.31.1"}},
    {"unknown_provider", kMinors, "1.28.0", "aws-1.31.1", kOneMinor, "unknown-release", {"provider 'aws'"}},
    {"another_prefix",
     kMinors,
     "1.28.0",
     "1.31.1",
     kOneMinor,
     "unknown-release",
     {"v1.31.1 is of that version"}},
    {"upgrades_from_makes_a_hop",
     {{"v1.28.0"}, {"v1.29.3"}, {"v1.29.5"}, {"v1.29.7", kDeprecated}, {"v1.30.0", {}, ">=1.29.4 <1.30.0"}},
     "1.29.3",
     "v1.30.0",
     kOneMinor,
     "v1.29.5 v1.30.0"},
    {"also_without_a_limit",
     {{"v1.28.0"}, {"v1.29.0"}, {"v1.30.0", {}, ">=1.29.0 <1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kNoLimit,
     "v1.29.0 v1.30.0"},
    {"upgrades_from_ends_the_way",
     {{"v1.28.0"}, {"v1.29.3"}, {"v1.30.0", {}, ">=1.29.4 <1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "upgrades-from",
     {"v1.30.0 upgrades only from >=1.29.4 <1.30.0", "not from v1.29.3", "ends at v1.29.3"}},
    {"upgrades_from_of_a_hop",
     {{"v1.28.0"}, {"v1.29.3", {}, ">=1.28.5"}, {"v1.30.0"}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "upgrades-from",
     {"v1.29.3 upgrades only from >=1.28.5", "not from v1.28.0"}},
    // The furthest is not taken blindly: from v1.29.4 the target is blocked, from v1.29.3 it is not.
    {"the_target_must_stay_in_reach",
     {{"v1.28.0"}, {"v1.29.3"}, {"v1.29.4"}, {"v1.30.0", {}, "", {"=1.29.4"}}},
     "1.28.0",
     "v1.30.0",
     kOneMinor,
     "v1.29.3 v1.30.0"},
    {"blocked_from_here",
     {{"v1.29.0"}, {"v1.30.0", {}, "", {"<1.29.0", "1.29.x"}}},
     "1.29.0",
     "v1.30.0",
     kNoLimit,
     "blocked-from",
     {"v1.30.0 is blocked from v1.29.0", "1.29.x", "etcd cannot be read back", "https://example.com/42"}},
    {"blocked_from_holds_for_a_downgrade",
     {{"v1.29.0", {}, "", {">=1.30"}}, {"v1.30.0"}},
     "1.30.0",
     "v1.29.0",
     kNoLimit,
     "blocked-from"},
    {"blocked_for_this_cluster",
     {{"v1.29.0"}, {"v1.30.0", {}, "", {"1.29.x"}, true}},
     "1.29.0",
     "v1.30.0",
     kNoLimit,
     "blocked-from"},
    {"not_blocked_for_another",
     {{"v1.29.0"}, {"v1.30.0", {}, "", {"1.29.x"}, true}},
     "1.29.0",
     "v1.30.0",
     kNoLimit,
     "v1.30.0",
     {},
     false},
    // Majors, as Giant Swarm's: to any minor of the next one.
    {"one_major_to_any_minor",
     {{"aws-32.4.0"}, {"aws-33.4.0"}, {"aws-34.0.0"}, {"aws-34.5.0"}, {"aws-34.9.0"}, {"azure-33.9.0"}},
     "32.4.0",
     "aws-34.5.0",
     kOneMajor,
     "aws-33.4.0 aws-34.5.0"},
    {"next_major_at_once", {{"aws-33.0.0"}, {"aws-34.5.0"}}, "33.0.0", "aws-34.5.0", kOneEach, "aws-34.5.0"},
    {"minors_count_within_a_major",
     {{"aws-34.0.0"}, {"aws-34.1.1"}, {"aws-34.2.0"}, {"aws-34.3.0"}},
     "34.0.0",
     "aws-34.3.0",
     kOneEach,
     "aws-34.1.1 aws-34.2.0 aws-34.3.0"},
    // A release further up in the own major is out of reach where the next major is not.
    {"the_next_major_is_nearer_than_the_own_minors",
     {{"aws-33.0.0"}, {"aws-33.4.0"}, {"aws-34.0.0"}, {"aws-34.1.0"}, {"aws-35.0.0"}},
     "33.0.0",
     "aws-35.0.0",
     kOneEach,
     "aws-34.1.0 aws-35.0.0"},
    {"a_major_is_missing",
     {{"aws-32.4.0"}, {"aws-33.4.0", kDeprecated}, {"aws-34.5.0"}},
     "32.4.0",
     "aws-34.5.0",
     kOneMajor,
     "hop-missing",
     {"aws-33.x", "aws-33.4.0 is deprecated", "aws-32.4.0", "at most 1 major further"}},
    {"other_providers_do_not_help",
     {{"aws-32.4.0"}, {"azure-33.4.0"}, {"aws-34.5.0"}},
     "32.4.0",
     "aws-34.5.0",
     kOneMajor,
     "hop-missing",
     {"aws-33.x"}},
    {"builds_are_steps",
     {{"v1.31.7+rke2r1"}, {"v1.31.7+rke2r2"}, {"v1.31.7+rke2r10"}, {"v1.32.3+rke2r1"}},
     "1.30.2+rke2r1",
     "v1.32.3+rke2r1",
     kOneMinor,
     "v1.31.7+rke2r10 v1.32.3+rke2r1"},
    {"to_a_newer_build",
     {{"v1.31.7+rke2r1"}, {"v1.31.7+rke2r2"}},
     "1.31.7+rke2r1",
     "v1.31.7+rke2r2",
     kOneMinor,
     "v1.31.7+rke2r2"},
};

TEST(Catalog, GoesTheSpecifiedWay) {
  for (const WayRow& row : kWays) {
    std::vector<Release> releases = Releases(row.catalog);
    Diagnostics findings;
    Catalog catalog = Catalog::Build(releases, findings);
    EXPECT_TRUE(findings.empty()) << row.name << ": " << findings.front().message;
    std::string message;
    EXPECT_EQ(Walk(catalog, row, message), row.way) << row.name << ": " << message;
    for (const char* words : row.says) EXPECT_THAT(message, HasSubstr(words)) << row.name;
  }
}

TEST(Catalog, FindsByNameAndProvider) {
  std::vector<Release> releases = Releases({{"aws-34.1.0"}, {"aws-33.4.0"}, {"aws-v35.0.0"}, {"v1.20.0"}});
  Diagnostics findings;
  Catalog catalog = Catalog::Build(releases, findings);
  EXPECT_EQ(catalog.Find("aws-34.1.0"), &releases[0]);
  EXPECT_EQ(catalog.Find("34.1.0"), nullptr);
  EXPECT_EQ(catalog.OfProvider("aws"),
            (std::vector<const Release*>{&releases[1], &releases[0], &releases[2]}));
  EXPECT_EQ(catalog.OfProvider(""), (std::vector<const Release*>{&releases[3]}));
  EXPECT_TRUE(catalog.OfProvider("gcp").empty());
  EXPECT_FALSE(catalog.depends_on_cluster());
}

TEST(Catalog, KnowsWhetherClustersDiffer) {
  std::vector<Release> releases = Releases({{"v1.29.0"}, {"v1.30.0", {}, "", {"1.29.x"}, true}});
  Diagnostics findings;
  EXPECT_TRUE(Catalog::Build(releases, findings).depends_on_cluster());
}

struct FindingRow {
  const char* name;
  std::vector<ReleaseRow> catalog;
  std::vector<const char*> findings;  ///< FormatDiagnostic begins with it
  std::vector<const char*> usable;
  std::vector<const char*> unusable;
};

TEST(Catalog, LeavesOutWhatCannotBeUsed) {
  const std::vector<FindingRow> rows{
      {"no_version",
       {{"latest"}, {"v1.20.0"}},
       {"releases/latest.yaml:1:1: error[release-name]: metadata.name: 'latest' is not a release's name"},
       {"v1.20.0"},
       {"latest"}},
      {"twice",
       {{"v1.20.0"}, {"v1.20.0"}, {"v1.21.0"}},
       {"releases/v1.20.0.yaml:1:1: error[duplicate-release]: release v1.20.0 cannot be used: it stands 2 "
        "times",
        "releases/v1.20.0.yaml:1:1: error[duplicate-release]"},
       {"v1.21.0"},
       {"v1.20.0"}},
      {"twice_but_no_target",
       {{"v11.2.5", kDeprecated}, {"v11.2.5", kDeprecated}},
       {"releases/v11.2.5.yaml:1:1: warning[duplicate-release]", "releases/v11.2.5.yaml:1:1: warning["},
       {},
       {"v11.2.5"}},
      {"one_version_under_two_names",
       {{"v1.20.0"}, {"1.20.0", kDeprecated}},
       {"releases/1.20.0.yaml:1:1: error[duplicate-release]",
        "releases/v1.20.0.yaml:1:1: error[duplicate-release]"},
       {},
       {"v1.20.0", "1.20.0"}},
      {"a_bad_range",
       {{"v1.20.0", {}, "latest"}, {"v1.21.0", {}, "", {"~>1.2"}}, {"v1.22.0"}},
       {"releases/v1.20.0.yaml:9:17: error[bad-range]: spec.upgradesFrom: 'latest' is not a version "
        "range",
        "releases/v1.21.0.yaml:11:12: error[bad-range]: spec.blockedFrom[0].range: '~>1.2'"},
       {"v1.22.0"},
       {"v1.20.0", "v1.21.0"}},
      {"a_good_copy_of_a_broken_one",
       {{"v1.20.0", {}, "latest"}, {"v1.20.0"}},
       {"releases/v1.20.0.yaml:9:17: error[bad-range]"},
       {},
       {"v1.20.0"}},
  };
  for (const FindingRow& row : rows) {
    std::vector<Release> releases = Releases(row.catalog);
    Diagnostics findings;
    Catalog catalog = Catalog::Build(releases, findings);
    ASSERT_EQ(findings.size(), row.findings.size()) << row.name;
    for (size_t i = 0; i < findings.size(); ++i) {
      EXPECT_THAT(FormatDiagnostic(findings[i]), ::testing::StartsWith(row.findings[i])) << row.name;
    }
    for (const char* name : row.usable) EXPECT_NE(catalog.Find(name), nullptr) << row.name << " " << name;
    for (const char* name : row.unusable) {
      EXPECT_EQ(catalog.Find(name), nullptr) << row.name << " " << name;
      auto target = ParseReleaseName(name);
      if (!target) continue;
      auto hop = catalog.NextHop(*ParseVersion("0.1.0"), *target, kNoLimit, SelectsAll);
      ASSERT_FALSE(hop.has_value()) << row.name;
      EXPECT_EQ(hop.error().code, "unknown-release");
      EXPECT_THAT(hop.error().message, HasSubstr(std::string(name) + " cannot be used: ")) << row.name;
    }
  }
}

TEST(Catalog, KnowsWhatCouldNotBeDecoded) {
  std::vector<Release> releases = Releases({{"v1.20.0"}, {"v1.21.0"}});
  BrokenObject release{
      "Release", {"default", "v1.20.0"}, {"releases/b.yaml", 0, {1, 1}}, "spec.state: 'old'", {}};
  BrokenObject nameless{
      "Release", {"default", ""}, {"releases/c.yaml", 0, {1, 1}}, "metadata.name is missing", {}};
  BrokenObject upgrade{"ClusterUpgrade", {"default", "v1.21.0"}, {"upgrades/a.yaml", 0, {1, 1}}, "spec", {}};
  Diagnostics findings;
  Catalog catalog = Catalog::Build(releases, findings, {release, nameless, upgrade});
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(catalog.Find("v1.20.0"), nullptr);
  EXPECT_NE(catalog.Find("v1.21.0"), nullptr);
  auto hop = catalog.NextHop(*ParseVersion("1.19.0"), *ParseReleaseName("v1.20.0"), kNoLimit, SelectsAll);
  ASSERT_FALSE(hop.has_value());
  EXPECT_EQ(hop.error().code, "unknown-release");
  EXPECT_EQ(hop.error().message, "release v1.20.0 cannot be used: releases/b.yaml: spec.state: 'old'");
}

TEST(Catalog, WithoutOneThereIsOneHop) {
  struct Row {
    const char* from;
    const char* target;
    MaxSkip skip;
    const char* missing;  ///< nullptr: the hop is allowed
  };
  for (const Row& row :
       {Row{"1.16.0", "v1.20.0", kNoLimit, nullptr}, Row{"1.19.0", "v1.20.0", kOneMinor, nullptr},
        Row{"1.18.0", "v1.20.0", kOneMinor, "v1.19.x"}, Row{"1.20.0", "v1.18.0", kOneMinor, nullptr},
        Row{"32.0.0", "aws-34.1.0", kOneMajor, "aws-33.x"}, Row{"1.20.0", "v1.20.0", kOneMinor, nullptr}}) {
    auto hop = NextHopWithoutCatalog(*ParseVersion(row.from), *ParseReleaseName(row.target), row.skip);
    if (row.missing == nullptr) {
      ASSERT_TRUE(hop.has_value()) << row.from << " " << row.target;
      EXPECT_EQ(hop->release, nullptr);
      EXPECT_EQ(hop->to.str(), row.target);
      EXPECT_EQ(hop->remaining, 0);
    } else {
      ASSERT_FALSE(hop.has_value()) << row.from << " " << row.target;
      EXPECT_EQ(hop.error().code, "hop-missing");
      EXPECT_THAT(hop.error().message, HasSubstr(row.missing));
    }
  }
}

TEST(Catalog, ChecksTheProvider) {
  EXPECT_FALSE(CheckProvider(*ParseReleaseName("aws-34.1.0"), "aws"));
  EXPECT_FALSE(CheckProvider(*ParseReleaseName("aws-34.1.0"), ""));
  EXPECT_FALSE(CheckProvider(*ParseReleaseName("v1.20.0"), "aws"));
  auto wrong = CheckProvider(*ParseReleaseName("aws-34.1.0"), "azure");
  ASSERT_TRUE(wrong.has_value());
  EXPECT_EQ(wrong->code, "provider");
  EXPECT_THAT(wrong->message, HasSubstr("provider label says azure"));
}

}  // namespace
}  // namespace lockkeeper
