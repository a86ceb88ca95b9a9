#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What the program suggests, one word a line, without the descriptions.
std::string Complete(std::vector<std::string> words) {
  words.insert(words.begin(), "__complete");
  const ProgramResult result = RunLockkeeper(words);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.errors, "");
  std::string out;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) out += line.substr(0, line.find('\t')) + "\n";
  return out;
}

struct Row {
  std::string name;
  std::vector<std::string> words;
  std::string expected;
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const std::vector<Row> kRows = {
    {"command", {"wind"}, "windows\n"},
    {"command_after_option", {"-o", "json", "wind"}, "windows\n"},
    {"command_after_joined_option", {"--color=never", "wind"}, "windows\n"},
    {"option", {"windows", "--fi"}, "--file\n"},
    {"global_option", {"windows", "--col"}, "--color\n"},
    {"value", {"windows", "--color", "a"}, "auto\nalways\n"},
    {"value_of_short_option", {"-o", "j"}, "json\n"},
    {"joined_value", {"--color=ne"}, "--color=never\n"},
    {"value_as_bash_cuts_it", {"--color", "=", "ne"}, "never\n"},
    {"value_as_bash_cuts_it_empty", {"--color", "="}, "auto\nalways\nnever\n"},
    {"argument", {"completion", ""}, "bash\nzsh\nfish\n"},
    {"kind", {"schema", "Maint"}, "MaintenanceSchedule\nMaintenanceTask\n"},
    {"profile", {"profiles", "capi-t"}, "capi-topology\n"},
    {"files", {"edit", ""}, ":files\n"},
    {"no_more_files", {"edit", "a", ""}, ""},
    {"folders", {"--repo", ""}, ":folders\n"},
    {"after_dashes", {"edit", "--", "--in"}, ":files\n"},
    {"nothing", {"windows", "--at", ""}, ""},
    {"unknown", {"nonsense", "--zzz"}, ""},
};

class Completion : public ::testing::TestWithParam<Row> {};

TEST_P(Completion, Suggests) { EXPECT_EQ(Complete(GetParam().words), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(Rows, Completion, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(CompletionOf, EveryCommandOfTheHelp) {
  const std::string words = Complete({""});
  for (const char* command : {"init", "windows", "edit", "profiles", "schema", "version", "completion"}) {
    EXPECT_THAT(words, HasSubstr(std::string(command) + "\n"));
  }
  EXPECT_THAT(words, Not(HasSubstr("__complete")));
}

TEST(CompletionScript, WorksInBash) {
  TempFolder folder;
  const std::string script = folder.path() + "/script";
  std::ofstream(script) << RunLockkeeper({"completion", "bash"}).output << "COMP_WORDS=(" << LK_PROGRAM
                        << " windows --color = a)\nCOMP_CWORD=4\n_lockkeeper\necho \"${COMPREPLY[*]}\"\n"
                        << "COMP_WORDS=(" << LK_PROGRAM << " edit " << folder.path()
                        << "/scr)\nCOMP_CWORD=2\n_lockkeeper\necho \"${COMPREPLY[*]}\"\n";
  const std::string out = folder.path() + "/out";
  ASSERT_EQ(std::system(("bash " + script + " > " + out).c_str()), 0);
  std::ostringstream text;
  text << std::ifstream(out).rdbuf();
  EXPECT_EQ(text.str(), "auto always\n" + script + "\n");
}

TEST(CompletionScript, IsMadeForThreeShells) {
  EXPECT_THAT(RunLockkeeper({"completion", "zsh"}).output, HasSubstr("#compdef lockkeeper"));
  EXPECT_THAT(RunLockkeeper({"completion", "fish"}).output, HasSubstr("complete -c lockkeeper"));
  EXPECT_THAT(RunLockkeeper({"completion", "tcsh"}).errors,
              HasSubstr("SHELL: 'tcsh' is none of bash, zsh, fish"));
  EXPECT_EQ(RunLockkeeper({"completion"}).exit_code, 2);
}

}  // namespace
}  // namespace lockkeeper
