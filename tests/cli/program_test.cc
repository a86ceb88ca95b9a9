// What holds for every command: options, settings, exit codes, and what is said about a wrong command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Row {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code = 0;
  std::string output;  ///< is in stdout; of an error stdout is empty
  std::string errors;  ///< is in stderr
  std::vector<std::pair<std::string, std::string>> environment = {};
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const std::vector<Row> kRows = {
    {"no_command", {}, 2, "", "lockkeeper: say what to do: give a command\nsee 'lockkeeper --help'\n"},
    {"help", {"--help"}, 0, "Usage: lockkeeper COMMAND", ""},
    {"help_word", {"help", "version"}, 0, "Usage: lockkeeper version", ""},
    {"help_of_a_command", {"schema", "-h"}, 0, "Usage: lockkeeper schema [options] [KIND]", ""},
    {"version_option", {"--version"}, 0, "lockkeeper 0", ""},
    {"unknown_command", {"vresion"}, 2, "", "there is no command 'vresion'; did you mean 'version'?"},
    {"unknown_command_far", {"xyzzy"}, 2, "", "the commands are"},
    {"unknown_option",
     {"version", "--colour", "never"},
     2,
     "",
     "has no option '--colour'; did you mean '--color'?"},
    {"unknown_option_before", {"--ouptut=json", "version"}, 2, "", "did you mean '--output'?"},
    {"unknown_short_option", {"version", "-x"}, 2, "", "has no option '-x'"},
    {"too_many_arguments", {"version", "now"}, 2, "", "lockkeeper version takes no further argument 'now'"},
    {"global_after", {"version", "-o", "json"}, 0, "{\n  \"version\": ", ""},
    {"global_before", {"-o", "json", "version"}, 0, "{\n  \"version\": ", ""},
    {"global_joined", {"version", "--output=json"}, 0, "{\n  \"version\": ", ""},
    {"the_last_one_counts", {"-o", "json", "version", "-o", "yaml"}, 0, "version: \"", ""},
    {"value_missing", {"version", "-o"}, 2, "", "--output: needs a value"},
    {"value_empty", {"version", "--output="}, 2, "", "--output: '' is none of text, json"},
    {"value_wrong", {"version", "-o", "jsno"}, 2, "", "did you mean 'json'?"},
    {"sarif_is_not_for_all",
     {"version", "-o", "sarif"},
     2,
     "",
     "--output: lockkeeper version cannot be written as sarif"},
    {"now_wrong", {"version", "--now", "noon"}, 2, "", "--now: 'noon' is"},
    {"log_level_wrong", {"version", "--log-level", "loud"}, 2, "", "'loud' is none of trace, debug"},
    {"cache_is_accepted", {"version", "--cache", "/nowhere"}, 0, "lockkeeper 0", ""},
    {"from_the_environment", {"version"}, 0, "{\n", "", {{"LOCKKEEPER_OUTPUT", "json"}}},
    {"line_before_environment",
     {"version", "-o", "yaml"},
     0,
     "version:",
     "",
     {{"LOCKKEEPER_OUTPUT", "json"}}},
    {"environment_empty", {"version"}, 0, "lockkeeper 0", "", {{"LOCKKEEPER_OUTPUT", ""}}},
    {"environment_wrong", {"version"}, 2, "", "'jsno' is none of", {{"LOCKKEEPER_OUTPUT", "jsno"}}},
    {"config_missing", {"version", "--config", "/nowhere/x"}, 2, "", "--config: /nowhere/x"},
    {"config_missing_by_environment",
     {"version"},
     2,
     "",
     "--config: /nowhere/x",
     {{"LOCKKEEPER_CONFIG", "/nowhere/x"}}},
    {"config_is_a_folder", {"version", "--config", "/"}, 2, "", "--config: /"},
    {"controls_do_not_reach_the_terminal", {"\x1b[2J"}, 2, "", "'\\x1b[2J'"},
    {"no_utf8", {"\xff\xfe"}, 2, "", "there is no command"},
    {"empty_argument", {""}, 2, "", "there is no command ''"},
    {"dashes", {"--"}, 2, "", "say what to do"},
    {"only_a_dash", {"-"}, 2, "", "there is no command '-'"},
    {"long_word", {std::string(100'000, 'a')}, 2, "", "there is no command"},
    {"error_as_json",
     {"--log-format", "json", "vresion"},
     2,
     "",
     "\"level\":\"error\",\"message\":\"there is no command 'vresion'"},
};

class Program : public ::testing::TestWithParam<Row> {};

TEST_P(Program, AnswersAs) {
  const Row& row = GetParam();
  const ProgramResult result = RunLockkeeper(row.arguments, {.environment = row.environment});
  EXPECT_EQ(result.exit_code, row.exit_code) << result.errors;
  EXPECT_THAT(result.output, HasSubstr(row.output));
  EXPECT_THAT(result.errors, HasSubstr(row.errors));
  if (row.exit_code != 0) {
    EXPECT_EQ(result.output, "");
  } else {
    EXPECT_EQ(result.errors, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, Program, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

class Settings : public ::testing::Test {
 protected:
  std::string File(const std::string& text) {
    std::ofstream(folder_.path() + "/config.toml") << text;
    return folder_.path() + "/config.toml";
  }
  TempFolder folder_;
};

TEST_F(Settings, FileGivesDefaults) {
  const std::string file = File("# of the team\noutput = \"json\"\n");
  EXPECT_THAT(RunLockkeeper({"version", "--config", file}).output, StartsWith("{"));
  EXPECT_THAT(RunLockkeeper({"--config", file, "version", "-o", "yaml"}).output, StartsWith("version:"));
  EXPECT_THAT(RunLockkeeper({"version"}, {.environment = {{"LOCKKEEPER_CONFIG", file}}}).output,
              StartsWith("{"));
  // What a shell sets for one call is nearer than what a file says for all.
  EXPECT_THAT(
      RunLockkeeper({"version", "--config", file}, {.environment = {{"LOCKKEEPER_OUTPUT", "yaml"}}}).output,
      StartsWith("version:"));
}

TEST_F(Settings, UnknownNameIsRefused) {
  const ProgramResult result = RunLockkeeper({"version", "--config", File("ouptut = \"json\"\n")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("--config: "));
  EXPECT_THAT(result.errors, HasSubstr("ouptut"));
}

TEST(Streams, FullDiskIsAnError) {
  const ProgramResult result = RunLockkeeper({"profiles"}, {.output_file = "/dev/full"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("stdout: the result cannot be written: No space left on device"));
}

}  // namespace
}  // namespace lockkeeper
