// Real manifests: RFC 0015's examples and Giant Swarm's published releases.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = fs::path(LK_SHARED) / "fixtures";

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Codes(const DecodedFile& decoded) {
  std::vector<std::string> codes;
  for (const Diagnostic& finding : decoded.diagnostics) {
    codes.push_back((finding.severity == Severity::kError ? "error:" : "warning:") + finding.code);
  }
  return codes;
}

TEST(ManifestFixtures, TheUpgradeOfRfc0015IsValidUnchanged) {
  fs::path path = kFixtures / "rfc0015" / "cluster-upgrade.yaml";
  if (!fs::exists(path)) GTEST_SKIP() << "no fixtures at " << kFixtures;
  DecodedFile decoded = DecodeManifests("u.yaml", ReadFile(path));
  EXPECT_EQ(Codes(decoded),
            (std::vector<std::string>{"warning:empty-api-version", "warning:status-in-manifest"}));
  EXPECT_TRUE(decoded.broken.empty());
  ASSERT_EQ(decoded.upgrades.size(), 1u);
  const ClusterUpgrade& upgrade = decoded.upgrades.front();
  EXPECT_EQ(upgrade.name.str(), "default/upgrade-to-cluster-openstack-v1.20");
  ASSERT_EQ(upgrade.match.matchers.size(), 2u);
  EXPECT_EQ(upgrade.match.matchers[0].key, "cluster_id");
  EXPECT_EQ(upgrade.match.matchers[0].value, "mgab6");
  EXPECT_FALSE(upgrade.match.matchers[0].is_regex);
  EXPECT_EQ(upgrade.match.matchers[1].key, "stage");
  EXPECT_TRUE(upgrade.match.matchers[1].is_regex);
  EXPECT_EQ(upgrade.release.api_version, "application.giantswarm.io/v1alpha1");
  EXPECT_EQ(upgrade.release.name.value, "v1.20.0");
  EXPECT_EQ(FormatInstant(*upgrade.start_time), "2021-03-10T07:00:00Z");
}

TEST(ManifestFixtures, TheScheduleOfRfc0015IsValidUnchanged) {
  fs::path path = kFixtures / "rfc0015" / "maintenance-schedule.yaml";
  if (!fs::exists(path)) GTEST_SKIP() << "no fixtures at " << kFixtures;
  DecodedFile decoded = DecodeManifests("s.yaml", ReadFile(path));
  EXPECT_EQ(Codes(decoded), std::vector<std::string>{"warning:empty-api-version"});
  ASSERT_EQ(decoded.schedules.size(), 1u);
  const MaintenanceSchedule& schedule = decoded.schedules.front();
  EXPECT_EQ(schedule.time_zone.value, "UTC");
  EXPECT_FALSE(schedule.match.written);
  ASSERT_EQ(schedule.windows.size(), 1u);
  EXPECT_EQ(schedule.windows[0].recurrence.value, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
  ASSERT_TRUE(schedule.windows[0].end.has_value());
  EXPECT_EQ(FormatInstant(std::get<Instant>(schedule.windows[0].end->value)), "2021-03-10T17:00:00Z");
  ASSERT_EQ(schedule.exclusions.size(), 1u);
  EXPECT_EQ(schedule.exclusions[0].scope, kEveryScope);
}

TEST(ManifestFixtures, EveryPublishedReleaseDecodes) {
  fs::path root = kFixtures / "giantswarm-releases";
  if (!fs::exists(root)) GTEST_SKIP() << "no fixtures at " << root;
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    DecodedFile decoded = DecodeManifests(entry.path().string(), ReadFile(entry.path()));
    EXPECT_TRUE(decoded.diagnostics.empty()) << FormatDiagnostic(decoded.diagnostics.front());
    for (const Release& release : decoded.releases) {
      EXPECT_TRUE(release.date.has_value()) << release.name;
      EXPECT_GT(release.components.size(), 3u) << release.name;
      names.insert(release.name);
    }
  }
  EXPECT_EQ(names.size(), 195u);
}

}  // namespace
}  // namespace lockkeeper
