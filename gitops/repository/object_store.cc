#include "gitops/repository/object_store.h"

#include <fmt/format.h>

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

Result<ObjectBytes> ObjectStore::Read(const ObjectId& id, ObjectType type, size_t bytes_max) {
  git_oid oid = ToGitOid(id);
  // The size is asked first: what a few kilobytes inflate to may not fit into memory.
  size_t size = 0;
  git_object_t found = GIT_OBJECT_INVALID;
  int code = git_odb_read_header(&size, &found, odb_.get(), &oid);
  GitOdbObjectHandle object;
  auto read = [&] {
    if (code == 0 && found == GitType(type) && size <= bytes_max)
      code = git_odb_read(Out(object), odb_.get(), &oid);
  };
  read();
  if (code != 0 && code != GIT_ENOTFOUND) {
    // A `git gc` beside us may have replaced the pack that we had open.
    GitOdbHandle again;
    if (git_odb_open(Out(again), objects_path_.c_str()) == 0) {
      odb_ = std::move(again);
      code = git_odb_read_header(&size, &found, odb_.get(), &oid);
      read();
    }
  }
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return NotFound(fmt::format("{}: no {} {}", objects_path_, ObjectTypeName(type), id.Hex()));
  }
  if (code != 0) {
    auto failure = GitFailure(code, fmt::format("{}: {} {}", objects_path_, ObjectTypeName(type), id.Hex()));
    failure.error().message += " (the repository may be damaged: run 'git fsck' there)";
    return failure;
  }
  if (found != GitType(type)) {
    return Invalid(
        fmt::format("{} is a {}, not a {}", id.Hex(), git_object_type2string(found), ObjectTypeName(type)));
  }
  if (size > bytes_max) {
    return Invalid(
        fmt::format("{} {} has {} bytes; the limit is {}", ObjectTypeName(type), id.Hex(), size, bytes_max));
  }
  return ObjectBytes(std::move(object));
}

Result<ObjectBytes> ObjectStore::ReadNamed(const ObjectId& id, ObjectType type, size_t bytes_max) {
  auto bytes = Read(id, type, bytes_max);
  if (bytes || bytes.error().kind != ErrorKind::kNotFound) return bytes;
  return Fail(ErrorKind::kTransient,
              bytes.error().message + " (the repository is damaged: run 'git fsck' there)");
}

}  // namespace lockkeeper
