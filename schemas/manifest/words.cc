#include "schemas/manifest/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace lockkeeper {
namespace {

constexpr size_t kQuotedBytesMax = 80;
constexpr size_t kWordBytesMax =
    64;  // past that nobody mistyped a field's name, and the distance is quadratic

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Edits to get from one word to the other, without regard to case; exchanged neighbours are one edit.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      bool same = LowerCase(a[i - 1]) == LowerCase(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && LowerCase(a[i - 1]) == LowerCase(b[j - 2]) &&
          LowerCase(a[i - 2]) == LowerCase(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// Bytes of the character that begins at `text`; 0 where that is no valid UTF-8 (RFC 3629).
size_t CharacterBytes(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead < 0xF0 || lead > 0xF4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  bool out_of_range = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
  return out_of_range ? 0 : 4;
}

bool IsControl(char c) {
  auto byte = static_cast<uint8_t>(c);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

std::string_view Prefix(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string Shortened(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string{text};
  return std::string{Prefix(text, bytes_max)} + "...";
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (std::string_view rest = Prefix(text, kQuotedBytesMax); !rest.empty();) {
    size_t size = CharacterBytes(rest);
    if (size == 0 || IsControl(rest.front())) {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(rest.front()));
      size = 1;
    } else {
      out += rest.substr(0, size);
    }
    rest.remove_prefix(size);
  }
  return out + (text.size() > kQuotedBytesMax ? "...'" : "'");
}

std::string_view ClosestWord(std::string_view written, const std::vector<std::string>& known) {
  if (written.empty() || written.size() > kWordBytesMax) return {};
  // A third of the letters may be wrong; more than that is another word.
  size_t best = std::max<size_t>(1, written.size() / 3) + 1;
  std::string_view closest;
  for (const std::string& word : known) {
    if (word.size() > kWordBytesMax) continue;
    size_t distance = EditDistance(written, word);
    // Of two as near as each other, the one that goes on where the writer stopped: Node is Nodes rather than
    // None.
    bool continues = distance == best && word.starts_with(written) && !closest.starts_with(written);
    if (distance < best || (continues && !closest.empty())) {
      best = distance;
      closest = word;
    }
  }
  return closest;
}

std::string DidYouMean(std::string_view written, const std::vector<std::string>& known) {
  std::string_view closest = ClosestWord(written, known);
  return closest.empty() ? std::string{} : fmt::format("; did you mean '{}'?", closest);
}

std::string NoneOf(std::string_view written, const std::vector<std::string>& known) {
  return fmt::format("{} is none of {}{}", Quoted(written), Listed(known), DidYouMean(written, known));
}

std::string Listed(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

bool IsPrintable(std::string_view text) {
  while (!text.empty()) {
    size_t size = CharacterBytes(text);
    char c = text.front();
    if (size == 0 || (IsControl(c) && c != '\t' && c != '\n' && c != '\r')) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace lockkeeper
