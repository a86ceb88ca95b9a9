#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lockkeeper {

/// Longer ones are not looked at: those of the largest keys and longest certificates have some 20 KiB.
constexpr size_t kSignatureBytesMax = size_t{64} << 10;

enum class SignatureKind : uint8_t { kNone, kSsh, kGpg };

/// What a commit's bytes say of its signature.
struct CommitSignature {
  SignatureKind kind = SignatureKind::kNone;
  std::string armour;   ///< as it was made, each line ended
  std::string payload;  ///< the bytes that were signed: the commit without its `gpgsig` headers
  std::string problem;  ///< why the kind is kNone
};

/// Stricter than git: one signature, which begins and ends with its armour.
CommitSignature SplitSignature(std::string_view commit);

}  // namespace lockkeeper
