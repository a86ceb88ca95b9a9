#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockkeeper {

inline constexpr uint32_t kReplacementCharacter = 0xfffd;

struct Utf8Character {
  bool valid = false;  ///< false: one byte that is no part of any UTF-8 character
  uint32_t code = 0;   ///< of a valid one
  std::string_view bytes;
};

/// Takes the first character off a text that is not empty. Surrogates, overlong forms and codes past U+10FFFF
/// are not valid.
Utf8Character TakeUtf8(std::string_view& text);

bool IsUtf8(std::string_view text);

/// Every byte that is no part of a character becomes U+FFFD.
std::string ToUtf8(std::string_view text);

/// Appends the character of a code below 0x110000.
void AppendUtf8(uint32_t code, std::string& out);

}  // namespace lockkeeper
