#include "tests/support/temp_repository.h"

#include <fmt/format.h>
#include <git2.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>

// libgit2 1.5.1 leaks a match buffer for each extension that a repository names, once for each opening.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpcre2-8"; }

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::string Quoted(std::string_view word) {
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteAllTo(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

// The path as fast-import reads it.
std::string ImportPath(std::string_view path) {
  std::string quoted = "\"";
  for (char c : path) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return quoted + "\"";
}

}  // namespace

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "lockkeeper-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + pattern);
  path_ = fs::canonical(pattern).string();
}

TempFolder::~TempFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

void IsolateFromHostGit() {
  static std::once_flag once;
  std::call_once(once, [] {
    static TempFolder home;
    std::vector<std::string> names;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      std::string_view text = *variable;
      if (text.starts_with("GIT_")) names.emplace_back(text.substr(0, text.find('=')));
    }
    for (const std::string& name : names) ::unsetenv(name.c_str());
    ::setenv("HOME", home.path().c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", home.path().c_str(), 1);
    ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    ::setenv("GIT_CONFIG_GLOBAL", (home.path() + "/.gitconfig").c_str(), 1);
    git_libgit2_init();
    for (int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
                      GIT_CONFIG_LEVEL_PROGRAMDATA}) {
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, home.path().c_str());
    }
  });
}

ProgramResult TryGit(const std::string& folder, const std::vector<std::string>& arguments,
                     std::string_view input) {
  IsolateFromHostGit();
  TempFolder exchange;
  WriteAllTo(exchange.path() + "/in", input);
  std::string command = fmt::format("cd {} && exec env", Quoted(folder));
  for (const char* role : {"AUTHOR", "COMMITTER"}) {
    command += fmt::format(
        " GIT_{0}_NAME=Tester GIT_{0}_EMAIL=tester@example.com GIT_{0}_DATE='1700000000 +0000'", role);
  }
  command += " LC_ALL=C git -c init.defaultBranch=main -c gc.auto=0";
  for (const std::string& argument : arguments) command += " " + Quoted(argument);
  for (const char* redirection : {" <", " >", " 2>"}) {
    const char* name = redirection[1] == '<' ? "/in" : (redirection[1] == '>' ? "/out" : "/err");
    command += redirection + Quoted(exchange.path() + name);
  }
  int status = std::system(command.c_str());
  ProgramResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  result.output = ReadAll(exchange.path() + "/out");
  result.errors = ReadAll(exchange.path() + "/err");
  return result;
}

std::string RunGit(const std::string& folder, const std::vector<std::string>& arguments,
                   std::string_view input) {
  ProgramResult result = TryGit(folder, arguments, input);
  if (result.exit_code == 0) return result.output;
  std::string words;
  for (const std::string& argument : arguments) words += " " + argument;
  throw std::runtime_error(fmt::format("git{}: exit code {}: {}", words, result.exit_code, result.errors));
}

TempRepository::TempRepository(Layout layout, const std::vector<std::string>& init_options)
    : path_(folder_.path() + (layout == Layout::kBare ? "/fleet.git" : "/fleet")), layout_(layout) {
  std::vector<std::string> arguments{"init", "--quiet", "--initial-branch=main"};
  if (layout == Layout::kBare) arguments.emplace_back("--bare");
  arguments.insert(arguments.end(), init_options.begin(), init_options.end());
  arguments.push_back(path_);
  RunGit(folder_.path(), arguments);
}

std::string TempRepository::git_dir() const { return layout_ == Layout::kBare ? path_ : path_ + "/.git"; }

std::string TempRepository::Git(const std::vector<std::string>& arguments, std::string_view input) const {
  return RunGit(path_, arguments, input);
}

ProgramResult TempRepository::TryGit(const std::vector<std::string>& arguments,
                                     std::string_view input) const {
  return lockkeeper::TryGit(path_, arguments, input);
}

std::string TempRepository::Commit(const std::vector<TestFile>& files, const std::string& message,
                                   const std::string& branch) {
  std::string stream =
      fmt::format("commit refs/heads/{}\ncommitter Tester <tester@example.com> {} +0000\ndata {}\n{}\n",
                  branch, 1700000000 + commits_++, message.size(), message);
  std::string head = Head(branch);
  if (!head.empty()) stream += fmt::format("from {}\n", head);
  for (const TestFile& file : files) {
    if (file.remove) {
      stream += fmt::format("D {}\n", ImportPath(file.path));
    } else if (file.mode == "160000") {
      stream += fmt::format("M 160000 {} {}\n", file.content, ImportPath(file.path));
    } else {
      stream += fmt::format("M {} inline {}\ndata {}\n{}\n", file.mode, ImportPath(file.path),
                            file.content.size(), file.content);
    }
  }
  Git({"fast-import", "--quiet", "--date-format=raw"}, stream);
  return Head(branch);
}

std::string TempRepository::Head(const std::string& branch) const {
  std::string id = TryGit({"rev-parse", "--verify", "--quiet", "refs/heads/" + branch}).output;
  return id.substr(0, id.find('\n'));
}

std::string TempRepository::Read(const std::string& path, const std::string& revision) const {
  return Git({"cat-file", "blob", revision + ":" + path});
}

void TempRepository::WriteFile(const std::string& path, std::string_view content, int permissions) const {
  fs::path full = fs::path(path_) / path;
  fs::create_directories(full.parent_path());
  WriteAllTo(full.string(), content);
  fs::permissions(full, static_cast<fs::perms>(permissions));
}

}  // namespace lockkeeper
