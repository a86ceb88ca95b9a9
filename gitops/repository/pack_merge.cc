#include "gitops/repository/pack_merge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "gitops/repository/pack_format.h"
#include "gitops/repository/pack_index.h"

namespace lockkeeper {
namespace {

constexpr size_t kIndexBytesMax = size_t{1} << 30;
// A chain may grow past its limit where its end is larger than what should be in memory at once.
constexpr size_t kInflatedBytesMax = size_t{256} << 20;

/// One old pack, its entries in the order in which they stand.
struct OldPack {
  std::string path;
  FileDescriptor file;
  uint64_t end = 0;  ///< of the last entry
  std::vector<PackIndexEntry> entries;

  uint64_t EndOf(size_t i) const { return i + 1 < entries.size() ? entries[i + 1].offset : end; }
};

Result<OldPack> OpenOldPack(const std::string& stem) {
  if (auto whole = CheckPack(stem); !whole) return std::unexpected(whole.error());
  auto bytes = ReadWholeFile(stem + ".idx", kIndexBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  auto index = ParsePackIndex(*bytes);
  if (!index) return Invalid(fmt::format("{}.idx: {}", stem, index.error().message));
  OldPack pack;
  pack.path = stem + ".pack";
  pack.entries = std::move(index->entries);
  pack.file = FileDescriptor(::open(pack.path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!pack.file.is_open() || ::fstat(pack.file.get(), &status) != 0)
    return FileFailure(errno, "read", pack.path);
  pack.end = static_cast<uint64_t>(status.st_size) - ObjectId::kBytes;
  std::ranges::sort(pack.entries, {}, &PackIndexEntry::offset);
  uint64_t at = kPackHeaderBytes;
  for (size_t i = 0; i < pack.entries.size(); ++i) {
    // The first begins behind the header, and each has a byte at least.
    const uint64_t offset = pack.entries[i].offset;
    if (i == 0 ? offset != at : offset <= at) return Invalid(fmt::format("{}: a hole at {}", pack.path, at));
    at = offset;
  }
  if (at >= pack.end && !pack.entries.empty())
    return Invalid(fmt::format("{}: an entry begins behind its end", pack.path));
  return pack;
}

class Merger {
 public:
  Merger(ObjectStore& store, PackWriter& writer) : store_(store), writer_(writer) {}

  Result<void> Take(const OldPack& pack) {
    waiting_.clear();
    for (size_t i = 0; i < pack.entries.size(); ++i) {
      if (auto taken = TakeWithDependents(pack, i); !taken) return taken;
    }
    // What still waits has its base in another pack, which Git does not allow but reads.
    while (!waiting_.empty()) {
      const size_t i = waiting_.begin()->second.back();
      const ObjectId base = waiting_.begin()->first;
      waiting_.begin()->second.pop_back();
      if (waiting_.begin()->second.empty()) waiting_.erase(base);
      if (auto whole = WriteWhole(pack, pack.entries[i].id); !whole) return whole;
      if (auto taken = TakeWithDependents(pack, i); !taken) return taken;
    }
    return {};
  }

 private:
  /// The entry, and then what has waited for it. A base may stand behind its deltas.
  Result<void> TakeWithDependents(const OldPack& pack, size_t first) {
    std::vector<size_t> stack{first};
    while (!stack.empty()) {
      const size_t i = stack.back();
      stack.pop_back();
      auto missing = TakeEntry(pack, i);
      if (!missing) return std::unexpected(missing.error());
      if (!missing->IsNone()) {
        waiting_[*missing].push_back(i);
        continue;
      }
      auto dependents = waiting_.find(pack.entries[i].id);
      if (dependents == waiting_.end()) continue;
      stack.insert(stack.end(), dependents->second.begin(), dependents->second.end());
      waiting_.erase(dependents);
    }
    return {};
  }

  /// The base that is not written yet; none: the entry is.
  Result<ObjectId> TakeEntry(const OldPack& pack, size_t i) {
    const PackIndexEntry& entry = pack.entries[i];
    if (writer_.Find(entry.id).offset != 0) return ObjectId{};
    const uint64_t size = pack.EndOf(i) - entry.offset;
    std::string head_bytes(static_cast<size_t>(std::min<uint64_t>(size, kPackEntryHeadBytesMax)), '\0');
    auto read = ReadExactly(pack.file.get(), entry.offset, head_bytes.data(), head_bytes.size(), pack.path);
    if (!read) return std::unexpected(read.error());
    auto head = ParsePackEntryHead(head_bytes);
    if (!head) return Invalid(fmt::format("{}: no entry at {}", pack.path, entry.offset));

    const bool is_delta = head->type == kPackOffsetDelta || head->type == kPackIdDelta;
    PackedObject base;
    if (is_delta) {
      auto base_id = BaseOf(pack, entry, *head);
      if (!base_id) return base_id;
      base = writer_.Find(*base_id);
      if (base.offset == 0) return base_id;
    }
    const int depth = is_delta ? base.delta_depth + 1 : 0;
    if (depth > kMaxDeltaDepth && IsModest(entry.id)) {
      if (auto whole = WriteWhole(pack, entry.id); !whole) return std::unexpected(whole.error());
      return ObjectId{};
    }
    std::string header = PackEntryHeader(is_delta ? kPackOffsetDelta : head->type, head->size);
    if (is_delta) header += PackBaseOffset(writer_.size() - base.offset);
    auto added = writer_.AddDeflated(entry.id, header,
                                     {.fd = pack.file.get(),
                                      .old_header = std::string_view(head_bytes).substr(0, head->bytes),
                                      .offset = entry.offset + head->bytes,
                                      .size = size - head->bytes,
                                      .crc = entry.crc},
                                     depth, pack.path);
    if (!added) return std::unexpected(added.error());
    return ObjectId{};
  }

  static Result<ObjectId> BaseOf(const OldPack& pack, const PackIndexEntry& entry,
                                 const PackEntryHead& head) {
    if (head.type == kPackIdDelta) return head.base_id;
    const uint64_t offset = head.base_distance < entry.offset ? entry.offset - head.base_distance : 0;
    auto base = std::ranges::lower_bound(pack.entries, offset, {}, &PackIndexEntry::offset);
    if (base == pack.entries.end() || base->offset != offset)
      return Invalid(fmt::format("{}: the base of the delta at {} is no entry", pack.path, entry.offset));
    return base->id;
  }

  bool IsModest(const ObjectId& id) {
    auto header = store_.ReadHeader(id);
    return header && header->size <= kInflatedBytesMax;
  }

  Result<void> WriteWhole(const OldPack& pack, const ObjectId& id) {
    auto header = store_.ReadHeader(id);
    if (!header) return Invalid(fmt::format("{}: {}", pack.path, header.error().message));
    auto bytes = store_.Read(id, header->type, kInflatedBytesMax);
    if (!bytes) return Invalid(fmt::format("{}: {}", pack.path, bytes.error().message));
    auto written = writer_.Add(header->type, bytes->view());
    if (!written) return std::unexpected(written.error());
    if (*written != id)
      return Invalid(fmt::format("{}: object {} is damaged: its id is wrong", pack.path, id.Hex()));
    return {};
  }

  ObjectStore& store_;
  PackWriter& writer_;
  std::unordered_map<ObjectId, std::vector<size_t>, ObjectIdHash> waiting_;  ///< base -> entries
};

}  // namespace

Result<InstalledPack> MergePacks(ObjectStore& store, const std::string& objects_path,
                                 const std::vector<std::string>& stems) {
  auto writer = PackWriter::Create(objects_path, {});
  if (!writer) return std::unexpected(writer.error());
  Merger merger(store, *writer);
  for (const std::string& stem : stems) {
    auto pack = OpenOldPack(stem);
    if (!pack) return std::unexpected(pack.error());
    if (auto taken = merger.Take(*pack); !taken) return std::unexpected(taken.error());
  }
  return writer->Install();
}

}  // namespace lockkeeper
