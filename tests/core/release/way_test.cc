// Ways over random catalogs and over a real one, against a slow oracle that tries every way.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "reconciler/core/release/catalog.h"
#include "schemas/manifest/decode.h"
#include "tests/support/cpu_time.h"

namespace lockkeeper {
namespace {

const SelectsCluster kSelects = [](const ClusterMatch& match) { return match.written; };

/// SPEC 2.5, read out once more and in other words than the code's.
bool MayHop(const Version& from, const Release& to, bool is_target, const MaxSkip& skip) {
  Version version = ParseReleaseName(to.name)->version;
  bool state = to.state == ReleaseState::kActive || (is_target && to.state == ReleaseState::kPreview);
  if (!state || (!is_target && !version.prerelease.empty())) return false;
  if (!(from < version)) return false;
  if (from.major == version.major && skip.minor &&
      version.minor > from.minor + static_cast<unsigned>(*skip.minor)) {
    return false;
  }
  if (skip.major && version.major > from.major + static_cast<unsigned>(*skip.major)) return false;
  if (!to.upgrades_from.value.empty() && !VersionRange::Parse(to.upgrades_from.value)->Contains(from))
    return false;
  for (const BlockedFrom& block : to.blocked_from) {
    if (block.match && !kSelects(*block.match)) continue;
    if (VersionRange::Parse(block.range.value)->Contains(from)) return false;
  }
  return true;
}

/// Every release of `provider` that can be gone to from `from` (below `target`, or it), by trying all.
std::set<const Release*> Reachable(const std::vector<const Release*>& provider, const Version& from,
                                   const Release& target, const MaxSkip& skip) {
  std::set<const Release*> reached;
  Version limit = ParseReleaseName(target.name)->version;
  std::vector<Version> open{from};
  while (!open.empty()) {
    Version at = open.back();
    open.pop_back();
    for (const Release* next : provider) {
      Version version = ParseReleaseName(next->name)->version;
      if (version > limit || reached.contains(next) || !MayHop(at, *next, next == &target, skip)) continue;
      reached.insert(next);
      open.push_back(version);
    }
  }
  return reached;
}

struct Walked {
  int found = 0;
  int refused = 0;
};

/// Walks from `from` to `target` and holds every step against the oracle.
void CheckWay(const Catalog& catalog, const Version& from, const Release& target, const MaxSkip& skip,
              Walked& walked) {
  ReleaseName name = *ParseReleaseName(target.name);
  const auto& provider = catalog.OfProvider(name.provider);
  bool expected = Reachable(provider, from, target, skip).contains(&target);
  std::string trace = "from " + from.str() + " to " + target.name;
  Version at = from;
  for (size_t hops = 0;; ++hops) {
    ASSERT_LE(hops, provider.size()) << trace;
    auto hop = catalog.NextHop(at, name, skip, kSelects);
    auto again = catalog.NextHop(at, name, skip, kSelects);
    ASSERT_EQ(hop.has_value(), again.has_value()) << trace;
    if (!hop) {
      ASSERT_FALSE(expected) << trace << ": " << hop.error().message;
      ASSERT_EQ(hops, 0u) << trace << ": lost on the way";
      ASSERT_EQ(hop.error().message, again.error().message);
      bool no_step = hop.error().message.contains(": 0} allows none");
      const char* named = hop.error().code == "hop-missing" && !no_step ? ".x" : name.prefix.c_str();
      ASSERT_NE(hop.error().message.find(named), std::string::npos) << hop.error().message;
      ++walked.refused;
      return;
    }
    ASSERT_TRUE(expected) << trace << " goes to " << hop->release->name;
    ASSERT_EQ(hop->release, again->release) << trace;
    ASSERT_TRUE(MayHop(at, *hop->release, hop->release == &target, skip))
        << trace << " over " << hop->release->name;
    // Nothing newer that also leads to the target was passed by.
    for (const Release* other : provider) {
      Version version = ParseReleaseName(other->name)->version;
      if (!(version > hop->to.version) || version > name.version) continue;
      bool leads = other == &target || Reachable(provider, version, target, skip).contains(&target);
      ASSERT_FALSE(leads && MayHop(at, *other, other == &target, skip))
          << trace << ": " << other->name << " is further than " << hop->release->name;
    }
    trace += " over " + hop->release->name;
    at = hop->to.version;
    if (hop->release != &target) continue;
    ASSERT_EQ(hop->remaining, 0) << trace;
    ++walked.found;
    return;
  }
}

const std::vector<MaxSkip> kSkips{{},
                                  {.major = 1, .minor = {}},
                                  {.major = {}, .minor = 1},
                                  {.major = 1, .minor = 1},
                                  {.major = 2, .minor = {}},
                                  {.major = {}, .minor = 2},
                                  {.major = 0, .minor = 1}};

TEST(Way, IsThatOfTheOracleOnRandomCatalogs) {
  constexpr unsigned kSeed = 20250311;
  std::mt19937 random(kSeed);
  auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  auto version = [&] {
    std::string out =
        std::to_string(1 + pick(3)) + "." + std::to_string(pick(4)) + "." + std::to_string(pick(3));
    return pick(8) == 0 ? out + "-rc1" : out;
  };
  const char* comparators[] = {">=", "<", ">", "<=", "~", "^", "="};
  auto range = [&] { return comparators[pick(7)] + version(); };
  Walked walked;
  for (int round = 0; round < 150; ++round) {
    std::set<std::string> names;
    while (names.size() < 12) names.insert("aws-" + version());
    std::vector<Release> releases;
    for (const std::string& name : names) {
      Release release;
      release.name = name;
      release.state = pick(4) == 0 ? static_cast<ReleaseState>(pick(4)) : ReleaseState::kActive;
      if (pick(4) == 0) release.upgrades_from.value = range();
      if (pick(4) == 0) {
        BlockedFrom block{{range(), {}}, "", "", std::nullopt};
        if (pick(2) == 0) block.match.emplace().written = pick(2) == 0;
        release.blocked_from.push_back(block);
      }
      releases.push_back(release);
    }
    Diagnostics findings;
    Catalog catalog = Catalog::Build(releases, findings);
    ASSERT_TRUE(findings.empty()) << findings.front().message << " seed " << kSeed;
    for (const Release& target : releases) {
      if (target.state == ReleaseState::kWip || target.state == ReleaseState::kDeprecated) continue;
      for (const Release& from : releases) {
        Version start = ParseReleaseName(from.name)->version;
        if (!(start < ParseReleaseName(target.name)->version)) continue;
        CheckWay(catalog, start, target, kSkips[pick(static_cast<unsigned>(kSkips.size()))], walked);
        if (testing::Test::HasFatalFailure()) FAIL() << "seed " << kSeed << " round " << round;
      }
    }
  }
  EXPECT_GT(walked.found, 1000);
  EXPECT_GT(walked.refused, 1000);
}

std::vector<Release> PublishedReleases(const std::filesystem::path& folder) {
  std::vector<Release> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename() != "release.yaml") continue;
    std::ifstream file(entry.path());
    std::string text{std::istreambuf_iterator<char>(file), {}};
    DecodedFile decoded = DecodeManifests(entry.path().string(), text);
    EXPECT_TRUE(decoded.diagnostics.empty()) << FormatDiagnostic(decoded.diagnostics.front());
    EXPECT_EQ(decoded.releases.size(), 1u) << entry.path();
    for (Release& release : decoded.releases) out.push_back(std::move(release));
  }
  return out;
}

class PublishedCatalog : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::path folder = std::filesystem::path(LK_SHARED) / "fixtures/giantswarm-releases";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the published catalog is not here";
    releases_ = PublishedReleases(folder);
    ASSERT_EQ(releases_.size(), 195u);
  }
  std::vector<Release> releases_;
};

TEST_F(PublishedCatalog, EveryWayIsFoundOrRefused) {
  Diagnostics findings;
  Catalog catalog = Catalog::Build(releases_, findings);
  EXPECT_TRUE(findings.empty()) << findings.front().message;
  Walked walked;
  int states = 0;
  for (const Release& target : releases_) {
    ReleaseName name = *ParseReleaseName(target.name);
    for (const Release* from : catalog.OfProvider(name.provider)) {
      Version start = ParseReleaseName(from->name)->version;
      if (!(start < name.version)) continue;
      if (target.state == ReleaseState::kDeprecated) {
        auto hop = catalog.NextHop(start, name, {}, kSelects);
        ASSERT_FALSE(hop.has_value()) << target.name;
        ASSERT_EQ(hop.error().code, "release-state") << hop.error().message;
        ++states;
        continue;
      }
      for (const MaxSkip& skip : kSkips) {
        CheckWay(catalog, start, target, skip, walked);
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_GT(walked.found, 3000);
  EXPECT_GT(walked.refused, 500);
  EXPECT_GT(states, 5000);
}

TEST_F(PublishedCatalog, GoesOverTheLastActiveReleaseOfAMajor) {
  Diagnostics findings;
  Catalog catalog = Catalog::Build(releases_, findings);
  MaxSkip skip{.major = 1, .minor = std::nullopt};
  auto hop = catalog.NextHop(*ParseVersion("32.3.0"), *ParseReleaseName("aws-34.5.0"), skip, kSelects);
  ASSERT_TRUE(hop.has_value()) << hop.error().message;
  EXPECT_EQ(hop->release->name, "aws-33.4.0");
  EXPECT_EQ(hop->remaining, 1);
  hop = catalog.NextHop(*ParseVersion("30.1.4"), *ParseReleaseName("aws-34.5.0"), skip, kSelects);
  ASSERT_FALSE(hop.has_value());
  EXPECT_EQ(hop.error().message,
            "the catalog has no active release of aws-31.x to go over from aws-30.1.4 to aws-34.5.0: one "
            "bump goes at "
            "most 1 major further (maxSkip); aws-31.3.0 is deprecated");
}

/// A bound with room: what is measured is 1 to 10 microseconds. Quadratic growth would miss it by far.
TEST(Way, IsQuickOverManyReleases) {
  std::vector<Release> releases;
  for (int minor = 0; minor < 100; ++minor) {
    for (int patch = 0; patch < 2; ++patch) {
      Release release;
      release.name = "v1." + std::to_string(minor) + "." + std::to_string(patch);
      // Half of the rows break off in the middle.
      if (minor == 50) release.state = ReleaseState::kDeprecated;
      releases.push_back(release);
    }
  }
  Diagnostics findings;
  Catalog catalog = Catalog::Build(releases, findings);
  ReleaseName target = *ParseReleaseName("v1.99.1");
  auto microseconds = [&](const char* from, const MaxSkip& skip, bool found) {
    constexpr int kTimes = 2000;
    Version start = *ParseVersion(from);
    const CpuTime time;
    for (int i = 0; i < kTimes; ++i)
      EXPECT_EQ(catalog.NextHop(start, target, skip, kSelects).has_value(), found);
    return time.Spent<std::micro>() / kTimes / kSlowness;
  };
  EXPECT_LT(microseconds("1.0.0", {}, true), 500);
  EXPECT_LT(microseconds("1.51.0", {.major = {}, .minor = 1}, true), 500);
  EXPECT_LT(microseconds("1.0.0", {.major = {}, .minor = 1}, false), 500);
  EXPECT_LT(microseconds("1.0.0", {.major = {}, .minor = 2}, true), 500);
}

}  // namespace
}  // namespace lockkeeper
