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
    case ObjectType::kTag:
      return GIT_OBJECT_TAG;
  }
  return GIT_OBJECT_INVALID;
}

// Compactions are minutes apart; who misses an object in all of these looks for one that is not there.
constexpr int kLooksMax = 8;

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

ObjectStore ObjectStore::Follow(std::shared_ptr<const ObjectsPlace> place) {
  UseLibgit2();
  ObjectStore store({}, nullptr);
  store.place_ = std::move(place);
  return store;
}

Result<void> ObjectStore::OpenNewest() {
  if (place_ == nullptr || (odb_ != nullptr && !HasChanged())) return {};
  Result<void> opened;
  // While it looks no pack is removed, so what this opens misses nothing that was there before.
  place_->Look([&](const std::string& path, uint64_t changes) {
    odb_.reset();
    if (path.empty()) {
      opened = Fail(ErrorKind::kTransient, "nothing of the repository has been fetched yet");
      return;
    }
    if (int code = git_odb_open(Out(odb_), path.c_str()); code != 0) {
      opened = GitFailure(code, path);
      opened.error().kind = ErrorKind::kTransient;
      return;
    }
    objects_path_ = path;
    changes_seen_ = changes;
  });
  return opened;
}

template <class Look>
Result<int> ObjectStore::Search(Look look) {
  int code = 0;
  for (int looks = 0; looks < kLooksMax; ++looks) {
    if (auto opened = OpenNewest(); !opened) return std::unexpected(opened.error());
    code = look();
    if (code == 0 || !HasChanged()) break;
    git_error_clear();
  }
  return code;
}

std::unexpected<Error> ObjectStore::Failure(int code, std::string_view what, const ObjectId& id) const {
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return NotFound(fmt::format("{}: no {} {}", objects_path_, what, id.Hex()));
  }
  auto failure = GitFailure(code, fmt::format("{}: {} {}", objects_path_, what, id.Hex()));
  failure.error().message += " (the repository may be damaged: run 'git fsck' there)";
  return failure;
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
  Found found;
  auto searched = Search([&] {
    found = ReadSmall(id, bytes_max);
    if (found.code != 0 && found.code != GIT_ENOTFOUND) {
      git_error_clear();
      found = ReadCarefully(id, type, bytes_max);
    }
    return found.code;
  });
  if (!searched) return std::unexpected(searched.error());
  if (found.code != 0) return Failure(found.code, ObjectTypeName(type), id);
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

Result<ObjectStore::Header> ObjectStore::ReadHeader(const ObjectId& id) {
  Header header;
  git_object_t type = GIT_OBJECT_INVALID;
  const git_oid oid = ToGitOid(id);
  auto code = Search([&] { return git_odb_read_header(&header.size, &type, odb_.get(), &oid); });
  if (!code) return std::unexpected(code.error());
  if (*code != 0) return Failure(*code, "object", id);
  for (ObjectType known : {ObjectType::kCommit, ObjectType::kTree, ObjectType::kBlob, ObjectType::kTag}) {
    if (GitType(known) != type) continue;
    header.type = known;
    return header;
  }
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: object {} is of no known type", objects_path_, id.Hex()));
}

Result<ObjectId> ObjectStore::FindPrefix(const std::string& digits) {
  git_oid prefix;
  git_oid full;
  if (int code = git_oid_fromstrn(&prefix, digits.data(), digits.size()); code != 0)
    return GitFailure(code, digits);
  auto code = Search([&] { return git_odb_exists_prefix(&full, odb_.get(), &prefix, digits.size()); });
  if (!code) return std::unexpected(code.error());
  if (*code == 0) return FromGitOid(full);
  if (*code == GIT_EAMBIGUOUS) {
    git_error_clear();
    return Invalid("several objects begin with these digits: write more of them");
  }
  if (*code != GIT_ENOTFOUND) return GitFailure(*code, objects_path_);
  git_error_clear();
  return NotFound(fmt::format("{}: no object begins with {}", objects_path_, digits));
}

Result<bool> ObjectStore::Has(const ObjectId& id) {
  const git_oid oid = ToGitOid(id);
  auto code = Search([&] { return git_odb_exists(odb_.get(), &oid) == 1 ? 0 : GIT_ENOTFOUND; });
  if (!code) return std::unexpected(code.error());
  git_error_clear();
  return *code == 0;
}

Result<ObjectBytes> ObjectStore::ReadNamed(const ObjectId& id, ObjectType type, size_t bytes_max) {
  auto bytes = Read(id, type, bytes_max);
  if (bytes || bytes.error().kind != ErrorKind::kNotFound) return bytes;
  return Fail(ErrorKind::kTransient,
              bytes.error().message + " (the repository is damaged: run 'git fsck' there)");
}

}  // namespace lockkeeper
