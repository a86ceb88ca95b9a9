#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gitops/repository/object_id.h"

namespace lockkeeper {

/// SHA-1 (FIPS 180-4), for naming objects and sealing packs. libgit2 hashes whole objects only.
class Sha1 {
 public:
  void Update(std::string_view bytes);
  /// Ends the hash; nothing may be added afterwards.
  ObjectId Finish();

 private:
  static constexpr size_t kBlockBytes = 64;
  void Blocks(const uint8_t* block, size_t count);

  std::array<uint32_t, 5> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::array<uint8_t, kBlockBytes> pending_{};
  uint64_t length_ = 0;
};

/// The id of an object: SHA-1 of `TYPE SIZE\0` and the content.
ObjectId HashObject(std::string_view type, std::string_view content);

}  // namespace lockkeeper
