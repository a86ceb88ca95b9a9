#include <gtest/gtest.h>

#include "schemas/manifest/findings.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

const Diagnostics kFindings{
    {"upgrades/a b.yaml", {4, 15}, Severity::kError, "bad-value", "spec.scope: \"x\""},
    {"lockkeeper.yaml", {}, Severity::kWarning, "odd", "no place"},
    {"caf\xC3\xA9.yaml", {1, 0}, Severity::kError, "bad-value", "again"},
};

TEST(FindingsJson, HasTheNamesOfTheContract) {
  EXPECT_EQ(FindingsJson({kFindings[0]}), R"({
  "findings": [
    {
      "file": "upgrades/a b.yaml",
      "line": 4,
      "column": 15,
      "severity": "error",
      "code": "bad-value",
      "message": "spec.scope: \"x\""
    }
  ]
}
)");
  EXPECT_EQ(FindingsJson({}), "{\n  \"findings\": []\n}\n");
}

TEST(FindingsJson, TakesNamesThatAreNoUtf8) {
  EXPECT_NE(FindingsJson({{"\xFF.yaml", {}, Severity::kError, "c", "m"}}).find("\xEF\xBF\xBD.yaml"),
            std::string::npos);
}

TEST(FindingsSarif, HasOneRuleForEachCodeAndARegionWhereThePlaceIsKnown) {
  EXPECT_EQ(FindingsSarif(kFindings, "1.2.3"), R"({
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "lockkeeper",
          "version": "1.2.3",
          "rules": [
            {
              "id": "bad-value"
            },
            {
              "id": "odd"
            }
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "bad-value",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "spec.scope: \"x\""
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "upgrades/a%20b.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 4,
                  "startColumn": 15
                }
              }
            }
          ]
        },
        {
          "ruleId": "odd",
          "ruleIndex": 1,
          "level": "warning",
          "message": {
            "text": "no place"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "lockkeeper.yaml",
                  "uriBaseId": "%SRCROOT%"
                }
              }
            }
          ]
        },
        {
          "ruleId": "bad-value",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "again"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "caf%C3%A9.yaml",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 1
                }
              }
            }
          ]
        }
      ]
    }
  ]
}
)");
}

struct WordRow {
  const char* written;
  const char* closest;
};

TEST(Words, TheClosestIsWhatOneMeant) {
  const std::vector<std::string> known{"timeZone", "matchers", "default", "None", "Nodes", "runway", "key"};
  for (WordRow row : {WordRow{"timezone", "timeZone"},
                      {"tiemZone", "timeZone"},
                      {"matcher", "matchers"},
                      {"Node", "Nodes"},
                      {"non", "None"},
                      {"runways", "runway"},
                      {"kye", "key"},
                      {"k", ""},
                      {"", ""},
                      {"priority", ""},
                      {"defualt", "default"},
                      {"time", ""}}) {
    EXPECT_EQ(ClosestWord(row.written, known), row.closest) << row.written;
  }
  EXPECT_EQ(ClosestWord(std::string(100'000, 'a'), known), "");
}

TEST(Words, QuotedTextStaysOneLineOfValidUtf8) {
  EXPECT_EQ(Quoted("a\nb\x1b[31m\xff"), "'a\\x0ab\\x1b[31m\\xff'");
  EXPECT_EQ(Quoted("\xC3\xA9"), "'\xC3\xA9'");
  std::string shown = Quoted(std::string(79, 'a') + "\xC3\xA9\xC3\xA9");
  EXPECT_EQ(shown, "'" + std::string(79, 'a') + "...'");
  EXPECT_TRUE(IsPrintable(shown));
}

TEST(Words, PrintableIsValidUtf8WithoutControls) {
  for (const char* good : {"", "a\tb\r\n", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x94\x92"})
    EXPECT_TRUE(IsPrintable(good));
  for (const char* bad : {"\x01", "\x7f", "\x1b", "\xff", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xC3", "\xE2\x82", "\x80"}) {
    EXPECT_FALSE(IsPrintable(bad));
  }
  EXPECT_FALSE(IsPrintable(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace lockkeeper
