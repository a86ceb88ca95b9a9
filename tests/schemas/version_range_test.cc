#include <gtest/gtest.h>

#include "schemas/version.h"

namespace lockkeeper {
namespace {

struct RangeRow {
  const char* range;
  std::vector<const char*> inside;
  std::vector<const char*> outside;
};

TEST(VersionRange, Contains) {
  const std::vector<RangeRow> rows{
      {">=1.19.0 <1.20.0", {"1.19.0", "1.19.9", "1.20.0-rc1", "1.19"}, {"1.18.9", "1.20.0", "1.19.0-rc1"}},
      // As published in Giant Swarm's requests.yaml.
      {">= 34.2.0 < 35.0.0", {"34.2.0", "34.9.9"}, {"34.1.9", "35.0.0"}},
      {"< 34.0.0", {"33.9.9", "0.0.0", "34.0.0-alpha"}, {"34.0.0", "34.0.1"}},
      {">= 32.0.0", {"32.0.0", "99.0.0"}, {"31.9.9"}},
      {">=1.0.0, <2.0.0", {"1.0.0", "1.9.9"}, {"2.0.0"}},
      {">=1.0.0,<2.0.0", {"1.0.0", "1.9.9"}, {"2.0.0"}},
      {">=1.0.0<2.0.0", {"1.0.0", "1.9.9"}, {"2.0.0"}},
      {"<1.0.0 || >=2.0.0", {"0.9.0", "2.0.0"}, {"1.0.0", "1.9.9"}},
      {"1.2.3||1.2.5", {"1.2.3", "1.2.5"}, {"1.2.4"}},
      {"1.2.3", {"1.2.3"}, {"1.2.4", "1.2.3-rc1"}},
      {"=1.2.3", {"1.2.3"}, {"1.2.4"}},
      {"v1.2.3", {"1.2.3"}, {"1.2.4"}},
      {">=v1.2", {"1.2.0", "1.3.0"}, {"1.1.9", "1.2.0-rc1"}},
      {">1.2.3", {"1.2.4"}, {"1.2.3", "1.2.3-rc1"}},
      {"<=1.2.3", {"1.2.3", "1.2.3-rc1", "0.1.0"}, {"1.2.4"}},
      // What is left out is a wildcard.
      {">1.2", {"1.3.0"}, {"1.2.9", "1.2.0", "1.3.0-rc1"}},
      {"<=1.2", {"1.2.0", "1.2.9"}, {"1.3.0", "1.3.0-rc1"}},
      {"<1.2", {"1.1.9"}, {"1.2.0"}},
      {">1", {"2.0.0"}, {"1.9.9"}},
      {"<=1", {"1.9.9"}, {"2.0.0"}},
      {"1", {"1.0.0", "1.9.9"}, {"0.9.9", "2.0.0", "2.0.0-rc1"}},
      {"1.2", {"1.2.0", "1.2.9"}, {"1.3.0", "1.3.0-rc1"}},
      {"1.x", {"1.0.0", "1.9.9"}, {"2.0.0"}},
      {"1.2.x", {"1.2.0", "1.2.9", "1.2.9-rc1"}, {"1.3.0", "1.2.0-rc1", "1.3.0-rc1"}},
      {"1.2.*", {"1.2.0", "1.2.9"}, {"1.3.0"}},
      {"1.X.x", {"1.2.0"}, {"2.0.0"}},
      {"=34.*", {"34.2.1"}, {"35.0.0"}},
      {"~1.2.3", {"1.2.3", "1.2.9"}, {"1.2.2", "1.3.0", "1.3.0-rc1"}},
      {"~1.2", {"1.2.0", "1.2.9"}, {"1.3.0"}},
      {"~1", {"1.0.0", "1.9.9"}, {"2.0.0"}},
      {"^1.2.3", {"1.2.3", "1.9.9"}, {"1.2.2", "2.0.0", "2.0.0-rc1"}},
      {"^1.2", {"1.2.0", "1.9.9"}, {"2.0.0"}},
      {"^0.2.3", {"0.2.3", "0.2.9"}, {"0.3.0"}},
      {"^0.0.3", {"0.0.3"}, {"0.0.4"}},
      {"^0.0", {"0.0.0", "0.0.9"}, {"0.1.0"}},
      {"^0", {"0.0.0", "0.9.9"}, {"1.0.0"}},
      {"^1.2.3-rc1", {"1.2.3-rc1", "1.2.3"}, {"1.2.3-alpha"}},
      {"*", {"0.0.0", "99.9.9", "1.0.0+k3s1"}, {"1.0.0-rc1"}},
      {"x", {"1.0.0"}, {"1.0.0-rc1"}},
      {"*.*.*", {"1.0.0"}, {"1.0.0-rc1"}},
      {">=*", {"1.0.0"}, {"1.0.0-rc1"}},
      {"* >=1.0.0", {"1.0.0", "2.0.0"}, {"2.0.0-rc1", "0.9.0"}},
      // Builds count only where one is written.
      {"=1.31.7", {"1.31.7+rke2r1", "1.31.7"}, {}},
      {">1.31.7", {"1.31.8"}, {"1.31.7+rke2r1"}},
      {"<=1.31.7", {"1.31.7+rke2r1"}, {}},
      {"=1.31.7+rke2r1", {"1.31.7+rke2r1"}, {"1.31.7", "1.31.7+rke2r2"}},
      {">1.31.7+rke2r1 <1.31.7+rke2r10", {"1.31.7+rke2r2"}, {"1.31.7+rke2r1", "1.31.7+rke2r10"}},
      // What ends in x is not always a wildcard.
      {"=1.2.3+a.x", {"1.2.3+a.x"}, {"1.2.3", "1.2.3+a"}},
      {">=1.2.3-rc.X", {"1.2.3-rc.X", "1.2.3"}, {"1.2.3-rc"}},
      {"  >=1.0.0\t<2.0.0  ", {"1.0.0"}, {"2.0.0"}},
  };
  for (const RangeRow& row : rows) {
    auto range = VersionRange::Parse(row.range);
    ASSERT_TRUE(range.has_value()) << range.error().message;
    for (const char* text : row.inside)
      EXPECT_TRUE(range->Contains(*ParseVersion(text))) << row.range << " " << text;
    for (const char* text : row.outside) {
      EXPECT_FALSE(range->Contains(*ParseVersion(text))) << row.range << " " << text;
    }
  }
}

TEST(VersionRange, RefusesWhatIsNone) {
  struct Row {
    std::string range;
    const char* why;
  };
  std::string many = "1.0.0";
  for (int i = 0; i < 64; ++i) many += "||1.0.0";
  for (const Row& row : std::vector<Row>{{"", "a version is missing"},
                                         {"  ", "a version is missing"},
                                         {"||", "a version is missing"},
                                         {"1.0.0 ||", "a version is missing"},
                                         {"|| 1.0.0", "a version is missing"},
                                         {"1.0.0 | 2.0.0", "a version is missing"},
                                         {">=", "a version is missing"},
                                         {">= ,1.0.0", "a version is missing"},
                                         {"1.0.0,", "nothing follows a comma"},
                                         {"1.0.0,,2.0.0", "a version is missing"},
                                         {"~>1.2", "'~>' is no operator"},
                                         {"!=1.2.3", "'!=' is no operator"},
                                         {"==1.2.3", "'==' is no operator"},
                                         {"=>1.2.3", "'=>' is no operator"},
                                         {">>1.2.3", "'>>' is no operator"},
                                         {"latest", "'latest' is not a version"},
                                         {"1.2.3 - 1.4.0", "'-' is not a version"},
                                         {"1.x.3", "'1.x.3' is not a version"},
                                         {"1.2.3.x", "too many parts"},
                                         {"1.x.x.x", "too many parts"},
                                         {"1.2.3.4", "'1.2.3.4' is not a version"},
                                         {"01.2.3", "leading zero"},
                                         {"1.x-rc1", "is not a version"},
                                         {"<*", "no version is in '<*'"},
                                         {">2.0.0 <1.0.0", "no version is in it"},
                                         {">1.0.0 <=1.0.0", "no version is in it"},
                                         {"1.0.0 2.0.0", "no version is in it"},
                                         {"1.0.0 || >2.0.0 <1.0.0", "no version is in it"},
                                         {many, "more than 64 parts"},
                                         {std::string(1025, ' '), "longer than 1024 bytes"}}) {
    auto range = VersionRange::Parse(row.range);
    ASSERT_FALSE(range.has_value()) << row.range;
    EXPECT_NE(range.error().message.find(row.why), std::string::npos) << range.error().message;
  }
}

struct FormatRow {
  const char* format;
  const char* text;
  const char* version;  ///< nullptr: the text does not have this format
};

TEST(VersionFormat, FindsAndWritesTheVersion) {
  for (FormatRow row :
       {FormatRow{"{version}", "34.1.0", "34.1.0"}, FormatRow{"v{version}", "v1.20.0", "1.20.0"},
        FormatRow{"v{version}", "1.20.0", nullptr}, FormatRow{"{version}", "v1.20.0", nullptr},
        FormatRow{"aws-{version}", "aws-34.1.0", "34.1.0"},
        FormatRow{"{component.kubernetes}", "1.31.7", "1.31.7"},
        FormatRow{"v{component.kubernetes}+rke2r1", "v1.31.7+rke2r1", "1.31.7"},
        FormatRow{"https://example.com/x?ref=v{version}&y=1", "https://example.com/x?ref=v1.2.3&y=1",
                  "1.2.3"},
        FormatRow{"a{version}a", "a", nullptr}, FormatRow{"v{version}", "v1.32", "1.32"},
        FormatRow{"v{version}", "vmain", nullptr}, FormatRow{"{version}", "HEAD", nullptr},
        FormatRow{"{version}", ">=1.2.3", nullptr}, FormatRow{"{version}", "", nullptr}}) {
    auto format = ParseVersionFormat(row.format);
    ASSERT_TRUE(format.has_value()) << format.error().message;
    auto version = MatchFormat(*format, row.text);
    if (row.version == nullptr) {
      EXPECT_FALSE(version.has_value()) << row.format << " " << row.text;
      continue;
    }
    ASSERT_TRUE(version.has_value()) << row.format << " " << row.text;
    EXPECT_EQ(*version, row.version);
    EXPECT_EQ(ApplyFormat(*format, *version), row.text);
  }
  EXPECT_EQ(ParseVersionFormat("v{component.os-tooling}")->component, "os-tooling");
  EXPECT_EQ(ParseVersionFormat("v{version}")->component, "");
}

TEST(VersionFormat, RefusesWhatIsNone) {
  struct Row {
    const char* format;
    const char* why;
  };
  for (Row row :
       {Row{"", "is missing"}, Row{"v1.2.3", "is missing"}, Row{"v{version", "not closed"},
        Row{"version}", "no '{' before it"}, Row{"}{version}", "no '{' before it"},
        Row{"{version}}", "no '{' before it"}, Row{"{{version}}", "'{' stands inside braces"},
        Row{"{version}{version}", "only one placeholder"}, Row{"{release}", "'{release}' is unknown"},
        Row{"{}", "'{}' is unknown"}, Row{"{component.}", "the component has no name"},
        Row{"{component}", "'{component}' is unknown"}}) {
    auto format = ParseVersionFormat(row.format);
    ASSERT_FALSE(format.has_value()) << row.format;
    EXPECT_NE(format.error().message.find(row.why), std::string::npos) << format.error().message;
  }
}

}  // namespace
}  // namespace lockkeeper
