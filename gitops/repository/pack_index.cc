#include "gitops/repository/pack_index.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "gitops/repository/file_io.h"
#include "gitops/repository/pack_format.h"
#include "gitops/repository/sha1.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kMagic{"\xfftOc\0\0\0\2", 8};
constexpr size_t kFanoutBytes = size_t{256} * 4;
constexpr size_t kTablesBegin = kMagic.size() + kFanoutBytes;
constexpr size_t kTrailerBytes = 2 * ObjectId::kBytes;
constexpr size_t kEntryBytes = ObjectId::kBytes + 4 + 4;
constexpr uint32_t kLargeOffset = 1U << 31;

std::unexpected<Error> Damaged(std::string_view what) {
  return Invalid(fmt::format("the index is damaged: {}", what));
}

struct OpenedFile {
  FileDescriptor file;
  uint64_t size = 0;
};

Result<OpenedFile> OpenToRead(const std::string& path) {
  OpenedFile opened;
  opened.file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.file.is_open() && errno == ENOENT) return Invalid(fmt::format("{}: it is missing", path));
  struct stat status{};
  if (!opened.file.is_open() || ::fstat(opened.file.get(), &status) != 0)
    return FileFailure(errno, "read", path);
  opened.size = static_cast<uint64_t>(status.st_size);
  return opened;
}

struct IndexTrailer {
  uint32_t objects = 0;
  std::string pack_checksum;
};

Result<IndexTrailer> CheckIndexFile(const std::string& path) {
  auto index = OpenToRead(path);
  if (!index) return std::unexpected(index.error());
  if (index->size < kTablesBegin + kTrailerBytes) return Invalid(fmt::format("{}: it is too short", path));
  constexpr uint64_t kChunkBytes = uint64_t{1} << 20;
  const uint64_t hashed = index->size - ObjectId::kBytes;
  Sha1 hash;
  IndexTrailer trailer;
  std::string chunk;
  for (uint64_t at = 0; at < hashed; at += chunk.size()) {
    chunk.resize(static_cast<size_t>(std::min(kChunkBytes, hashed - at)));
    auto read = ReadExactly(index->file.get(), at, chunk.data(), chunk.size(), path);
    if (!read) return std::unexpected(read.error());
    hash.Update(chunk);
    if (at > 0) continue;
    if (!chunk.starts_with(kMagic)) return Invalid(fmt::format("{}: it is no index of version 2", path));
    trailer.objects = BigEndian(std::string_view(chunk).substr(kTablesBegin - 4, 4));
  }
  std::string end(kTrailerBytes, '\0');
  auto read = ReadExactly(index->file.get(), index->size - end.size(), end.data(), end.size(), path);
  if (!read) return std::unexpected(read.error());
  if (end.substr(ObjectId::kBytes) != hash.Finish().Raw())
    return Invalid(fmt::format("{}: its checksum is wrong", path));
  trailer.pack_checksum = end.substr(0, ObjectId::kBytes);
  return trailer;
}

}  // namespace

Result<PackIndex> ParsePackIndex(std::string_view bytes) {
  if (bytes.size() < kTablesBegin + kTrailerBytes) return Damaged("it is too short");
  if (!bytes.starts_with(kMagic)) return Damaged("it is not of version 2");
  const uint64_t count = BigEndian(bytes.substr(kTablesBegin - 4));
  const uint64_t fixed = kTablesBegin + count * kEntryBytes + kTrailerBytes;
  if (bytes.size() < fixed || (bytes.size() - fixed) % 8 != 0) return Damaged("its size is wrong");
  const uint64_t large_count = (bytes.size() - fixed) / 8;
  Sha1 hash;
  hash.Update(bytes.substr(0, bytes.size() - ObjectId::kBytes));
  if (hash.Finish().Raw() != bytes.substr(bytes.size() - ObjectId::kBytes))
    return Damaged("its checksum is wrong");

  const std::string_view ids = bytes.substr(kTablesBegin, count * ObjectId::kBytes);
  const std::string_view crcs = bytes.substr(kTablesBegin + ids.size(), count * 4);
  const std::string_view offsets = bytes.substr(kTablesBegin + ids.size() + crcs.size(), count * 4);
  const std::string_view large =
      bytes.substr(kTablesBegin + ids.size() + crcs.size() + offsets.size(), large_count * 8);
  PackIndex index;
  index.entries.resize(count);
  for (size_t i = 0; i < count; ++i) {
    PackIndexEntry& entry = index.entries[i];
    entry.id = ObjectIdFromRaw(ids.substr(i * ObjectId::kBytes, ObjectId::kBytes));
    if (i > 0 && !(index.entries[i - 1].id < entry.id)) return Damaged("its ids are out of order");
    entry.crc = BigEndian(crcs.substr(i * 4));
    entry.offset = BigEndian(offsets.substr(i * 4));
    if (entry.offset < kLargeOffset) continue;
    const uint64_t at = entry.offset - kLargeOffset;
    if (at >= large_count) return Damaged("an offset is missing");
    entry.offset = uint64_t{BigEndian(large.substr(at * 8))} << 32 | BigEndian(large.substr(at * 8 + 4));
  }
  for (unsigned first = 0; first < 256; ++first) {
    const auto end =
        std::ranges::partition_point(index.entries, [&](const auto& e) { return e.id.bytes[0] <= first; });
    const uint32_t said = BigEndian(bytes.substr(kMagic.size() + first * size_t{4}));
    if (said != static_cast<uint64_t>(end - index.entries.begin())) return Damaged("its fan-out is wrong");
  }
  index.pack_checksum = ObjectIdFromRaw(bytes.substr(bytes.size() - kTrailerBytes, ObjectId::kBytes));
  return index;
}

Result<void> CheckPack(const std::string& stem) {
  auto trailer = CheckIndexFile(stem + ".idx");
  if (!trailer) return std::unexpected(trailer.error());
  const std::string path = stem + ".pack";
  auto pack = OpenToRead(path);
  if (!pack) return std::unexpected(pack.error());
  if (pack->size < kPackHeaderBytes + ObjectId::kBytes)
    return Invalid(fmt::format("{}: it is too short", path));
  std::string header(kPackHeaderBytes, '\0');
  std::string checksum(ObjectId::kBytes, '\0');
  auto read = ReadExactly(pack->file.get(), 0, header.data(), header.size(), path);
  if (read) {
    read =
        ReadExactly(pack->file.get(), pack->size - checksum.size(), checksum.data(), checksum.size(), path);
  }
  if (!read) return read;
  if (header != PackHeader(trailer->objects))
    return Invalid(fmt::format("{}: its header is not what its index says", path));
  if (checksum != trailer->pack_checksum)
    return Invalid(fmt::format("{}: it is cut off or another than its index says", path));
  return {};
}

}  // namespace lockkeeper
