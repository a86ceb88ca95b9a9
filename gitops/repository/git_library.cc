#include "gitops/repository/git_library.h"

#include <fmt/format.h>

#include <cstring>
#include <iterator>
#include <mutex>

#include "gitops/repository/allocation_limit.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

// More open packs than this and a false "object not found" waits behind the limit on open files.
constexpr size_t kOpenPacksMax = 64;

}  // namespace

void UseLibgit2() {
  static std::once_flag once;
  std::call_once(once, [] {
    LK_ASSERT(git_libgit2_init() > 0);
    UseAllocationLimits();
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, kOpenPacksMax);
    // Every object is read about once; what is kept costs memory only.
    git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
    // What arrives is checked on arrival; hashing it at every read costs more than inflating it.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    // Their values are looked at by CheckFormat, in open_checks.cc.
    const char* extensions[] = {"objectformat", "refstorage", "preciousobjects", "worktreeconfig"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, std::size(extensions));
  });
}

std::unexpected<Error> GitFailure(int code, std::string_view where) {
  const git_error* error = git_error_last();
  std::string why =
      error == nullptr || error->message == nullptr ? fmt::format("libgit2 error {}", code) : error->message;
  ErrorKind kind = ErrorKind::kTransient;
  if (code == GIT_ENOTFOUND) kind = ErrorKind::kNotFound;
  if (code == GIT_EOWNER) kind = ErrorKind::kDenied;
  if (code == GIT_EINVALIDSPEC) kind = ErrorKind::kInvalid;
  git_error_clear();
  return Fail(kind, fmt::format("{}: {}", where, why));
}

git_oid ToGitOid(const ObjectId& id) {
  git_oid oid;
  static_assert(sizeof(oid.id) == ObjectId::kBytes);
  std::memcpy(oid.id, id.bytes.data(), ObjectId::kBytes);
  return oid;
}

ObjectId FromGitOid(const git_oid& oid) {
  ObjectId id;
  std::memcpy(id.bytes.data(), oid.id, ObjectId::kBytes);
  return id;
}

}  // namespace lockkeeper
