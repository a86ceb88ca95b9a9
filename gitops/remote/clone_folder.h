#pragma once

#include <cstdint>
#include <string>

#include "gitops/repository/file_io.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The folder that holds our clone of one remote:
///
///     lockkeeper-clone   says that the folder is ours, and of which URL
///     lock               locked as long as this lives, with our process id
///     current            names the clone in use, and its size when it was made
///     clone-N.git        the clone, and perhaps another one that is being made
///     aside.git          the last one that was found damaged, for who wants to know why
///
/// A clone that is made anew gets a path of its own: libgit2 knows packs by their path in the whole process.
class CloneFolder {
 public:
  /// kTransient, and at once: another process has it. kInvalid: it belongs to somebody else, or holds
  /// something else. A clone of another URL goes aside. What a crash left behind is removed.
  static Result<CloneFolder> Open(const std::string& path, const std::string& url);

  /// Whether the folder is still the one that we have locked.
  bool IsStillOurs() const;
  /// The clone in use; empty: there is none.
  const std::string& git_dir() const { return git_dir_; }
  uint64_t bytes_when_made() const { return bytes_when_made_; }
  const std::string& path() const { return path_; }

  /// An empty bare repository beside the clone in use.
  Result<std::string> BeginNew();
  /// Removes one that came to nothing.
  void Discard(const std::string& git_dir) const;
  /// From now on it is the clone in use. The one before is left to Retire.
  Result<void> Adopt(const std::string& git_dir, uint64_t bytes);
  enum class Leave { kNothing, kAside };
  /// Removes a clone that is out of use; one that is kept aside replaces the one that was there.
  void Retire(const std::string& git_dir, Leave leave) const;
  /// Makes room: what is aside goes, and with it the clone in use.
  void RemoveAll();

  /// What the file system has left for us; UINT64_MAX where it does not say.
  uint64_t FreeBytes() const;

 private:
  CloneFolder() = default;
  Result<void> Lock();
  Result<void> ReadContents(const std::string& url);
  void ReadCurrent();
  void RemoveRemains();

  std::string path_;
  FileDescriptor lock_;
  std::string git_dir_;
  uint64_t bytes_when_made_ = 0;
  uint64_t last_number_ = 0;
};

}  // namespace lockkeeper
