#pragma once

#include <git2.h>

#include <memory>
#include <string_view>

#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Starts libgit2 once for the process and sets the options we rely on. Every function that makes a first C
/// object calls it.
void UseLibgit2();

/// The error of the libgit2 call that has just returned `code` on this thread, with `where` in front.
std::unexpected<Error> GitFailure(int code, std::string_view where);

template <class T, void (*Free)(T*)>
struct GitDeleter {
  void operator()(T* object) const { Free(object); }
};
template <class T, void (*Free)(T*)>
using GitHandle = std::unique_ptr<T, GitDeleter<T, Free>>;

using GitRepositoryHandle = GitHandle<git_repository, git_repository_free>;
using GitOdbHandle = GitHandle<git_odb, git_odb_free>;
using GitOdbObjectHandle = GitHandle<git_odb_object, git_odb_object_free>;
using GitReferenceHandle = GitHandle<git_reference, git_reference_free>;
using GitReferenceIteratorHandle = GitHandle<git_reference_iterator, git_reference_iterator_free>;
using GitConfigHandle = GitHandle<git_config, git_config_free>;
using GitConfigEntryHandle = GitHandle<git_config_entry, git_config_entry_free>;
using GitConfigIteratorHandle = GitHandle<git_config_iterator, git_config_iterator_free>;
using GitObjectHandle = GitHandle<git_object, git_object_free>;
using GitTreeHandle = GitHandle<git_tree, git_tree_free>;
using GitIndexHandle = GitHandle<git_index, git_index_free>;
using GitStatusListHandle = GitHandle<git_status_list, git_status_list_free>;
using GitDiffHandle = GitHandle<git_diff, git_diff_free>;

/// Takes what a C function writes through its first argument:  git_x_open(Out(handle), ...).
template <class T, class D>
class Out {
 public:
  explicit Out(std::unique_ptr<T, D>& handle) : handle_(handle) {}
  ~Out() { handle_.reset(raw_); }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  operator T**() { return &raw_; }  // NOLINT: the conversion is the point

 private:
  std::unique_ptr<T, D>& handle_;
  T* raw_ = nullptr;
};

/// A git_buf that frees itself.
struct GitBuffer {
  git_buf buf = {nullptr, 0, 0};
  GitBuffer() = default;
  GitBuffer(const GitBuffer&) = delete;
  GitBuffer& operator=(const GitBuffer&) = delete;
  ~GitBuffer() { git_buf_dispose(&buf); }
  std::string_view text() const {
    return buf.ptr == nullptr ? std::string_view() : std::string_view(buf.ptr, buf.size);
  }
};

git_oid ToGitOid(const ObjectId& id);
ObjectId FromGitOid(const git_oid& oid);

}  // namespace lockkeeper
