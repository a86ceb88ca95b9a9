#include "gitops/repository/tree_walk.h"

#include <fmt/format.h>

#include <string>

#include "gitops/repository/tree_object.h"

namespace lockkeeper {
namespace {

// Enough of a path to recognise the place; a hostile one may be as long as it likes.
std::string Shown(std::string_view path) {
  constexpr size_t kShownMax = 200;
  if (path.empty()) return "the root folder";
  if (path.size() <= kShownMax) return fmt::format("'{}'", path);
  return fmt::format("'{}...'", path.substr(0, kShownMax));
}

/// One tree on the way down, or nothing (at its end from the start) where that side has no such folder.
class OpenTree {
 public:
  Result<void> Open(ObjectStore& store, const ObjectId& id) {
    if (!id.IsNone()) {
      auto bytes = store.ReadNamed(id, ObjectType::kTree, kMaxTreeBytes);
      if (!bytes) return std::unexpected(bytes.error());
      bytes_ = std::move(*bytes);
    }
    cursor_ = TreeCursor(bytes_.view());
    return cursor_.Next();
  }
  Result<void> Next() { return cursor_.Next(); }
  bool at_end() const { return cursor_.at_end(); }
  const RawTreeEntry& entry() const { return cursor_.entry(); }
  size_t size() const { return bytes_.view().size(); }

 private:
  ObjectBytes bytes_;
  TreeCursor cursor_{{}};
};

struct Level {
  OpenTree from;
  OpenTree to;
  size_t path_size = 0;  ///< of the folder, with its '/'
};

/// Merges two trees in their common order, with a stack of its own: depth is the repository's to choose.
class TreeDiffer {
 public:
  TreeDiffer(ObjectStore& store, const TreeLimits& limits) : store_(store), limits_(limits) {}

  Result<std::vector<TreeDifference>> Run(const ObjectId& from, const ObjectId& to) {
    if (from == to) return std::move(differences_);
    if (auto opened = Descend(from, to); !opened) return std::unexpected(opened.error());
    while (!levels_.empty()) {
      Level& level = levels_.back();
      path_.resize(level.path_size);
      if (level.from.at_end() && level.to.at_end()) {
        open_bytes_ -= level.from.size() + level.to.size();
        levels_.pop_back();
        continue;
      }
      if (auto stepped = Step(level); !stepped) return std::unexpected(stepped.error());
    }
    return std::move(differences_);
  }

 private:
  Result<void> Descend(const ObjectId& from, const ObjectId& to) {
    if (++folders_ > limits_.folders)
      return Invalid(fmt::format("{}: the tree has more than {} folders", Shown(path_), limits_.folders));
    Level& level = levels_.emplace_back();
    level.path_size = path_.size();
    if (auto opened = level.from.Open(store_, from); !opened) return Broken(opened.error());
    if (auto opened = level.to.Open(store_, to); !opened) return Broken(opened.error());
    open_bytes_ += level.from.size() + level.to.size();
    if (open_bytes_ > limits_.open_bytes)
      return Invalid(fmt::format("{}: its folders are too large", Shown(path_)));
    return {};
  }

  std::unexpected<Error> Broken(const Error& error) const {
    std::string_view folder = std::string_view(path_).substr(0, levels_.back().path_size);
    return Fail(error.kind, fmt::format("{}: bad tree object: {} (run 'git fsck' to see more)", Shown(folder),
                                        error.message));
  }

  Result<void> Step(Level& level) {
    if (++visited_ > limits_.entries) {
      return Invalid(fmt::format("{}: the tree has more than {} entries", Shown(path_), limits_.entries));
    }
    auto order = std::strong_ordering::equal;
    if (level.from.at_end()) {
      order = std::strong_ordering::greater;
    } else if (level.to.at_end()) {
      order = std::strong_ordering::less;
    } else {
      const RawTreeEntry& a = level.from.entry();
      const RawTreeEntry& b = level.to.entry();
      order = CompareTreeKeys(a.name, a.IsFolder(), b.name, b.IsFolder());
    }
    RawTreeEntry a = order <= 0 ? level.from.entry() : RawTreeEntry{};
    RawTreeEntry b = order >= 0 ? level.to.entry() : RawTreeEntry{};
    // Both move on before a descent: it may grow the stack and so invalidate `level`. The entries stay where
    // they are, since libgit2 owns the bytes.
    if (order <= 0) {
      if (auto next = level.from.Next(); !next) return Broken(next.error());
    }
    if (order >= 0) {
      if (auto next = level.to.Next(); !next) return Broken(next.error());
    }
    const RawTreeEntry& present = order <= 0 ? a : b;
    if (a.id == b.id && (a.mode == b.mode || present.IsFolder())) return {};
    path_ += present.name;
    if (path_.size() > kMaxPathBytes) {
      return Invalid(
          fmt::format("{}: paths of more than {} bytes are not read", Shown(path_), kMaxPathBytes));
    }
    if (present.IsFolder()) {
      path_ += '/';
      return Descend(order <= 0 ? ObjectIdFromRaw(a.id) : ObjectId{},
                     order >= 0 ? ObjectIdFromRaw(b.id) : ObjectId{});
    }
    return Emit(a, b, order < 0);
  }

  Result<void> Emit(const RawTreeEntry& a, const RawTreeEntry& b, bool removed) {
    if (!removed && a.id == b.id && !a.name.empty() && a.file_mode() == b.file_mode()) return {};
    emitted_bytes_ += sizeof(TreeDifference) + path_.size() + 2 * ObjectId::kBytes;
    if (emitted_bytes_ > limits_.result_bytes) {
      return Invalid(fmt::format("{}: with {} files so far there are too many to list", Shown(path_),
                                 differences_.size()));
    }
    TreeDifference& difference = differences_.emplace_back();
    difference.removed = removed;
    difference.entry.path = path_;
    difference.entry.mode = removed ? a.file_mode() : b.file_mode();
    if (!removed) difference.entry.id = ObjectIdFromRaw(b.id).Hex();
    return {};
  }

  ObjectStore& store_;
  const TreeLimits& limits_;
  std::vector<Level> levels_;
  std::string path_;
  size_t open_bytes_ = 0;
  size_t emitted_bytes_ = 0;
  size_t visited_ = 0;
  size_t folders_ = 0;
  std::vector<TreeDifference> differences_;
};

}  // namespace

Result<std::vector<TreeDifference>> DiffTrees(ObjectStore& store, const ObjectId& from, const ObjectId& to,
                                              const TreeLimits& limits) {
  return TreeDiffer(store, limits).Run(from, to);
}

Result<TreeEntry> FindInTree(ObjectStore& store, const ObjectId& tree, std::string_view path) {
  auto absent = [&] { return NotFound(fmt::format("{}: no such file", path)); };
  ObjectId folder = tree;
  size_t begin = 0;
  if (path.size() > kMaxPathBytes) return absent();
  while (true) {
    size_t slash = path.find('/', begin);
    bool last = slash == std::string_view::npos;
    std::string_view name = path.substr(begin, last ? path.size() - begin : slash - begin);
    OpenTree level;
    auto next = level.Open(store, folder);
    while (next && !level.at_end() && !(level.entry().name == name && level.entry().IsFolder() == !last)) {
      next = level.Next();
    }
    if (!next) {
      return Fail(next.error().kind,
                  fmt::format("{}: bad tree object: {}", Shown(path.substr(0, begin)), next.error().message));
    }
    if (level.at_end()) return absent();
    ObjectId id = ObjectIdFromRaw(level.entry().id);
    if (last) return TreeEntry{.path = std::string(path), .id = id.Hex(), .mode = level.entry().file_mode()};
    folder = id;
    begin = slash + 1;
  }
}

}  // namespace lockkeeper
