#include "schemas/calendar/content_line.h"

#include <algorithm>

#include "schemas/manifest/words.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

/// RFC 5545 knows letters, digits and '-'; `_` and '.' are seen in names of X- properties.
bool IsNameByte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

std::string TakeName(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  std::string name{text.substr(0, end)};
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  text.remove_prefix(end);
  return name;
}

/// What follows the '=' of a parameter: values with commas between them, each plain or in quotes. False: a
/// quote is not closed.
bool TakeParameterValue(std::string_view& text, std::string& out) {
  while (!text.empty() && text.front() != ':' && text.front() != ';') {
    if (text.front() != '"') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const size_t end = text.find('"', 1);
    if (end == std::string_view::npos) return false;
    out += text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  }
  return true;
}

ContentLine ReadLine(std::string_view text) {
  ContentLine line;
  line.name = TakeName(text);
  if (line.name.empty()) {
    line.problem =
        "the line does not begin with the name of a property; a line that goes on begins with a blank";
    return line;
  }
  while (!text.empty() && text.front() == ';') {
    text.remove_prefix(1);
    std::string name = TakeName(text);
    if (name.empty() || text.empty() || text.front() != '=') {
      line.problem = "a parameter behind ';' must be written NAME=VALUE";
      return line;
    }
    text.remove_prefix(1);
    std::string value;
    if (!TakeParameterValue(text, value)) {
      line.problem = "a quote of parameter " + name + " is not closed";
      return line;
    }
    line.parameters.emplace_back(std::move(name), std::move(value));
  }
  if (text.empty() || text.front() != ':') {
    line.problem = "the ':' in front of the value is missing";
    return line;
  }
  line.value = text.substr(1);
  return line;
}

}  // namespace

std::string_view ContentLine::Parameter(std::string_view wanted) const {
  auto found =
      std::ranges::find_if(parameters, [&](const auto& parameter) { return parameter.first == wanted; });
  return found == parameters.end() ? std::string_view{} : found->second;
}

ContentLines::ContentLines(std::string_view text) : rest_(text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

/// Takes one line and those that continue it. False: there is none.
bool ContentLines::Unfold(std::string& out) {
  if (rest_.empty()) return false;
  begin_ = line_;
  while (true) {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view part = rest_.substr(0, end);
    if (part.ends_with('\r')) part.remove_suffix(1);
    out += part;
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    if (rest_.empty() || (rest_.front() != ' ' && rest_.front() != '\t')) return true;
    rest_.remove_prefix(1);
  }
}

std::optional<ContentLine> ContentLines::Next() {
  std::string text;
  while (Unfold(text)) {
    if (text.find_first_not_of(" \t") == std::string::npos) {
      text.clear();
      continue;
    }
    ContentLine line = ReadLine(text);
    line.mark = {.line = begin_, .column = 1};
    return line;
  }
  return std::nullopt;
}

std::string ReadCalendarText(std::string_view value, size_t bytes_max) {
  // Escapes shorten a text to half its length at most.
  value = value.substr(0, 2 * bytes_max + 2);
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      c = value[++i];
      if (c == 'n' || c == 'N') c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    out += c;
  }
  out = ToUtf8(out);
  const size_t begin = std::min(out.find_first_not_of(' '), out.size());
  const size_t end = out.find_last_not_of(' ');
  out = end == std::string::npos ? "" : out.substr(begin, end + 1 - begin);
  return Shortened(out, bytes_max);
}

}  // namespace lockkeeper
