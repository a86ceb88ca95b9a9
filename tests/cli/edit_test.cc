#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

constexpr std::string_view kFile = "a: 1 # one\r\nb: \"2\"\n---\nc: x\n";

struct Row {
  std::string name;
  std::vector<std::string> arguments;  ///< after `edit`
  int exit_code = 0;
  std::string output;  ///< all of stdout
  std::string errors;  ///< is in stderr
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const std::vector<Row> kRows = {
    {"plain", {"f.yaml", "a", "7"}, 0, "a: 7 # one\r\nb: \"2\"\n---\nc: x\n", ""},
    {"quoted", {"f.yaml", "b", "ä"}, 0, "a: 1 # one\r\nb: \"ä\"\n---\nc: x\n", ""},
    {"document", {"f.yaml", "c", "z", "--document", "1"}, 0, "a: 1 # one\r\nb: \"2\"\n---\nc: z\n", ""},
    {"option_first", {"--document=1", "f.yaml", "c", "z"}, 0, "a: 1 # one\r\nb: \"2\"\n---\nc: z\n", ""},
    {"dash_in_front", {"f.yaml", "a", "--", "-5"}, 0, "a: -5 # one\r\nb: \"2\"\n---\nc: x\n", ""},
    {"the_name_of_a_command", {"f.yaml", "b", "version"}, 0, "a: 1 # one\r\nb: \"version\"\n---\nc: x\n", ""},
    {"nothing_new", {"f.yaml", "a", "1"}, 0, std::string(kFile), ""},
    {"output_option_does_not_matter", {"f.yaml", "a", "1", "-o", "json"}, 0, std::string(kFile), ""},
    {"stdin", {"-", "x", "2"}, 0, "x: 2\n", ""},
    {"no_such_path", {"f.yaml", "q", "1"}, 1, "", "f.yaml:1:1: q: no key 'q' in the document"},
    {"no_such_document", {"f.yaml", "a", "1", "--document", "9"}, 1, "", "f.yaml: there is no document 9"},
    {"negative_document", {"f.yaml", "a", "1", "--document=-1"}, 1, "", "there is no document -1"},
    {"no_number",
     {"f.yaml", "a", "1", "--document", "one"},
     2,
     "",
     "--document: 'one' is not a value of the right kind"},
    {"bad_path", {"f.yaml", "a[", "1"}, 1, "", "f.yaml: field path 'a[': column 3"},
    {"two_lines", {"f.yaml", "a", "1\n2"}, 1, "", "has a line break"},
    {"no_file", {"none.yaml", "a", "1"}, 1, "", "none.yaml: cannot be read: No such file"},
    {"a_folder", {".", "a", "1"}, 1, "", ".: cannot be read: Is a directory"},
    {"endless", {"/dev/zero", "a", "1"}, 1, "", "/dev/zero: is larger than"},
    {"value_missing", {"f.yaml", "a"}, 2, "", "VALUE: is missing"},
    {"one_too_many", {"f.yaml", "a", "1", "2"}, 2, "", "takes no further argument '2'"},
    {"stdin_in_place", {"-", "x", "2", "--in-place"}, 2, "", "--in-place: stdin cannot be changed in place"},
};

class Edit : public ::testing::TestWithParam<Row> {};

TEST_P(Edit, AnswersAs) {
  TempFolder folder;
  std::ofstream(folder.path() + "/f.yaml", std::ios::binary) << kFile;
  std::vector<std::string> arguments{"edit"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  const ProgramResult result = RunLockkeeper(arguments, {.folder = folder.path(), .input = "x: 1\n"});
  EXPECT_EQ(result.exit_code, GetParam().exit_code) << result.errors;
  EXPECT_EQ(result.output, GetParam().output);
  EXPECT_THAT(result.errors, HasSubstr(GetParam().errors));
}

INSTANTIATE_TEST_SUITE_P(Rows, Edit, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

class EditInPlace : public ::testing::Test {
 protected:
  EditInPlace() : file_(folder_.path() + "/f.yaml") { std::ofstream(file_) << "a: 1\n"; }

  std::string Content() const {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }
  ino_t Inode() const {
    struct stat status{};
    EXPECT_EQ(::stat(file_.c_str(), &status), 0);
    return status.st_ino;
  }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

  TempFolder folder_;
  std::string file_;
};

TEST_F(EditInPlace, KeepsModeAndLink) {
  ASSERT_EQ(::chmod(file_.c_str(), 0640), 0);
  fs::create_directory(folder_.path() + "/links");
  const std::string link = folder_.path() + "/links/l.yaml";
  fs::create_symlink("../f.yaml", link);
  const ProgramResult result = RunLockkeeper({"edit", "--in-place", link, "a", "2"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(Content(), "a: 2\n");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0640));
  EXPECT_EQ(Files(), 2U) << "nothing is left beside it";
}

TEST_F(EditInPlace, LeavesTheFileAloneWhereNothingChanges) {
  const ino_t before = Inode();
  EXPECT_EQ(RunLockkeeper({"edit", "--in-place", file_, "a", "1"}).exit_code, 0);
  EXPECT_EQ(RunLockkeeper({"edit", "--in-place", file_, "b", "1"}).exit_code, 1);
  EXPECT_EQ(Inode(), before);
}

TEST_F(EditInPlace, WritesNothingToAFileThatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ASSERT_EQ(::chmod(file_.c_str(), 0440), 0);
  const ProgramResult result = RunLockkeeper({"edit", "--in-place", file_, "a", "2"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("cannot be replaced: Permission denied"));
  EXPECT_EQ(Content(), "a: 1\n");
}

TEST_F(EditInPlace, ByVariable) {
  EXPECT_EQ(RunLockkeeper({"edit", file_, "a", "2"}, {.environment = {{"LOCKKEEPER_EDIT_IN_PLACE", "true"}}})
                .output,
            "");
  EXPECT_EQ(Content(), "a: 2\n");
  EXPECT_EQ(RunLockkeeper({"edit", file_, "a", "3"}, {.environment = {{"LOCKKEEPER_EDIT_IN_PLACE", "false"}}})
                .output,
            "a: 3\n");
  EXPECT_EQ(Content(), "a: 2\n");
}

}  // namespace
}  // namespace lockkeeper
