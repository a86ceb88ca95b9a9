#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// Modes that a tree entry of a file may have.
enum class FileMode : uint32_t {
  kRegular = 0100644,
  kExecutable = 0100755,
  kSymlink = 0120000,
  kSubmodule = 0160000
};

struct TreeEntry {
  std::string path;
  std::string id;  ///< 40 hex digits; compares equal for equal bytes
  FileMode mode = FileMode::kRegular;
};

/// A file that differs between two commits. `entry.id` is empty where it is gone.
struct TreeDifference {
  TreeEntry entry;
  bool removed = false;
};

/// A file's new bytes, or its removal. Its mode stays; a new file is 100644, missing folders are made, empty
/// ones go. kInvalid: symlinks and submodules, a folder or file in the way, removal of what is not there, a
/// path that Git would not check out.
struct FileWrite {
  std::string path;
  std::string content;
  bool remove = false;
};

class CommitSigner;

struct CommitDraft {
  std::vector<FileWrite> writes;  ///< against the tree of the commit before
  std::string message;
  std::string author_name;
  std::string author_email;
  Instant time;                                  ///< author and committer date, UTC
  std::shared_ptr<const CommitSigner> signer{};  ///< none: the commit has no signature
};

struct CommitRecord {
  std::string id;
  std::vector<std::string> parents;
  std::string message;
  std::string author_name;
  std::string author_email;
  std::string committer_name;
  std::string committer_email;
  Instant time;  ///< committer's
};

/// A remote branch seen through a local object store. Every call may fail with kTransient or kDenied for the
/// remote's sake. Not thread-safe.
class Repository {
 public:
  virtual ~Repository() = default;

  /// Reads the remote's branch; returns its commit. kNotFound: the branch (or any commit) does not exist.
  virtual Result<std::string> Fetch() = 0;
  /// The branch that is followed, without refs/heads/.
  virtual const std::string& branch() const = 0;
  /// The full id of the commit that a person's words name: an id, full or at least four digits of it, the
  /// name of a branch or tag (as Git looks names up) or HEAD, with any number of `~N` and `^N` behind it.
  /// kNotFound: there is no such commit. kInvalid: it is no revision, names no commit, or several, or this is
  /// no repository with revisions. Of what has been fetched; nothing is asked of the remote.
  virtual Result<std::string> Resolve(const std::string& revision) = 0;

  /// Files that differ between two commits' trees, in path order; `from` empty means everything in `to`.
  /// Costs what differs: equal subtrees are not opened.
  virtual Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) = 0;
  /// The bytes of a blob; the view lives until the next call. kInvalid past
  /// OpenOptions::blob_bytes_max.
  virtual Result<std::string_view> ReadBlob(const std::string& id) = 0;
  /// One file of a commit's tree; kNotFound.
  virtual Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) = 0;

  /// A commit as Git stores it, with its signature; the view lives until the next call. kNotFound. kInvalid:
  /// this is no repository with commits.
  virtual Result<std::string_view> ReadCommit(const std::string& id) = 0;

  /// First-parent history from `from` backwards, newest first, until `visit` returns false or the root is
  /// passed.
  virtual Result<void> WalkHistory(const std::string& from,
                                   const std::function<bool(const CommitRecord&)>& visit) = 0;

  /// Appends the commits, each on the one before, the first on `base`, and moves the remote's branch from
  /// `base` to the last one, all or nothing: one pack, one compare-and-swap. Returns the new ids. kConflict:
  /// the branch is not at `base` any more; nothing happened. An empty `base`: the branch does not exist yet.
  /// The ids are a function of the arguments, so a retry makes the same ones; but for those of drafts whose
  /// signer does not always make the same signature. Nothing happens where one of them fails.
  virtual Result<std::vector<std::string>> Publish(const std::string& base,
                                                   const std::vector<CommitDraft>& commits) = 0;
};

struct OpenOptions {
  std::string location;  ///< a path, or file:// URL
  std::string branch;    ///< empty: what the remote's HEAD names
  size_t blob_bytes_max = size_t{16} << 20;
};

/// Opens a bare or non-bare repository on this machine. A non-bare repository's checked-out branch is read
/// like any other; publishing to it follows receive.denyCurrentBranch as git's receive-pack does. SHA-256 and
/// reftable repositories, foreign owners and damaged repositories are refused in words.
Result<std::unique_ptr<Repository>> OpenLocalRepository(const OpenOptions& options);

}  // namespace lockkeeper
