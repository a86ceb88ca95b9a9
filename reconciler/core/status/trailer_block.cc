#include "reconciler/core/status/trailer_block.h"

#include <algorithm>

namespace lockkeeper {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kCherryPick = "(cherry picked from commit ";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool IsBlank(std::string_view line) { return line.find_first_not_of(kBlanks) == std::string_view::npos; }

bool IsFolded(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

/// Takes the last line, without its end, off a text that is not empty.
std::string_view TakeLastLine(std::string_view& text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const size_t before = text.rfind('\n');
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  std::string_view line = text.substr(begin);
  text = text.substr(0, begin);
  return line;
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The last paragraph; empty where it is the only one.
std::string_view LastParagraph(std::string_view message) {
  const size_t end = message.find_last_not_of(" \t\r\v\f\n");
  if (end == std::string_view::npos) return {};
  message = message.substr(0, end + 1);
  std::string_view before = message;
  while (!before.empty()) {
    std::string_view rest = before;
    if (IsBlank(TakeLastLine(rest))) break;
    before = rest;
  }
  const bool is_first = before.find_first_not_of(" \t\r\v\f\n") == std::string_view::npos;
  return is_first ? std::string_view{} : message.substr(before.size());
}

/// The key of `key: value`; empty where the line is no trailer.
std::string_view KeyOf(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || IsFolded(line)) return {};
  const std::string_view key = Trimmed(line.substr(0, colon));
  const bool valid = std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return valid ? key : std::string_view{};
}

}  // namespace

std::vector<Trailer> FindTrailers(std::string_view message, std::string_view prefix) {
  std::vector<Trailer> trailers;
  std::string_view block = LastParagraph(message);
  bool is_ours = false;  // The line before: folded lines belong to it.
  for (bool first = true; !block.empty(); first = false) {
    const std::string_view line = TakeLine(block);
    if (IsFolded(line)) {
      if (first) return {};
      if (is_ours) trailers.back().value += ' ' + std::string{Trimmed(line)};
      continue;
    }
    const std::string_view key = KeyOf(line);
    if (key.empty() && !line.starts_with(kCherryPick)) return {};
    is_ours = !key.empty() && key.starts_with(prefix);
    if (is_ours)
      trailers.push_back({.key = key, .value = std::string{Trimmed(line.substr(line.find(':') + 1))}});
  }
  return trailers;
}

bool IsRevert(std::string_view message) {
  if (message.starts_with("Revert \"") || message.starts_with("Reapply \"")) return true;
  static constexpr std::string_view kReverts = "This reverts commit ";
  for (size_t at = message.find(kReverts); at != std::string_view::npos;
       at = message.find(kReverts, at + 1)) {
    if (at == 0 || message[at - 1] == '\n') return true;
  }
  return false;
}

}  // namespace lockkeeper
