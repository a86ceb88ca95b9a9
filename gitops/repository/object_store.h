#pragma once

#include <string>
#include <string_view>

#include "gitops/repository/git_library.h"
#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

enum class ObjectType { kCommit, kTree, kBlob };
std::string_view ObjectTypeName(ObjectType type);

/// An object's content, as long as this lives.
class ObjectBytes {
 public:
  ObjectBytes() = default;
  explicit ObjectBytes(GitOdbObjectHandle object) : object_(std::move(object)) {}
  std::string_view view() const;

 private:
  GitOdbObjectHandle object_;
};

/// Reads the objects of one repository, its alternates included. Not thread-safe.
class ObjectStore {
 public:
  /// `objects_path` is the objects folder; packs are written to its `pack` folder.
  static Result<ObjectStore> Open(const std::string& objects_path);

  /// kNotFound: no such object. kInvalid: it is of another type, or larger than `bytes_max`. kTransient:
  /// damaged.
  Result<ObjectBytes> Read(const ObjectId& id, ObjectType type, size_t bytes_max);

  /// The same for an object that must be there because another one names it: kTransient where it is missing.
  Result<ObjectBytes> ReadNamed(const ObjectId& id, ObjectType type, size_t bytes_max);

  const std::string& objects_path() const { return objects_path_; }

 private:
  struct Found {
    int code = 0;  ///< libgit2's
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    GitOdbObjectHandle object;  ///< of the wanted type and size only
  };
  Found ReadSmall(const ObjectId& id, size_t bytes_max);
  Found ReadCarefully(const ObjectId& id, ObjectType type, size_t bytes_max);

  ObjectStore(std::string objects_path, GitOdbHandle odb)
      : objects_path_(std::move(objects_path)), odb_(std::move(odb)) {}

  std::string objects_path_;
  GitOdbHandle odb_;
};

}  // namespace lockkeeper
