#include "gitops/repository/pack_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "gitops/repository/pack_format.h"
#include "gitops/repository/sha1.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

// Larger ones need 64-bit offsets in the index. No fleet comes near.
constexpr uint64_t kMaxPackBytes = (uint64_t{1} << 31) - 1;
constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr size_t kMinDeltaTreeBytes = 1024;
constexpr int kNamesTriedMax = 100;

// On a file system that cannot refuse to replace, a link can.
int RenameWithoutReplacing(const char* from, const char* to) {
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return -1;
  if (::link(from, to) != 0) return -1;
  ::unlink(from);
  return 0;
}

}  // namespace

InstalledPack& InstalledPack::operator=(InstalledPack&& other) noexcept {
  if (this != &other) {
    Remove();
    stem_ = std::exchange(other.stem_, {});
  }
  return *this;
}

void InstalledPack::Release() {
  if (!stem_.empty()) ::unlink((stem_ + ".keep").c_str());
  stem_.clear();
}

void InstalledPack::Remove() {
  // The index first: without it nobody looks for the pack.
  if (stem_.empty()) return;
  for (const char* suffix : {".idx", ".pack", ".keep"}) ::unlink((stem_ + suffix).c_str());
  stem_.clear();
}

void PackWriter::DeflateEnd::operator()(z_stream* stream) const {
  deflateEnd(stream);
  delete stream;
}

Result<PackWriter> PackWriter::Create(const std::string& objects_path,
                                      RepositoryConfig::FileSharing sharing) {
  static std::atomic<unsigned> counter{0};
  PackWriter writer(objects_path, sharing);
  std::string folder = objects_path + "/pack";
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
    return FileFailure(errno, "create the folder", folder);
  for (int tries = 0; !writer.file_.is_open(); ++tries) {
    std::string path = fmt::format("{}/tmp_pack_{}_{}", folder, ::getpid(), counter++);
    bool exists = false;
    auto file = writer.CreateShared(path, &exists);
    if (!file && !(exists && tries < kNamesTriedMax)) return std::unexpected(file.error());
    if (!file) continue;
    writer.file_ = std::move(*file);
    writer.temporary_path_ = path;
  }
  writer.deflate_.reset(new z_stream{});
  if (deflateInit(writer.deflate_.get(), Z_BEST_SPEED) != Z_OK) {
    return Fail(ErrorKind::kTransient, "zlib cannot start: out of memory");
  }
  // The number of objects is filled in at the end.
  if (auto appended = writer.Append(PackHeader(0)); !appended) return std::unexpected(appended.error());
  return writer;
}

Result<FileDescriptor> PackWriter::CreateShared(const std::string& path, bool* exists) const {
  auto file = CreateFile(path, 0444, exists);
  struct stat status{};
  if (!file || ::fstat(file->get(), &status) != 0) return file;
  mode_t mode = (status.st_mode & 0777 & sharing_.kept) | sharing_.added;
  if (mode != (status.st_mode & 0777) && ::fchmod(file->get(), mode) != 0)
    return FileFailure(errno, "share it", path);
  return file;
}

PackWriter::~PackWriter() {
  if (file_.is_open()) ::unlink(temporary_path_.c_str());
}

Result<ObjectId> PackWriter::Add(ObjectType type, std::string_view content) {
  ObjectId id = HashObject(ObjectTypeName(type), content);
  if (packed_.contains(id)) return id;
  return AddEntry(id, PackEntryHeader(PackType(type), content.size()), content, 0);
}

Result<ObjectId> PackWriter::AddBlob(const ObjectId& id, std::string_view content) {
  if (packed_.contains(id)) return id;
  return AddEntry(id, PackEntryHeader(PackType(ObjectType::kBlob), content.size()), content, 0);
}

Result<ObjectId> PackWriter::AddTree(std::string_view content, std::string_view old_content,
                                     PackedObject old) {
  if (old.offset == 0 || old.delta_depth >= kMaxDeltaDepth || content.size() < kMinDeltaTreeBytes) {
    return Add(ObjectType::kTree, content);
  }
  ObjectId id = HashObject(ObjectTypeName(ObjectType::kTree), content);
  if (packed_.contains(id)) return id;
  std::string delta = MiddleDelta(old_content, content);
  if (delta.size() > content.size() / 4) return Add(ObjectType::kTree, content);
  std::string header = PackEntryHeader(kPackOffsetDelta, delta.size());
  header += PackBaseOffset(size_ - old.offset);
  return AddEntry(id, header, delta, old.delta_depth + 1);
}

Result<void> PackWriter::AddDeflated(const ObjectId& id, std::string_view header, const DeflatedBytes& bytes,
                                     int delta_depth, const std::string& path) {
  auto crc_of = [](uint32_t crc, std::string_view part) {
    return static_cast<uint32_t>(
        crc32(crc, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size())));
  };
  uint32_t old_crc = crc_of(0, bytes.old_header);
  uint32_t crc = crc_of(0, header);
  const uint64_t begin = size_;
  if (auto appended = Append(header); !appended) return appended;
  std::string chunk;
  for (uint64_t done = 0; done < bytes.size; done += chunk.size()) {
    chunk.resize(static_cast<size_t>(std::min<uint64_t>(kBufferBytes, bytes.size - done)));
    auto read = ReadExactly(bytes.fd, bytes.offset + done, chunk.data(), chunk.size(), path);
    if (!read) return read;
    old_crc = crc_of(old_crc, chunk);
    crc = crc_of(crc, chunk);
    if (auto appended = Append(chunk); !appended) return appended;
  }
  if (old_crc != bytes.crc)
    return Invalid(fmt::format("{}: object {} is damaged: its checksum is wrong", path, id.Hex()));
  entries_.push_back({.id = id, .crc = crc, .offset = begin});
  packed_[id] = {.offset = begin, .delta_depth = delta_depth};
  return {};
}

PackedObject PackWriter::Find(const ObjectId& id) const {
  auto found = packed_.find(id);
  return found == packed_.end() ? PackedObject{} : found->second;
}

Result<ObjectId> PackWriter::AddEntry(const ObjectId& id, std::string_view header, std::string_view content,
                                      int delta_depth) {
  deflated_.resize(compressBound(content.size()));
  z_stream& stream = *deflate_;
  deflateReset(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.next_out = reinterpret_cast<Bytef*>(deflated_.data());
  LK_ASSERT(content.size() < kMaxPackBytes && deflated_.size() < UINT32_MAX);
  stream.avail_in = static_cast<uInt>(content.size());
  stream.avail_out = static_cast<uInt>(deflated_.size());
  LK_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  std::string_view deflated(deflated_.data(), deflated_.size() - stream.avail_out);

  auto crc = crc32(0, reinterpret_cast<const Bytef*>(header.data()), static_cast<uInt>(header.size()));
  crc = crc32(crc, reinterpret_cast<const Bytef*>(deflated.data()), static_cast<uInt>(deflated.size()));
  entries_.push_back({.id = id, .crc = static_cast<uint32_t>(crc), .offset = size_});
  packed_[id] = {.offset = size_, .delta_depth = delta_depth};
  if (auto appended = Append(header); !appended) return std::unexpected(appended.error());
  if (auto appended = Append(deflated); !appended) return std::unexpected(appended.error());
  return id;
}

Result<void> PackWriter::Append(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > kMaxPackBytes) return Invalid("the commits are too large: a pack of more than 2 GiB");
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) return Flush();
  return {};
}

Result<void> PackWriter::Flush() {
  auto written = WriteAll(file_.get(), buffer_, temporary_path_);
  buffer_.clear();
  return written;
}

Result<ObjectId> PackWriter::Seal() {
  if (auto flushed = Flush(); !flushed) return std::unexpected(flushed.error());
  std::string header = PackHeader(static_cast<uint32_t>(entries_.size()));
  if (::pwrite(file_.get(), header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) {
    return FileFailure(errno, "write", temporary_path_);
  }
  // The checksum covers the header, so what was written is read once more, from memory in practice.
  Sha1 hash;
  std::string chunk(kBufferBytes, '\0');
  for (uint64_t at = 0; at < size_;) {
    ssize_t got = ::pread(file_.get(), chunk.data(), chunk.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return FileFailure(got == 0 ? EIO : errno, "read it back", temporary_path_);
    hash.Update({chunk.data(), static_cast<size_t>(got)});
    at += static_cast<uint64_t>(got);
  }
  ObjectId checksum = hash.Finish();
  if (auto written = WriteAll(file_.get(), checksum.Raw(), temporary_path_); !written)
    return std::unexpected(written.error());
  if (auto synced = SyncFile(file_.get(), temporary_path_); !synced) return std::unexpected(synced.error());
  return checksum;
}

// The name comes from the content. Where that name is taken, by another process with the same commits or by
// an earlier try, the next one is used: a pack belongs to who made it, or one who gives up would remove what
// another relies on.
Result<std::string> PackWriter::Rename(const ObjectId& checksum) {
  ObjectId name = checksum;
  for (int tries = 0; tries < kNamesTriedMax; ++tries) {
    std::string stem = fmt::format("{}/pack/pack-{}", objects_path_, name.Hex());
    bool exists = false;
    auto keep = CreateFile(stem + ".keep", 0600, &exists);
    if (!keep && !exists) return std::unexpected(keep.error());
    if (keep) {
      if (auto written = WriteAll(keep->get(), "lockkeeper is publishing\n", stem + ".keep"); !written) {
        ::unlink((stem + ".keep").c_str());
        return std::unexpected(written.error());
      }
      if (RenameWithoutReplacing(temporary_path_.c_str(), (stem + ".pack").c_str()) == 0) return stem;
      int error = errno;
      ::unlink((stem + ".keep").c_str());
      if (error != EEXIST) return FileFailure(error, "create it", stem + ".pack");
    }
    Sha1 next;
    next.Update(name.Raw());
    name = next.Finish();
  }
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: too many packs of the same content; run 'git gc'", objects_path_));
}

Result<InstalledPack> PackWriter::Install() {
  auto checksum = Seal();
  if (!checksum) return std::unexpected(checksum.error());
  std::string index_path = temporary_path_ + "_idx";
  auto pack = [&]() -> Result<InstalledPack> {
    auto file = CreateShared(index_path, nullptr);
    if (!file) return std::unexpected(file.error());
    if (auto written = WriteAll(file->get(), BuildIndex(*checksum), index_path); !written) {
      return std::unexpected(written.error());
    }
    if (auto synced = SyncFile(file->get(), index_path); !synced) return std::unexpected(synced.error());
    auto stem = Rename(*checksum);
    if (!stem) return std::unexpected(stem.error());
    file_.Close();
    InstalledPack named(*stem);
    // The index comes last: it is what makes the pack visible.
    std::string index_name = *stem + ".idx";
    if (::rename(index_path.c_str(), index_name.c_str()) != 0)
      return FileFailure(errno, "create it", index_name);
    if (auto synced = SyncFolder(objects_path_ + "/pack"); !synced) return std::unexpected(synced.error());
    return named;
  }();
  if (!pack) ::unlink(index_path.c_str());
  return pack;
}

std::string PackWriter::BuildIndex(const ObjectId& pack_checksum) {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  std::string index("\xfftOc\0\0\0\2", 8);
  size_t at = 0;
  for (unsigned first = 0; first < 256; ++first) {
    while (at < entries_.size() && entries_[at].id.bytes[0] <= first) ++at;
    AppendBigEndian(index, static_cast<uint32_t>(at));
  }
  for (const Entry& entry : entries_) index += entry.id.Raw();
  for (const Entry& entry : entries_) AppendBigEndian(index, entry.crc);
  for (const Entry& entry : entries_) AppendBigEndian(index, static_cast<uint32_t>(entry.offset));
  index += pack_checksum.Raw();
  Sha1 hash;
  hash.Update(index);
  index += hash.Finish().Raw();
  return index;
}

}  // namespace lockkeeper
