#include "tests/cli/run_lockkeeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace lockkeeper {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ProgramResult RunLockkeeper(const std::vector<std::string>& arguments, const RunOptions& options) {
  TempFolder exchange;
  const std::string in = exchange.path() + "/in";
  const std::string out = options.output_file.empty() ? exchange.path() + "/out" : options.output_file;
  const std::string err = exchange.path() + "/err";
  std::ofstream(in, std::ios::binary)
      .write(options.input.data(), static_cast<std::streamsize>(options.input.size()));

  std::vector<std::string> words{LK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment{"HOME=" + exchange.path(), "PATH=/usr/bin:/bin",
                                       "GIT_CONFIG_NOSYSTEM=1"};
  for (const auto& [name, value] : options.environment)
    environment.push_back(fmt::format("{}={}", name, value));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, LK_PROGRAM, &actions, nullptr, Pointers(words).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(fmt::format("cannot run {}: error {}", LK_PROGRAM, error));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
  }
  ProgramResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (options.output_file.empty()) result.output = ReadAll(out);
  result.errors = ReadAll(err);
  return result;
}

}  // namespace lockkeeper
