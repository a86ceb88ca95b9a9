#include "gitops/repository/object_id.h"

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr uint8_t kNoDigit = 0x80;

// A table, because every file of a repository passes here, and digits are hard to foretell.
constexpr std::array<uint8_t, 256> kHexDigits = [] {
  std::array<uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (uint8_t i = 0; i < 10; ++i) digits[static_cast<size_t>('0' + i)] = i;
  for (uint8_t i = 0; i < 6; ++i) {
    digits[static_cast<size_t>('a' + i)] = digits[static_cast<size_t>('A' + i)] =
        static_cast<uint8_t>(10 + i);
  }
  return digits;
}();

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
  unsigned seen = 0;
  for (size_t i = 0; i < ObjectId::kBytes; ++i) {
    const unsigned high = kHexDigits[static_cast<uint8_t>(hex[2 * i])];
    const unsigned low = kHexDigits[static_cast<uint8_t>(hex[2 * i + 1])];
    seen |= high | low;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return (seen & kNoDigit) == 0 ? std::optional(id) : std::nullopt;
}

ObjectId ObjectIdFromRaw(std::string_view raw) {
  LK_ASSERT(raw.size() == ObjectId::kBytes);
  ObjectId id;
  std::memcpy(id.bytes.data(), raw.data(), ObjectId::kBytes);
  return id;
}

}  // namespace lockkeeper
