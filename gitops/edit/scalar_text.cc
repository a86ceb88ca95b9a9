#include "gitops/edit/scalar_text.h"

#include "gitops/edit/plain_scalar.h"
#include "schemas/yaml/json_text.h"

namespace lockkeeper {
namespace {

std::string BackslashBefore(std::string_view special, std::string_view text) {
  std::string out;
  for (char c : text) {
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

bool StaysPlain(const PathEnd& old, std::string_view value, Around around) {
  // Outside quotes JSON has nothing but literals.
  if (around == Around::kJson && !IsJsonLiteral(value)) return false;
  if (!FitsPlain(value, old.node->flow)) return false;
  return !old.node->tag.empty() || KeepsPlainType(old.value, value);
}

Result<ScalarText> WriteBlockLine(const PathEnd& old, std::string_view value) {
  const std::string_view line_ends =
      std::string_view(old.node->value).substr(old.node->value.find_last_not_of('\n') + 1);
  if (value.empty())
    return Invalid("the block scalar there cannot hold an empty value; write it in quotes first");
  if (value.front() == ' ' || value.front() == '\t') {
    return Invalid("a value that begins with a space would change the indentation of the block scalar there");
  }
  return ScalarText{std::string(value), {std::string(value) + std::string(line_ends), old.node->style}};
}

}  // namespace

std::string EscapeFor(ScalarStyle outer_style, std::string_view bytes) {
  if (outer_style == ScalarStyle::kDoubleQuoted) return BackslashBefore("\"\\", bytes);
  if (outer_style != ScalarStyle::kSingleQuoted) return std::string(bytes);
  std::string out;
  for (char c : bytes) out.append(c == '\'' ? 2 : 1, c);
  return out;
}

Result<ScalarText> WriteScalar(const PathEnd& old, std::string_view value, Around around) {
  const ScalarStyle style = old.node->style;
  switch (style) {
    case ScalarStyle::kLiteral:
    case ScalarStyle::kFolded:
      return WriteBlockLine(old, value);
    case ScalarStyle::kSingleQuoted:
    case ScalarStyle::kDoubleQuoted:
      return ScalarText{EscapeFor(style, value), {std::string(value), style}};
    case ScalarStyle::kPlain:
      break;
  }
  if (StaysPlain(old, value, around)) return ScalarText{std::string(value), {std::string(value), style}};
  return ScalarText{'"' + EscapeFor(ScalarStyle::kDoubleQuoted, value) + '"',
                    {std::string(value), ScalarStyle::kDoubleQuoted}};
}

}  // namespace lockkeeper
