#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

struct Lead {
  size_t length = 0;  ///< 0: no character begins like this
  uint32_t bits = 0;
  uint32_t code_min = 0;  ///< below it a shorter form exists
};

Lead LeadOf(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc2 && byte < 0xe0) return {2, byte & 0x1fU, 0x80};
  if (byte >= 0xe0 && byte < 0xf0) return {3, byte & 0x0fU, 0x800};
  if (byte >= 0xf0 && byte < 0xf5) return {4, byte & 0x07U, 0x10000};
  return {};
}

}  // namespace

Utf8Character TakeUtf8(std::string_view& text) {
  auto invalid = [&] {
    Utf8Character character{.valid = false, .code = 0, .bytes = text.substr(0, 1)};
    text.remove_prefix(1);
    return character;
  };
  const Lead lead = LeadOf(static_cast<unsigned char>(text.front()));
  if (lead.length == 0 || text.size() < lead.length) return invalid();
  uint32_t code = lead.bits;
  for (size_t i = 1; i < lead.length; ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80) return invalid();
    code = code << 6U | (byte & 0x3fU);
  }
  if (code < lead.code_min || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return invalid();
  Utf8Character character{.valid = true, .code = code, .bytes = text.substr(0, lead.length)};
  text.remove_prefix(lead.length);
  return character;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    size_t ascii = 0;
    while (ascii < text.size() && static_cast<unsigned char>(text[ascii]) < 0x80) ++ascii;
    text.remove_prefix(ascii);
    if (!text.empty() && !TakeUtf8(text).valid) return false;
  }
  return true;
}

std::string ToUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Character next = TakeUtf8(text);
    if (next.valid) {
      out += next.bytes;
    } else {
      AppendUtf8(kReplacementCharacter, out);
    }
  }
  return out;
}

void AppendUtf8(uint32_t code, std::string& out) {
  auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0U | code >> 6U);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0U | code >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | code >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace lockkeeper
