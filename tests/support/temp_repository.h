#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockkeeper {

/// A fresh folder that is removed at the end.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct ProgramResult {
  int exit_code = 0;
  std::string output;  ///< stdout
  std::string errors;  ///< stderr
};

/// Runs the `git` command line with fixed identities and dates and without any configuration of this machine
/// or user. Throws std::runtime_error where it fails; TryGit reports it instead.
std::string RunGit(const std::string& folder, const std::vector<std::string>& arguments,
                   std::string_view input = {});
ProgramResult TryGit(const std::string& folder, const std::vector<std::string>& arguments,
                     std::string_view input = {});

/// Keeps this process, and libgit2 in it, away from the configuration of this machine and user and from
/// GIT_*. TempRepository calls it.
void IsolateFromHostGit();

struct TestFile {
  std::string path;
  std::string content;
  std::string mode =
      "100644";  ///< as in a tree; 120000: content is the target; 160000: content is a commit id
  bool remove = false;
};

enum class Layout { kBare, kWithWorkTree };

/// A real repository, made by git, in a folder of its own. Its first branch is `main`, without commits.
class TempRepository {
 public:
  explicit TempRepository(Layout layout = Layout::kBare, const std::vector<std::string>& init_options = {});

  const std::string& path() const { return path_; }
  /// Where the refs and objects are: path(), or `.git` in it.
  std::string git_dir() const;

  std::string Git(const std::vector<std::string>& arguments, std::string_view input = {}) const;
  ProgramResult TryGit(const std::vector<std::string>& arguments, std::string_view input = {}) const;

  /// Puts one commit with these changes on a branch, not through the work tree, and returns its id. Times
  /// begin at 1700000000 and grow by a second with each commit.
  std::string Commit(const std::vector<TestFile>& files, const std::string& message = "Change",
                     const std::string& branch = "main");
  /// The commit of a branch; empty if there is none.
  std::string Head(const std::string& branch = "main") const;
  /// A file's bytes at a revision.
  std::string Read(const std::string& path, const std::string& revision = "main") const;
  /// Writes a file into the folder itself, such as a hook (`hooks/update`, executable) or a file of the work
  /// tree.
  void WriteFile(const std::string& path, std::string_view content, int permissions = 0644) const;

 private:
  TempFolder folder_;
  std::string path_;
  Layout layout_;
  int commits_ = 0;
};

}  // namespace lockkeeper
