#include "gitops/repository/child_process.h"

#include <gtest/gtest.h>

#include "tests/gitops/repository_test_cases.h"

namespace lockkeeper {
namespace {

ChildCommand Shell(const std::string& script) {
  return {.program = "/bin/sh",
          .arguments = {"-c", script},
          .folder = "/",
          .environment = {"PATH=/usr/bin:/bin"},
          .input = "",
          .time_max = std::chrono::seconds(10)};
}

TEST(ChildProcess, KeepsErrorsApartWhereAsked) {
  ChildCommand command = Shell("echo out; echo err >&2");
  EXPECT_EQ(RunChild(command)->output, "out\nerr\n");
  command.errors = ChildErrors::kApart;
  auto outcome = RunChild(command);
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->output, "out\n");
  EXPECT_EQ(outcome->errors, "err\n");
  // One that fills both, and one that closes only one of them.
  outcome = RunChild([&] {
    command.arguments[1] =
        "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; exec 1>&-; echo x >&2; exit 3";
    return command;
  }());
  EXPECT_EQ(outcome->exit_code, 3);
  EXPECT_EQ(outcome->output.size(), size_t{16} << 10);
  EXPECT_EQ(outcome->errors.size(), size_t{16} << 10);
}

TEST(ChildProcess, TakesInputOfAnyLength) {
  for (size_t size : {size_t{0}, size_t{4096}, size_t{4097}, size_t{5} << 20}) {
    ChildCommand command = Shell("wc -c");
    command.input = std::string(size, 'x');
    EXPECT_EQ(RunChild(command)->output, std::to_string(size) + "\n");
    // Nobody has to read it.
    command.arguments[1] = "exit 5";
    EXPECT_EQ(RunChild(command)->exit_code, 5);
  }
}

TEST(ChildProcess, FindsFilesThatAreInMemoryOnly) {
  ChildCommand command = Shell("cat /dev/fd/4 /dev/fd/3 /dev/fd/3");
  command.files = {"three\n", "four\n"};
  EXPECT_EQ(RunChild(command)->output, "four\nthree\nthree\n");
}

}  // namespace
}  // namespace lockkeeper
