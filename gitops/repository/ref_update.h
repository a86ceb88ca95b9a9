#pragma once

#include <string>

#include "gitops/repository/file_io.h"
#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

/// One ref of a local repository, locked against git and against other lockkeepers from Begin until Commit or
/// the end.
///
/// The lock is git's own, a file `<ref>.lock`. It is made as a link to a file in the folder `lockkeeper` of
/// the repository: so a lock that a killed lockkeeper left behind is told from all others and removed by the
/// next one, while those of other programs are never touched.
class RefUpdate {
 public:
  /// kTransient: somebody else holds the lock for longer than a second, or left it behind.
  static Result<RefUpdate> Begin(const std::string& common_dir, const std::string& ref,
                                 const ObjectId& new_id);
  RefUpdate(RefUpdate&& other) noexcept;
  RefUpdate& operator=(RefUpdate&&) = delete;
  ~RefUpdate() { Abort(); }

  /// Moves the ref. The caller has compared its value since Begin. It may fail after the move, at making it
  /// durable.
  Result<void> Commit();
  bool moved() const { return moved_; }

 private:
  RefUpdate() = default;
  Result<void> TakeMutex(const std::string& folder);
  Result<void> TakeLock(const ObjectId& new_id);
  void Abort();

  std::string ref_path_;
  std::string lock_path_;
  std::string own_path_;
  bool locked_ = false;
  bool moved_ = false;
  FileDescriptor mutex_;
};

}  // namespace lockkeeper
