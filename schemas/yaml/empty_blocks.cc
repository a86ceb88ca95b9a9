#include "schemas/yaml/empty_blocks.h"

#include <algorithm>

namespace lockkeeper {
namespace {

// The end of a header (`|`, `>-`, `|2+`) at `at`, if nothing but a comment follows in its line.
std::optional<size_t> HeaderEnd(std::string_view text, size_t at) {
  const size_t end = std::min(text.find_first_not_of("+-123456789", at + 1), text.size());
  if (end - at > 3) return std::nullopt;
  const size_t rest = std::min(text.find_first_not_of(" \t", end), text.size());
  if (rest == text.size() || text[rest] == '\n' || text[rest] == '\r') return end;
  if (text[rest] == '#' && rest > end) return end;
  return std::nullopt;
}

// The column (from 0) that the lines of a block scalar with its header at `at` must exceed: that of the key
// in the header's line, or of the last indicator where none stands between it and the header. nullopt: it
// cannot be told.
std::optional<size_t> ParentColumn(std::string_view line) {
  std::optional<size_t> indicator;
  size_t at = std::min(line.find_first_not_of(' '), line.size());
  while (at + 1 < line.size() && std::string_view("-?:").contains(line[at]) && line[at + 1] == ' ') {
    indicator = at;
    at = std::min(line.find_first_not_of(' ', at + 1), line.size());
  }
  if (at == line.size()) return indicator;
  const bool is_property = line[at] == '&' || line[at] == '!';
  // `- !tag |` belongs to the list, `!tag key: |` to the mapping.
  const bool has_key = line.find(": ", at) != std::string_view::npos;
  return is_property && !has_key ? indicator : std::optional(at);
}

// Spaces before the first line with text behind `at`; nullopt at the end of the text.
std::optional<size_t> NextIndentation(std::string_view text, size_t at) {
  while (true) {
    const size_t line = text.find('\n', at);
    if (line == std::string_view::npos) return std::nullopt;
    const size_t first = text.find_first_not_of(' ', line + 1);
    if (first == std::string_view::npos) return std::nullopt;
    if (text[first] != '\n' && text[first] != '\r') return first - line - 1;
    at = first;
  }
}

}  // namespace

std::optional<std::string> HideEmptyBlocks(std::string_view text) {
  std::optional<std::string> patched;
  for (size_t at = text.find_first_of("|>"); at != std::string_view::npos;
       at = text.find_first_of("|>", at + 1)) {
    if (at == 0 || text[at - 1] != ' ') continue;
    const auto end = HeaderEnd(text, at);
    if (!end) continue;
    const size_t before = text.rfind('\n', at);
    const size_t line = before == std::string_view::npos ? 0 : before + 1;
    const auto parent = ParentColumn(text.substr(line, at - line));
    const auto next = NextIndentation(text, at);
    if (!parent || !next || *next > *parent) continue;
    if (!patched) patched.emplace(text);
    patched->replace(at, *end - at, *end - at, ' ');
    (*patched)[at] = '~';
  }
  return patched;
}

}  // namespace lockkeeper
