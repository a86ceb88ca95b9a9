#include "reconciler/core/status/trailer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kEmptyWord = "-";

void AppendByte(char byte, std::string& out) {
  switch (byte) {
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

bool IsOrdinary(char c) { return c > ' ' && c < 0x7f && c != '\\'; }

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

void AppendTrailerText(std::string_view text, std::string& out) {
  const size_t size = text.size();
  while (!text.empty()) {
    const bool at_end = text.size() == size || text.size() == 1;
    const Utf8Character next = TakeUtf8(text);
    const bool control = next.code < 0x20 || next.code == 0x7f || next.code == '\\';
    if (next.valid && !control && !(at_end && next.code == ' ')) {
      out += next.bytes;
    } else {
      AppendByte(next.bytes.front(), out);
    }
  }
}

void AppendTrailerWord(std::string_view text, std::string& out) {
  if (text.empty()) {
    out += kEmptyWord;
  } else if (text == kEmptyWord) {
    out += "\\x2d";
  } else if (std::ranges::all_of(text, IsOrdinary)) {
    out += text;
  } else {
    const size_t begin = out.size();
    AppendTrailerText(text, out);
    for (size_t at = out.find(' ', begin); at != std::string::npos; at = out.find(' ', at)) {
      out.replace(at, 1, "\\x20");
    }
  }
}

std::optional<std::string> DecodeTrailerText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t escape = std::min(text.find('\\'), text.size());
    out += text.substr(0, escape);
    text.remove_prefix(escape);
    if (text.empty()) break;
    if (text.starts_with("\\\\") || text.starts_with("\\n")) {
      out += text[1] == 'n' ? '\n' : '\\';
      text.remove_prefix(2);
      continue;
    }
    if (!text.starts_with("\\x") || text.size() < 4) return std::nullopt;
    const auto high = HexDigit(text[2]);
    const auto low = HexDigit(text[3]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high << 4U | *low);
    text.remove_prefix(4);
  }
  return out;
}

std::optional<std::string> DecodeTrailerWord(std::string_view word) {
  if (word == kEmptyWord) return std::string{};
  return DecodeTrailerText(word);
}

}  // namespace lockkeeper
