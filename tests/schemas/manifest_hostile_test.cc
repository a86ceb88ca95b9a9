// Whatever the bytes are: an error with a place, no crash, no hang.
#include <gtest/gtest.h>

#include <string>

#include "schemas/manifest/collector.h"
#include "schemas/manifest/decode.h"
#include "tests/support/cpu_time.h"

namespace lockkeeper {
namespace {

const std::string kSchedule =
    "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: a}\nspec: ";

std::string SpecOf(const std::string& kind) {
  return "apiVersion: lockkeeper.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: a}\nspec: ";
}

std::string Repeated(const std::string& text, size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

/// Stages with names as long as they may be, each of which waits for others that are not there.
std::string UnknownStages(int stages, int each) {
  std::string text = SpecOf("UpgradePlan") + "{stages: [";
  for (int i = 0; i < stages; ++i) {
    text += "{name: " + std::string(59, 'a') + std::to_string(1'000 + i) + ", matchers: [], dependsOn: [";
    for (int j = 0; j < each; ++j) text += std::string(58, 'b') + std::to_string(10'000 + j) + ",";
    text += "]},\n";
  }
  return text + "]}\n";
}

/// Each waits for all of them.
std::string TangledStages(int stages) {
  std::string all;
  for (int i = 0; i < stages; ++i) all += "s" + std::to_string(i) + ",";
  std::string text = SpecOf("UpgradePlan") + "{stages: [";
  for (int i = 0; i < stages; ++i)
    text += "{name: s" + std::to_string(i) + ", matchers: [], dependsOn: [" + all + "]},\n";
  return text + "]}\n";
}

struct HostileRow {
  const char* name;
  std::string text;
};

std::vector<HostileRow> HostileRows() {
  std::string bomb = kSchedule + "\n  a: &a [x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    bomb += std::string("  ") + c + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
            static_cast<char>(c - 1) + "]\n";
  }
  return {
      {"deep_flow", kSchedule + std::string(100'000, '[')},
      {"deep_flow_closed", kSchedule + std::string(100'000, '[') + std::string(100'000, ']')},
      {"deep_mappings", kSchedule + Repeated("{a: ", 100'000)},
      {"deep_block", "apiVersion: lockkeeper.dev/v1alpha1\n" + Repeated("- ", 100'000)},
      {"alias_bomb", bomb},
      {"cyclic_alias", kSchedule + "&x [*x]\n"},
      {"undefined_alias", kSchedule + "*nothing\n"},
      {"scalar_of_megabytes", kSchedule + "{timeZone: \"" + std::string(3'000'000, 'a') + "\"}\n"},
      {"scalar_of_900_kB", kSchedule + "{timeZone: \"" + std::string(900'000, 'a') + "\"}\n"},
      {"duration_of_900_kB", kSchedule + "{runway: \"" + std::string(900'000, '1') + "\"}\n"},
      {"name_of_900_kB", kSchedule + "{calendars: [{path: " + std::string(900'000, 'a') + "}]}\n"},
      {"key_of_900_kB", kSchedule + "{" + std::string(900'000, 'k') + ": 1}\n"},
      {"unknown_keys_below_a_long_key",
       kSchedule + "{" + std::string(200'000, 'k') + ": {" + Repeated("a: {", 50) + "}\n"},
      {"bad_utf8", kSchedule + "{timeZone: \"\xC3\x28\"}\n"},
      {"bad_utf8_escape", kSchedule + "{timeZone: \"\\ud800\"}\n"},
      {"nul", kSchedule + std::string("{timeZone: \"\0\"}\n", 17)},
      {"comma", ","},
      {"comma_in_block", "- x\n,"},
      {"comma_value", "key: ,"},
      {"tab", kSchedule + "\n\tmatchers: []\n"},
      {"duplicate_key", kSchedule + "{runway: 1h, runway: 1h}\n"},
      {"unterminated_quote", kSchedule + "{timeZone: \"UTC}\n"},
      {"list_of_nulls", kSchedule + "{maintenanceWindows: [" + Repeated(",", 1'000) + "]}\n"},
      {"49_000_wrong_items", kSchedule + "{maintenanceWindows: [" + Repeated("1,", 49'000) + "]}\n"},
      {"60_000_items", kSchedule + "{maintenanceWindows: [" + Repeated("1,", 60'000) + "]}\n"},
      {"5_000_windows",
       kSchedule + "{maintenanceWindows: [" + Repeated("{name: a, startTime: 1},", 5'000) + "]}\n"},
      {"huge_integer", kSchedule + "{default: " + std::string(100'000, '9') + "}\n"},
      {"regex_bombs", kSchedule + "{matchers: [" +
                          Repeated("{key: a, isRegex: true, value: '((((x{30}){30}){30}){30})'},", 4'000) +
                          "]}\n"},
      {"regexes_that_compile", kSchedule + "{matchers: [" +
                                   Repeated("{key: a, isRegex: true, value: '(\\pL{900})'},", 4'500) +
                                   "]}\n"},
      {"100_stages_wait_for_unknown_ones", UnknownStages(100, 100)},
      {"4_000_stages_wait_for_unknown_ones", UnknownStages(4'000, 2)},
      {"a_stage_waits_for_15_000_unknown_ones", UnknownStages(1, 15'000)},
      {"100_stages_wait_for_each_other", TangledStages(100)},
      {"10_000_stages_that_are_none",
       SpecOf("UpgradePlan") + "{stages: [" + Repeated("{}, ", 10'000) + "]}\n"},
      {"blocked_that_compile",
       SpecOf("UpgradePolicy") + "{matchers: [], blocked: [" + Repeated("'(\\pL{900})', ", 4'500) + "]}\n"},
      {"10_000_changes", SpecOf("MaintenanceTask") + "{startTime: 2026-01-05T09:00:00Z, changes: [" +
                             Repeated("{file: '{a}', path: '[', value: '{'},", 10'000) + "]}\n"},
      {"a_path_of_900_kB", SpecOf("MaintenanceTask") +
                               "{startTime: 2026-01-05T09:00:00Z, changes: [{file: a, "
                               "value: b, path: '" +
                               std::string(900'000, '[') + "'}]}\n"},
      {"many_documents", Repeated("---\napiVersion: lockkeeper.dev/v1alpha1\nkind: Flet\n", 2'000)},
      {"many_small_errors",
       Repeated("---\napiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {a: 1, b: 2}\n", 900)},
  };
}

TEST(ManifestHostile, EndsWithAnErrorAndAPlaceInBoundedTime) {
  for (const HostileRow& row : HostileRows()) {
    const CpuTime time;
    DecodedFile file = DecodeManifests("hostile.yaml", row.text);
    const double seconds = time.Spent<std::ratio<1>>();
    EXPECT_LT(seconds, 20.0) << row.name;
    ASSERT_FALSE(file.diagnostics.empty()) << row.name;
    EXPECT_LE(file.diagnostics.size(), kFindingsMax + 1) << row.name;
    EXPECT_FALSE(file.broken.empty()) << row.name;
    size_t bytes = 0;
    for (const Diagnostic& finding : file.diagnostics) {
      EXPECT_GT(finding.mark.line, 0) << row.name << ": " << FormatDiagnostic(finding);
      EXPECT_GT(finding.mark.column, 0) << row.name << ": " << FormatDiagnostic(finding);
      bytes += finding.message.size();
    }
    EXPECT_LT(bytes, 2'000'000u) << row.name;
    RecordProperty(row.name, std::to_string(seconds));
    if (seconds > 0.5) std::printf("%s: %.2f s\n", row.name, seconds);
  }
}

}  // namespace
}  // namespace lockkeeper
