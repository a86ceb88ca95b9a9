#include "gitops/repository/object_store.h"

#include <fmt/format.h>

#include "gitops/repository/allocation_limit.h"

namespace lockkeeper {
namespace {

git_object_t GitType(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return GIT_OBJECT_COMMIT;
    case ObjectType::kTree:
      return GIT_OBJECT_TREE;
    case ObjectType::kBlob:
      return GIT_OBJECT_BLOB;
  }
  return GIT_OBJECT_INVALID;
}

}  // namespace

std::string_view ObjectTypeName(ObjectType type) { return git_object_type2string(GitType(type)); }

std::string_view ObjectBytes::view() const {
  if (object_ == nullptr) return {};
  return {static_cast<const char*>(git_odb_object_data(object_.get())), git_odb_object_size(object_.get())};
}

Result<ObjectStore> ObjectStore::Open(const std::string& objects_path) {
  UseLibgit2();
  GitOdbHandle odb;
  int code = git_odb_open(Out(odb), objects_path.c_str());
  if (code != 0) return GitFailure(code, objects_path);
  return ObjectStore(objects_path, std::move(odb));
}

// Asks for the size first, which costs about as much as reading the object: what a few kilobytes inflate to
// may not fit into memory.
ObjectStore::Found ObjectStore::ReadCarefully(const ObjectId& id, ObjectType type, size_t bytes_max) {
  Found found;
  git_oid oid = ToGitOid(id);
  auto read = [&] {
    found.code = git_odb_read_header(&found.size, &found.type, odb_.get(), &oid);
    if (found.code == 0 && found.type == GitType(type) && found.size <= bytes_max)
      found.code = git_odb_read(Out(found.object), odb_.get(), &oid);
  };
  read();
  if (found.code != 0 && found.code != GIT_ENOTFOUND) {
    // A `git gc` beside us may have replaced the pack that we had open.
    GitOdbHandle again;
    if (git_odb_open(Out(again), objects_path_.c_str()) == 0) {
      odb_ = std::move(again);
      read();
    }
  }
  return found;
}

// Most objects are small: they are read at once, with a limit on what libgit2 may take for it.
ObjectStore::Found ObjectStore::ReadSmall(const ObjectId& id, size_t bytes_max) {
  // For what libgit2 itself needs at a time.
  constexpr size_t kOverhead = size_t{1} << 20;
  Found found;
  git_oid oid = ToGitOid(id);
  {
    AllocationLimit limit(bytes_max + kOverhead);
    found.code = git_odb_read(Out(found.object), odb_.get(), &oid);
  }
  if (found.code == 0) {
    found.size = git_odb_object_size(found.object.get());
    found.type = git_odb_object_type(found.object.get());
  }
  return found;
}

Result<ObjectBytes> ObjectStore::Read(const ObjectId& id, ObjectType type, size_t bytes_max) {
  Found found = ReadSmall(id, bytes_max);
  if (found.code != 0 && found.code != GIT_ENOTFOUND) {
    git_error_clear();
    found = ReadCarefully(id, type, bytes_max);
  }
  if (found.code == GIT_ENOTFOUND) {
    git_error_clear();
    return NotFound(fmt::format("{}: no {} {}", objects_path_, ObjectTypeName(type), id.Hex()));
  }
  if (found.code != 0) {
    auto failure =
        GitFailure(found.code, fmt::format("{}: {} {}", objects_path_, ObjectTypeName(type), id.Hex()));
    failure.error().message += " (the repository may be damaged: run 'git fsck' there)";
    return failure;
  }
  if (found.type != GitType(type)) {
    return Invalid(fmt::format("{} is a {}, not a {}", id.Hex(), git_object_type2string(found.type),
                               ObjectTypeName(type)));
  }
  if (found.size > bytes_max) {
    return Invalid(fmt::format("{} {} has {} bytes; the limit is {}", ObjectTypeName(type), id.Hex(),
                               found.size, bytes_max));
  }
  return ObjectBytes(std::move(found.object));
}

Result<ObjectBytes> ObjectStore::ReadNamed(const ObjectId& id, ObjectType type, size_t bytes_max) {
  auto bytes = Read(id, type, bytes_max);
  if (bytes || bytes.error().kind != ErrorKind::kNotFound) return bytes;
  return Fail(ErrorKind::kTransient,
              bytes.error().message + " (the repository is damaged: run 'git fsck' there)");
}

}  // namespace lockkeeper
