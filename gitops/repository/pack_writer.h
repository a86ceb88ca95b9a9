#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gitops/repository/file_io.h"
#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/repository_config.h"

namespace lockkeeper {

/// The longest chain of deltas, as pack.depth.
constexpr int kMaxDeltaDepth = 50;

/// Where an object stands in the unfinished pack. Offset 0: it is not there.
struct PackedObject {
  uint64_t offset = 0;
  int delta_depth = 0;
};

/// A pack that readers can see. Until Release it is marked by a `.keep` file, as git's receive-pack does, so
/// that a repack beside us does not drop what no ref names yet.
class InstalledPack {
 public:
  InstalledPack() = default;
  explicit InstalledPack(std::string stem) : stem_(std::move(stem)) {}
  InstalledPack(InstalledPack&& other) noexcept : stem_(std::exchange(other.stem_, {})) {}
  InstalledPack& operator=(InstalledPack&& other) noexcept;
  /// Removes the pack, unless it was released.
  ~InstalledPack() { Remove(); }

  void Release();
  void Remove();
  /// Path without `.pack`.
  const std::string& stem() const { return stem_; }

 private:
  std::string stem_;
};

/// Writes one new pack into an objects folder. What is unfinished when this ends is removed; what a crash
/// leaves behind is named `tmp_pack_*`, which `git gc` prunes.
class PackWriter {
 public:
  static Result<PackWriter> Create(const std::string& objects_path, RepositoryConfig::FileSharing sharing);
  PackWriter(PackWriter&&) noexcept = default;
  PackWriter& operator=(PackWriter&&) = delete;
  ~PackWriter();

  /// Adds an object, once.
  Result<ObjectId> Add(ObjectType type, std::string_view content);
  /// Adds a blob whose id is known.
  Result<ObjectId> AddBlob(const ObjectId& id, std::string_view content);
  /// Adds a tree whose older version stands in this pack: as the difference, where that is small.
  Result<ObjectId> AddTree(std::string_view content, std::string_view old_content, PackedObject old);
  /// An entry's deflated bytes in another pack.
  struct DeflatedBytes {
    int fd = -1;
    std::string_view old_header;  ///< the entry's, as it stands before them
    uint64_t offset = 0;
    uint64_t size = 0;
    uint32_t crc = 0;  ///< of the old header and the bytes
  };
  /// Adds an object as it stands in another pack, `path`, under a header of its own. kInvalid: that pack is
  /// damaged there.
  Result<void> AddDeflated(const ObjectId& id, std::string_view header, const DeflatedBytes& bytes,
                           int delta_depth, const std::string& path);
  PackedObject Find(const ObjectId& id) const;
  /// Where the next entry will begin.
  uint64_t size() const { return size_; }

  /// Seals the pack, makes it durable and gives it its name.
  Result<InstalledPack> Install();

 private:
  struct Entry {
    ObjectId id;
    uint32_t crc = 0;
    uint64_t offset = 0;
  };
  struct DeflateEnd {
    void operator()(z_stream* stream) const;
  };

  PackWriter(std::string objects_path, RepositoryConfig::FileSharing sharing)
      : objects_path_(std::move(objects_path)), sharing_(sharing) {}
  Result<FileDescriptor> CreateShared(const std::string& path, bool* exists) const;
  Result<ObjectId> AddEntry(const ObjectId& id, std::string_view header, std::string_view content,
                            int delta_depth);
  Result<void> Append(std::string_view bytes);
  Result<void> Flush();
  Result<ObjectId> Seal();
  Result<std::string> Rename(const ObjectId& checksum);
  std::string BuildIndex(const ObjectId& pack_checksum);

  std::string objects_path_;
  RepositoryConfig::FileSharing sharing_;
  std::string temporary_path_;
  FileDescriptor file_;
  std::unique_ptr<z_stream, DeflateEnd> deflate_;
  std::string deflated_;
  std::string buffer_;
  uint64_t size_ = 0;
  std::vector<Entry> entries_;
  std::unordered_map<ObjectId, PackedObject, ObjectIdHash> packed_;
};

}  // namespace lockkeeper
