#include "gitops/repository/tree_rewrite.h"

#include <fmt/format.h>

#include <algorithm>

#include "gitops/repository/sha1.h"
#include "gitops/repository/tree_object.h"

namespace lockkeeper {
namespace {

// A folder is one level of recursion. No fleet nests like this.
constexpr size_t kMaxWriteDepth = 256;

// Orders paths so that everything below one folder stands together: '/' comes before every other character.
bool PathLess(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
    return rank(x) < rank(y);
  });
}

bool IsDotGit(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  // Windows and macOS drop dots and spaces at the end, and git~1 is the short name there; git fsck --strict
  // minds.
  while (lower.ends_with('.') || lower.ends_with(' ')) lower.pop_back();
  return lower == ".git" || lower == "git~1";
}

Result<void> CheckPath(std::string_view path) {
  auto refuse = [&](std::string_view why) {
    return Invalid(fmt::format("'{}': cannot write this path: {}", path, why));
  };
  if (path.empty()) return refuse("it is empty");
  if (path.size() > kMaxPathBytes) return refuse(fmt::format("it is longer than {} bytes", kMaxPathBytes));
  if (path.find('\0') != std::string_view::npos) return refuse("it holds a NUL character");
  if (static_cast<size_t>(std::count(path.begin(), path.end(), '/')) > kMaxWriteDepth) {
    return refuse(fmt::format("its folders are nested more than {} deep", kMaxWriteDepth));
  }
  for (size_t begin = 0; begin <= path.size();) {
    size_t end = std::min(path.find('/', begin), path.size());
    std::string_view name = path.substr(begin, end - begin);
    if (name.empty()) return refuse("it has an empty part; paths are relative to the repository's root");
    if (name == "." || name == ".." || IsDotGit(name))
      return refuse(fmt::format("Git allows no part '{}'", name));
    begin = end + 1;
  }
  return {};
}

std::string_view KindOf(uint32_t mode) {
  switch (mode & 0170000) {
    case kFolderMode:
      return "a folder";
    case 0100000:
      return "a file";
    case 0120000:
      return "a symlink";
    default:
      return "a submodule";
  }
}

bool IsRegular(uint32_t mode) { return (mode & 0170000) == 0100000; }

}  // namespace

/// What is written at one name of a folder: the name itself, files below it, or (one removed, the others new)
/// both.
struct TreeRewriter::Group {
  std::string_view name;
  const FileWrite* leaf = nullptr;
  const FileWrite* const* below_begin = nullptr;
  const FileWrite* const* below_end = nullptr;
};

/// One key of a folder that may change: where it stands (or would), and what stands there afterwards.
struct TreeRewriter::Probe {
  std::string_view name;
  bool is_folder = false;
  size_t offset = 0;
  size_t length = 0;  ///< 0: nothing is there
  uint32_t mode = 0;
  ObjectId id{};

  bool changed = false;
  bool erased = false;

  bool present() const { return length > 0; }
  void Put(uint32_t new_mode, const ObjectId& new_id) {
    changed = !present() || id != new_id;
    erased = false;
    mode = present() ? mode : new_mode;
    id = new_id;
  }
  void Erase() { erased = changed = present(); }
};

Result<ObjectId> TreeRewriter::Rewrite(const ObjectId& root, const std::vector<FileWrite>& writes) {
  std::vector<const FileWrite*> sorted;
  for (const FileWrite& write : writes) {
    if (auto checked = CheckPath(write.path); !checked) return std::unexpected(checked.error());
    sorted.push_back(&write);
  }
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return PathLess(a->path, b->path); });
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i - 1]->path == sorted[i]->path) {
      return Invalid(fmt::format("'{}': written twice in one commit", sorted[i]->path));
    }
  }
  auto id = RewriteFolder("", root, sorted.data(), sorted.data() + sorted.size());
  if (!id || !id->IsNone()) return id;
  return pack_.Add(ObjectType::kTree, "");
}

Result<std::string> TreeRewriter::ReadFolder(const std::string& folder, const ObjectId& id) {
  if (id.IsNone()) return std::string();
  if (auto written = written_.find(folder); written != written_.end() && written->second.id == id) {
    return written->second.bytes;
  }
  auto bytes = store_.ReadNamed(id, ObjectType::kTree, kMaxTreeBytes);
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(bytes->view());
}

// Returns none for a folder that is empty afterwards. `folder` ends in '/', or is empty for the root.
Result<ObjectId> TreeRewriter::RewriteFolder(const std::string& folder, const ObjectId& id,
                                             const FileWrite* const* begin, const FileWrite* const* end) {
  auto old_bytes = ReadFolder(folder, id);
  if (!old_bytes) return std::unexpected(old_bytes.error());

  std::vector<Group> groups;
  for (auto* at = begin; at != end; ++at) {
    std::string_view rest = std::string_view((*at)->path).substr(folder.size());
    size_t slash = rest.find('/');
    std::string_view name = rest.substr(0, slash);
    if (groups.empty() || groups.back().name != name) groups.push_back({.name = name});
    Group& group = groups.back();
    if (slash == std::string_view::npos) {
      group.leaf = *at;
    } else {
      if (group.below_begin == nullptr) group.below_begin = at;
      group.below_end = at + 1;
    }
  }
  // probes[2 * i] is group i's name as a file, probes[2 * i + 1] as a folder.
  std::vector<Probe> probes;
  for (const Group& group : groups) {
    probes.push_back({.name = group.name, .is_folder = false});
    probes.push_back({.name = group.name, .is_folder = true});
  }
  std::vector<Probe*> ordered;
  for (Probe& probe : probes) ordered.push_back(&probe);
  std::sort(ordered.begin(), ordered.end(), [](auto* a, auto* b) {
    return CompareTreeKeys(a->name, a->is_folder, b->name, b->is_folder) < 0;
  });
  if (auto located = Locate(folder, *old_bytes, ordered); !located) return std::unexpected(located.error());
  for (size_t i = 0; i < groups.size(); ++i) {
    auto applied = Apply(folder, groups[i], probes[2 * i], probes[2 * i + 1]);
    if (!applied) return std::unexpected(applied.error());
  }
  return Write(folder, id, *old_bytes, ordered);
}

Result<void> TreeRewriter::Locate(const std::string& folder, std::string_view bytes,
                                  const std::vector<Probe*>& ordered) {
  TreeCursor cursor(bytes);
  auto next = cursor.Next();
  for (Probe* probe : ordered) {
    auto order = std::strong_ordering::greater;
    while (next && !cursor.at_end()) {
      const RawTreeEntry& entry = cursor.entry();
      order = CompareTreeKeys(entry.name, entry.IsFolder(), probe->name, probe->is_folder);
      if (order >= 0) break;
      next = cursor.Next();
    }
    if (!next) break;
    probe->offset = cursor.offset();
    if (!cursor.at_end() && order == 0) {
      probe->length = cursor.entry().bytes.size();
      probe->mode = cursor.entry().mode;
      probe->id = ObjectIdFromRaw(cursor.entry().id);
    }
  }
  // What comes after the last probe is copied unread, so it is checked here.
  while (next && !cursor.at_end()) next = cursor.Next();
  if (!next)
    return Invalid(fmt::format("'{}': cannot write here: bad tree object: {}", folder, next.error().message));
  return {};
}

Result<void> TreeRewriter::Apply(const std::string& folder, const Group& group, Probe& file,
                                 Probe& subfolder) {
  if (group.leaf != nullptr) {
    if (auto applied = ApplyLeaf(*group.leaf, file, subfolder); !applied) return applied;
  }
  if (group.below_begin == nullptr) return {};
  const std::string& example = (*group.below_begin)->path;
  if (group.leaf != nullptr && !group.leaf->remove) {
    return Invalid(fmt::format("'{}': cannot write it: the same commit writes the file '{}'", example,
                               group.leaf->path));
  }
  if (file.present() && !file.erased) {
    return Invalid(fmt::format("'{}': cannot write it: '{}{}' is {}, no folder", example, folder, group.name,
                               KindOf(file.mode)));
  }
  auto rewritten = RewriteFolder(fmt::format("{}{}/", folder, group.name), subfolder.id, group.below_begin,
                                 group.below_end);
  if (!rewritten) return std::unexpected(rewritten.error());
  if (rewritten->IsNone()) {
    subfolder.Erase();
  } else {
    subfolder.Put(kFolderMode, *rewritten);
  }
  return {};
}

Result<void> TreeRewriter::ApplyLeaf(const FileWrite& write, Probe& file, const Probe& subfolder) {
  auto refuse = [&](std::string_view why) {
    return Invalid(fmt::format("'{}': cannot {} it: {}", write.path, write.remove ? "remove" : "write", why));
  };
  if (subfolder.present()) return refuse("a folder is there");
  if (file.present() && !IsRegular(file.mode)) return refuse(fmt::format("{} is there", KindOf(file.mode)));
  if (write.remove) {
    if (!file.present()) return refuse("there is no such file");
    file.Erase();
    return {};
  }
  // Content that is there already is not written again.
  ObjectId id = HashObject(ObjectTypeName(ObjectType::kBlob), write.content);
  if (!file.present() || file.id != id) {
    if (auto added = pack_.AddBlob(id, write.content); !added) return std::unexpected(added.error());
  }
  file.Put(static_cast<uint32_t>(FileMode::kRegular), id);
  return {};
}

Result<ObjectId> TreeRewriter::Write(const std::string& folder, const ObjectId& old_id,
                                     std::string_view old_bytes, const std::vector<Probe*>& ordered) {
  std::string bytes;
  bytes.reserve(old_bytes.size() + 64);
  size_t copied = 0;
  bool changed = false;
  for (const Probe* probe : ordered) {
    if (!probe->changed) continue;
    changed = true;
    bytes += old_bytes.substr(copied, probe->offset - copied);
    copied = probe->offset + probe->length;
    if (probe->erased) continue;
    if (probe->present()) {
      // The mode stays as it is written, also where an old tool wrote it in its own way.
      bytes += old_bytes.substr(probe->offset, probe->length - ObjectId::kBytes);
      bytes += probe->id.Raw();
    } else {
      AppendTreeEntry(bytes, probe->mode, probe->name, probe->id.Raw());
    }
  }
  if (!changed) return old_bytes.empty() ? ObjectId{} : old_id;
  bytes += old_bytes.substr(copied);
  if (bytes.empty()) {
    written_.erase(folder);
    return ObjectId{};
  }
  Written& written = written_[folder];
  PackedObject base = written.id == old_id ? written.packed : PackedObject{};
  auto id = pack_.AddTree(bytes, old_bytes, base);
  if (!id) return std::unexpected(id.error());
  written = {.id = *id, .bytes = std::move(bytes), .packed = pack_.Find(*id)};
  return *id;
}

}  // namespace lockkeeper
