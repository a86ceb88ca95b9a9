#include "gitops/repository/object_id.h"

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string ObjectId::Hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(2 * kBytes, '0');
  for (size_t i = 0; i < kBytes; ++i) {
    hex[2 * i] = kDigits[bytes[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return hex;
}

std::optional<ObjectId> ParseObjectId(std::string_view hex) {
  if (hex.size() != 2 * ObjectId::kBytes) return std::nullopt;
  ObjectId id;
  for (size_t i = 0; i < ObjectId::kBytes; ++i) {
    int high = HexDigit(hex[2 * i]);
    int low = HexDigit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return id;
}

ObjectId ObjectIdFromRaw(std::string_view raw) {
  LK_ASSERT(raw.size() == ObjectId::kBytes);
  ObjectId id;
  std::memcpy(id.bytes.data(), raw.data(), ObjectId::kBytes);
  return id;
}

}  // namespace lockkeeper
