#include "gitops/repository/sha1.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace lockkeeper {
namespace {

uint32_t BigEndian(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

}  // namespace

void Sha1::Blocks(const uint8_t* block, size_t count) {
  for (; count > 0; --count, block += kBlockBytes) {
    std::array<uint32_t, 80> w;
    for (size_t i = 0; i < 16; ++i) w[i] = BigEndian(block + 4 * i);
    for (size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state_;
    // The variables change places with each step; five steps bring them home, so none is ever copied.
    auto step = [](uint32_t p, uint32_t& q, uint32_t& t, uint32_t mix, uint32_t word) {
      t += std::rotl(p, 5) + mix + word;
      q = std::rotl(q, 30);
    };
    auto stage = [&](size_t from, uint32_t constant, auto mix) {
      for (size_t i = from; i < from + 20; i += 5) {
        step(a, b, e, mix(b, c, d), w[i] + constant);
        step(e, a, d, mix(a, b, c), w[i + 1] + constant);
        step(d, e, c, mix(e, a, b), w[i + 2] + constant);
        step(c, d, b, mix(d, e, a), w[i + 3] + constant);
        step(b, c, a, mix(c, d, e), w[i + 4] + constant);
      }
    };
    stage(0, 0x5a827999, [](uint32_t x, uint32_t y, uint32_t z) { return z ^ (x & (y ^ z)); });
    stage(20, 0x6ed9eba1, [](uint32_t x, uint32_t y, uint32_t z) { return x ^ y ^ z; });
    stage(40, 0x8f1bbcdc, [](uint32_t x, uint32_t y, uint32_t z) { return (x & y) | (z & (x | y)); });
    stage(60, 0xca62c1d6, [](uint32_t x, uint32_t y, uint32_t z) { return x ^ y ^ z; });
    state_ = {state_[0] + a, state_[1] + b, state_[2] + c, state_[3] + d, state_[4] + e};
  }
}

void Sha1::Update(std::string_view bytes) {
  auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t size = bytes.size();
  size_t held = length_ % kBlockBytes;
  length_ += size;
  if (held > 0) {
    size_t taken = std::min(size, kBlockBytes - held);
    std::memcpy(pending_.data() + held, data, taken);
    if (held + taken < kBlockBytes) return;
    Blocks(pending_.data(), 1);
    data += taken;
    size -= taken;
  }
  Blocks(data, size / kBlockBytes);
  size_t rest = size % kBlockBytes;
  if (rest > 0) std::memcpy(pending_.data(), data + (size - rest), rest);
}

ObjectId Sha1::Finish() {
  uint64_t bits = length_ * 8;
  std::string_view padding(
      "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
      kBlockBytes);
  size_t held = length_ % kBlockBytes;
  Update(padding.substr(0, held < 56 ? 56 - held : 120 - held));
  std::array<char, 8> tail;
  for (size_t i = 0; i < 8; ++i) tail[i] = static_cast<char>(bits >> (56 - 8 * i));
  Update({tail.data(), tail.size()});
  ObjectId id;
  for (size_t i = 0; i < ObjectId::kBytes; ++i) {
    id.bytes[i] = static_cast<uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  return id;
}

ObjectId HashObject(std::string_view type, std::string_view content) {
  Sha1 hash;
  std::string header = fmt::format("{} {}", type, content.size());
  hash.Update({header.c_str(), header.size() + 1});
  hash.Update(content);
  return hash.Finish();
}

}  // namespace lockkeeper
