#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace lockkeeper {

/// The SHA-1 name of a Git object. All zero: none.
struct ObjectId {
  static constexpr size_t kBytes = 20;
  std::array<uint8_t, kBytes> bytes{};

  auto operator<=>(const ObjectId&) const = default;
  bool IsNone() const { return *this == ObjectId{}; }
  /// The 20 bytes as they stand in a tree.
  std::string_view Raw() const { return {reinterpret_cast<const char*>(bytes.data()), kBytes}; }
  std::string Hex() const;
};

/// Exactly 40 hexadecimal digits.
std::optional<ObjectId> ParseObjectId(std::string_view hex);

/// `raw` has 20 bytes.
ObjectId ObjectIdFromRaw(std::string_view raw);

/// Ids are evenly distributed already.
struct ObjectIdHash {
  size_t operator()(const ObjectId& id) const {
    size_t hash = 0;
    std::memcpy(&hash, id.bytes.data(), sizeof(hash));
    return hash;
  }
};

}  // namespace lockkeeper
