#include "gitops/repository/pack_format.h"

#include <algorithm>

namespace lockkeeper {
namespace {

void AppendDeltaSize(std::string& out, uint64_t size) {
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  out += static_cast<char>(size);
}

void AppendCopy(std::string& out, size_t offset, size_t size) {
  constexpr size_t kCopyMax = 0xffffff;
  while (size > 0) {
    size_t part = std::min(size, kCopyMax);
    size_t command_at = out.size();
    unsigned command = 0x80;
    out += '\0';
    for (unsigned i = 0; i < 4; ++i) {
      auto byte = static_cast<uint8_t>(offset >> (8 * i));
      if (byte == 0) continue;
      command |= 1U << i;
      out += static_cast<char>(byte);
    }
    for (unsigned i = 0; i < 3; ++i) {
      auto byte = static_cast<uint8_t>(part >> (8 * i));
      if (byte == 0) continue;
      command |= 0x10U << i;
      out += static_cast<char>(byte);
    }
    out[command_at] = static_cast<char>(command);
    offset += part;
    size -= part;
  }
}

void AppendInsert(std::string& out, std::string_view bytes) {
  constexpr size_t kInsertMax = 127;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, kInsertMax);
    out += static_cast<char>(part.size());
    out += part;
    bytes.remove_prefix(part.size());
  }
}

}  // namespace

int PackType(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return 1;
    case ObjectType::kTree:
      return 2;
    case ObjectType::kBlob:
      return 3;
    case ObjectType::kTag:
      return 4;
  }
  return 0;
}

std::string PackHeader(uint32_t objects) {
  std::string header("PACK\0\0\0\2", 8);
  AppendBigEndian(header, objects);
  return header;
}

std::string PackEntryHeader(int type, uint64_t size) {
  std::string header;
  auto byte = static_cast<unsigned>(type) << 4 | static_cast<unsigned>(size & 15);
  for (size >>= 4; size > 0; size >>= 7) {
    header += static_cast<char>(byte | 0x80);
    byte = static_cast<unsigned>(size & 0x7f);
  }
  header += static_cast<char>(byte);
  return header;
}

std::string PackBaseOffset(uint64_t distance) {
  std::string reversed(1, static_cast<char>(distance & 0x7f));
  while ((distance >>= 7) > 0) {
    --distance;
    reversed += static_cast<char>((distance & 0x7f) | 0x80);
  }
  return {reversed.rbegin(), reversed.rend()};
}

std::string MiddleDelta(std::string_view base, std::string_view result) {
  size_t shorter = std::min(base.size(), result.size());
  auto differs =
      std::mismatch(base.begin(), base.begin() + static_cast<std::ptrdiff_t>(shorter), result.begin());
  auto start = static_cast<size_t>(differs.first - base.begin());
  size_t end = 0;
  while (end < shorter - start && base[base.size() - 1 - end] == result[result.size() - 1 - end]) ++end;
  std::string delta;
  AppendDeltaSize(delta, base.size());
  AppendDeltaSize(delta, result.size());
  AppendCopy(delta, 0, start);
  AppendInsert(delta, result.substr(start, result.size() - start - end));
  AppendCopy(delta, base.size() - end, end);
  return delta;
}

namespace {

// Both fail past 63 bits, which no file has.
bool TakeSize(std::string_view& bytes, PackEntryHead& head) {
  if (bytes.empty()) return false;
  auto byte = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  head.type = byte >> 4 & 7;
  head.size = byte & 15;
  for (unsigned shift = 4; (byte & 0x80) != 0; shift += 7) {
    if (bytes.empty() || shift > 56) return false;
    byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    head.size |= uint64_t{byte & 0x7fU} << shift;
  }
  return true;
}

bool TakeDistance(std::string_view& bytes, PackEntryHead& head) {
  for (bool first = true;; first = false) {
    if (bytes.empty() || head.base_distance >> 55 != 0) return false;
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (!first) ++head.base_distance;
    head.base_distance = head.base_distance << 7 | (byte & 0x7fU);
    if ((byte & 0x80) == 0) return head.base_distance > 0;
  }
}

}  // namespace

std::optional<PackEntryHead> ParsePackEntryHead(std::string_view bytes) {
  PackEntryHead head;
  std::string_view rest = bytes;
  if (!TakeSize(rest, head)) return std::nullopt;
  if (head.type == 0 || head.type == 5) return std::nullopt;
  if (head.type == kPackOffsetDelta && !TakeDistance(rest, head)) return std::nullopt;
  if (head.type == kPackIdDelta) {
    if (rest.size() < ObjectId::kBytes) return std::nullopt;
    head.base_id = ObjectIdFromRaw(rest.substr(0, ObjectId::kBytes));
    rest.remove_prefix(ObjectId::kBytes);
  }
  head.bytes = bytes.size() - rest.size();
  return head;
}

uint32_t BigEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

void AppendBigEndian(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

}  // namespace lockkeeper
