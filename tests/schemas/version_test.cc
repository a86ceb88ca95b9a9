#include "schemas/version.h"

#include <gtest/gtest.h>

#include <random>

namespace lockkeeper {
namespace {

std::string Parsed(std::string_view text) {
  auto version = ParseVersion(text);
  return version ? version->str() : "refused";
}

Version V(std::string_view text) {
  auto version = ParseVersion(text);
  EXPECT_TRUE(version.has_value()) << text;
  return version ? *version : Version{};
}

TEST(Version, KeepsEveryPart) {
  Version version = V("1.31.7-rc.1+rke2r1");
  EXPECT_EQ(version.major, 1u);
  EXPECT_EQ(version.minor, 31u);
  EXPECT_EQ(version.patch, 7u);
  EXPECT_EQ(version.parts, 3);
  EXPECT_EQ(version.prerelease, "rc.1");
  EXPECT_EQ(version.build, "rke2r1");
  EXPECT_EQ(V("1.32").parts, 2);
}

TEST(Version, RoundTrips) {
  for (const char* text :
       {"0.0.0", "1.20.0", "1.32", "34.1.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x.7.z.92",
        "1.0.0-x-y-z.--", "1.0.0+20130313144700", "1.0.0-beta+exp.sha.5114f85",
        "1.0.0+21AF26D3---117B344092BD", "1.31.7+rke2r1", "1.30.2+k3s1", "4459.2.4", "1.0.0-0A.is.legal",
        "999999999999999999.0.0", "1.0.0+001", "1.0.0--"}) {
    EXPECT_EQ(Parsed(text), text);
  }
}

TEST(Version, RefusesWhatIsNone) {
  for (const char* text :
       {"", "1", "v1.20.0", "1.20.0.1", "01.2.3", "1.02.3", "1.2.03", "1.2.3-", "1.2.3+", "1.2.3-01",
        "1.2.3-a..b", "1.2.3-a.", "1.2.3-.a", "1.2.3+a+b", "1.2.3+a..b", "1.2.3-a_b", "1.2.3 ", " 1.2.3",
        "1.2.", ".1.2", "1..2", "1.2.3\n", "1.32-rc1", "1.32+k3s1", "1000000000000000000.0.0", "-1.2.3",
        "+1.2.3", "1.2.3a", "a.b.c",
        // Floating and templated texts, and ranges: they look like versions to careless eyes.
        "HEAD", "main", "latest", "stable", "*", "x", "1.x", "1.2.x", "1.2.*", "^1.2.3", "~1.2.3", ">=1.2.3",
        "1.2.3 - 1.3.0", "1.2.3 || 1.3.0", ">1.2.3 <2.0.0", "1.2.3,1.2.4", "{{ .version }}", "${VERSION}",
        "ENC[AES256_GCM,data:abc]"}) {
    EXPECT_EQ(Parsed(text), "refused") << text;
  }
  EXPECT_EQ(Parsed("1.2.3-" + std::string(250, 'a')), "1.2.3-" + std::string(250, 'a'));
  EXPECT_EQ(Parsed("1.2.3-" + std::string(251, 'a')), "refused");
}

TEST(Version, SaysWhatIsWrong) {
  struct Row {
    const char* text;
    const char* why;
  };
  for (Row row :
       {Row{"v1.2.3", "no 'v' may stand in front"}, Row{"1", "too few numbers"},
        Row{"01.2.3", "a number has a leading zero"}, Row{"1.2.3-a..b", "an identifier is empty"},
        Row{"1.2.3-01", "a number in the prerelease has a leading zero"},
        Row{"1000000000000000000.0.0", "a number is too large"}, Row{"1.2.x", "a number is missing"}}) {
    auto version = ParseVersion(row.text);
    ASSERT_FALSE(version.has_value()) << row.text;
    EXPECT_NE(version.error().message.find(row.why), std::string::npos) << version.error().message;
    EXPECT_NE(version.error().message.find(row.text), std::string::npos) << version.error().message;
  }
}

TEST(Version, IsOrdered) {
  // Each is lower than all that follow: SemVer's own example, then builds.
  const std::vector<std::string> sorted{"0.0.1",
                                        "0.1.0",
                                        "1.0.0-0",
                                        "1.0.0-2",
                                        "1.0.0-11",
                                        "1.0.0-99999999999999999999",
                                        "1.0.0-100000000000000000000",
                                        "1.0.0-alpha",
                                        "1.0.0-alpha.1",
                                        "1.0.0-alpha.beta",
                                        "1.0.0-beta",
                                        "1.0.0-beta.2",
                                        "1.0.0-beta.11",
                                        "1.0.0-rc.1",
                                        "1.0.0-rc.1+b1",
                                        "1.0.0",
                                        "1.0.0+1",
                                        "1.0.0+k3s",
                                        "1.0.0+k3s1",
                                        "1.0.0+k3s1.1",
                                        "1.0.0+k3s1.r",
                                        "1.0.0+k3s2",
                                        "1.0.0+k3s10",
                                        "1.0.0+rke2r1",
                                        "1.0.0+rke2r2",
                                        "1.0.0+rke2r10",
                                        "1.0.0+rke10r1",
                                        "1.0.1",
                                        "1.9.0",
                                        "1.32",
                                        "1.32.1",
                                        "2.0.0"};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(V(sorted[i]) <=> V(sorted[j]), i <=> j) << sorted[i] << " and " << sorted[j];
    }
  }
}

TEST(Version, EqualTextsAloneAreEqual) {
  EXPECT_EQ(V("1.32"), V("1.32.0"));
  EXPECT_NE(V("1.0.0+r1"), V("1.0.0+r01"));
  EXPECT_NE(V("1.0.0+r0"), V("1.0.0+r"));
  EXPECT_EQ(ComparePrecedence(V("1.0.0+r1"), V("1.0.0+r2")), std::strong_ordering::equal);
}

/// A random version out of few characters, so that near-equal ones are common.
std::string RandomVersion(std::mt19937& random) {
  auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  auto identifiers = [&] {
    std::string out;
    for (int i = pick(2); i >= 0; --i) {
      for (int j = pick(3); j >= 0; --j) out += "01ar-"[pick(5)];
      if (i > 0) out += '.';
    }
    return out;
  };
  std::string out = std::to_string(pick(2)) + "." + std::to_string(pick(2)) + "." + std::to_string(pick(2));
  if (pick(2) == 0) out += "-" + identifiers();
  if (pick(2) == 0) out += "+" + identifiers();
  return out;
}

TEST(Version, OrderIsTotal) {
  constexpr unsigned kSeed = 20240607;
  std::mt19937 random(kSeed);
  std::vector<Version> versions;
  while (versions.size() < 120) {
    std::string text = RandomVersion(random);
    auto version = ParseVersion(text);
    if (!version) continue;
    EXPECT_EQ(version->str(), text) << "seed " << kSeed;
    versions.push_back(*version);
  }
  for (const Version& a : versions) {
    for (const Version& b : versions) {
      ASSERT_EQ(a <=> b, 0 <=> (b <=> a)) << a.str() << " " << b.str() << " seed " << kSeed;
      ASSERT_EQ(a == b, a.str() == b.str()) << a.str() << " " << b.str() << " seed " << kSeed;
      if (!(a < b)) continue;
      for (const Version& c : versions) {
        EXPECT_TRUE(!(b < c) || a < c) << a.str() << " " << b.str() << " " << c.str() << " seed " << kSeed;
      }
    }
  }
}

struct NameRow {
  const char* text;
  const char* prefix;
  const char* provider;
  const char* version;
};

TEST(ReleaseName, SplitsPrefixAndVersion) {
  for (NameRow row :
       {NameRow{"v1.20.0", "v", "", "1.20.0"}, NameRow{"1.20.0", "", "", "1.20.0"},
        NameRow{"aws-34.1.0", "aws-", "aws", "34.1.0"}, NameRow{"aws-v20.0.0", "aws-v", "aws", "20.0.0"},
        NameRow{"1.31.7+rke2r1", "", "", "1.31.7+rke2r1"}, NameRow{"v1.32", "v", "", "1.32"},
        NameRow{"vsphere-34.1.0", "vsphere-", "vsphere", "34.1.0"},
        NameRow{"cloud-director-v1.2.3-rc1", "cloud-director-v", "cloud-director", "1.2.3-rc1"},
        NameRow{"k8s-1.30.2", "k8s-", "k8s", "1.30.2"}, NameRow{"aws-2-1.0.0", "aws-2-", "aws-2", "1.0.0"},
        NameRow{"aws-1.2.3-4.5.6", "aws-", "aws", "1.2.3-4.5.6"}, NameRow{"ev-1.0.0", "ev-", "ev", "1.0.0"},
        NameRow{"v-1.0.0", "v-", "v", "1.0.0"}}) {
    auto name = ParseReleaseName(row.text);
    ASSERT_TRUE(name.has_value()) << name.error().message;
    EXPECT_EQ(name->prefix, row.prefix) << row.text;
    EXPECT_EQ(name->provider, row.provider) << row.text;
    EXPECT_EQ(name->version.str(), row.version) << row.text;
    EXPECT_EQ(name->str(), row.text);
  }
}

TEST(ReleaseName, RefusesWhatIsNone) {
  for (const char* text : {"",          "v",          "aws",       "aws-",      "aws-1",      "aws-34.01.0",
                           "dev1.2.3",  "vv1.2.3",    "AWS-1.2.3", "V1.2.3",    "-1.2.3",     "2024-1.2.3",
                           "aws_1.2.3", "aws/v1.2.3", "1.2.3.4",   "aws-1.2.x", "aws-latest", ">=1.2.3",
                           "^1.2.3",    "~1.2.3",     "*",         " 1.2.3",    "aws- 1.2.3", "9aws-1.2.3"}) {
    EXPECT_FALSE(ParseReleaseName(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseReleaseName(std::string(10'000'000, '1')).has_value());
  EXPECT_NE(ParseReleaseName("aws-34.01.0").error().message.find("leading zero"), std::string::npos);
}

TEST(BumpLevel, IsThatOfTheFirstDifference) {
  struct Row {
    const char* from;
    const char* to;
    BumpLevel level;
  };
  for (Row row :
       {Row{"1.2.3", "1.2.3", BumpLevel::kNone}, Row{"1.32", "1.32.0", BumpLevel::kNone},
        Row{"1.2.3", "1.2.4", BumpLevel::kPatch}, Row{"1.2.3", "1.3.0", BumpLevel::kMinor},
        Row{"1.2.3", "2.2.3", BumpLevel::kMajor}, Row{"1.2.3-rc1", "1.2.3", BumpLevel::kPatch},
        Row{"1.2.3+k3s1", "1.2.3+k3s2", BumpLevel::kPatch}, Row{"33.4.0", "34.1.0", BumpLevel::kMajor}}) {
    EXPECT_EQ(LevelOf(V(row.from), V(row.to)), row.level) << row.from << " " << row.to;
    EXPECT_EQ(LevelOf(V(row.to), V(row.from)), row.level) << row.to << " " << row.from;
  }
}

}  // namespace
}  // namespace lockkeeper
