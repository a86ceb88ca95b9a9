#include "tests/support/served_remote.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace lockkeeper {
namespace {

constexpr int kExitMissing = 77;

void MakePipe(int ends[2]) {
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
}

}  // namespace

ServedRemote::ServedRemote(Kind kind, const std::string& root, const std::vector<std::string>& options) {
  int in[2];
  int out[2];
  MakePipe(in);
  MakePipe(out);
  std::vector<std::string> words{"python3", "-B", LK_SERVE, kind == Kind::kHttp ? "http" : "ssh",
                                 "--root",  root};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int error = ::posix_spawnp(&process_, "python3", &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_ = out[0];
  if (error != 0) throw std::runtime_error("cannot run python3");
  const std::string line = ReadLine();
  if (line.empty()) {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    missing_ = WIFEXITED(status) && WEXITSTATUS(status) == kExitMissing;
    if (!missing_) throw std::runtime_error("serve.py did not start");
    return;
  }
  const nlohmann::json answer = nlohmann::json::parse(line);
  for (const auto& [name, value] : answer.items())
    answer_[name] = value.is_string() ? value.get<std::string>() : value.dump();
}

ServedRemote::~ServedRemote() {
  ::close(input_);
  ::close(output_);
  // It ends by itself, with all its children, once its input is closed.
  if (process_ != 0) ::waitpid(process_, nullptr, 0);
}

const std::string& ServedRemote::operator[](const std::string& name) const { return answer_.at(name); }

void ServedRemote::Tell(const std::string& name, const std::string& value) {
  const std::string line = nlohmann::json{{name, value}}.dump() + "\n";
  if (::write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ReadLine().empty())
    throw std::runtime_error("serve.py ended");
}

std::string ServedRemote::ReadLine() const {
  std::string line;
  char c = 0;
  while (::read(output_, &c, 1) == 1) {
    if (c == '\n') return line;
    line += c;
  }
  return "";
}

}  // namespace lockkeeper
