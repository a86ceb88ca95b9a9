#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gitops/repository/git_library.h"
#include "gitops/repository/object_id.h"
#include "gitops/repository/objects_place.h"
#include "schemas/error.h"

namespace lockkeeper {

enum class ObjectType { kCommit, kTree, kBlob, kTag };
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
  /// Reads what is at the place at each moment. kTransient from every call while there is nothing.
  static ObjectStore Follow(std::shared_ptr<const ObjectsPlace> place);

  /// kNotFound: no such object. kInvalid: it is of another type, or larger than `bytes_max`. kTransient:
  /// damaged.
  Result<ObjectBytes> Read(const ObjectId& id, ObjectType type, size_t bytes_max);

  /// The same for an object that must be there because another one names it: kTransient where it is missing.
  Result<ObjectBytes> ReadNamed(const ObjectId& id, ObjectType type, size_t bytes_max);

  struct Header {
    ObjectType type = ObjectType::kBlob;
    size_t size = 0;
  };
  /// kNotFound; kTransient: damaged.
  Result<Header> ReadHeader(const ObjectId& id);
  /// The one object whose id begins with these digits, four at least. kNotFound; kInvalid: there are several.
  Result<ObjectId> FindPrefix(const std::string& digits);
  /// Whether some pack or file names the object; it is not opened.
  Result<bool> Has(const ObjectId& id);

  const std::string& objects_path() const { return objects_path_; }

 private:
  struct Found {
    int code = 0;  ///< libgit2's
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    GitOdbObjectHandle object;  ///< of the wanted type and size only
  };
  Result<void> OpenNewest();
  /// Whether what has been missed may stand in what has come since.
  bool HasChanged() const { return place_ != nullptr && place_->changes() != changes_seen_; }
  /// Runs `look`, which returns libgit2's code, until it finds something or nothing changes any more.
  template <class Look>
  Result<int> Search(Look look);
  std::unexpected<Error> Failure(int code, std::string_view what, const ObjectId& id) const;
  Found ReadSmall(const ObjectId& id, size_t bytes_max);
  Found ReadCarefully(const ObjectId& id, ObjectType type, size_t bytes_max);

  ObjectStore(std::string objects_path, GitOdbHandle odb)
      : objects_path_(std::move(objects_path)), odb_(std::move(odb)) {}

  std::string objects_path_;
  GitOdbHandle odb_;
  std::shared_ptr<const ObjectsPlace> place_;
  uint64_t changes_seen_ = 0;
};

}  // namespace lockkeeper
