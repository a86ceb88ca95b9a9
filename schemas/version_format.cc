#include <fmt/format.h>

#include "schemas/version.h"

namespace lockkeeper {

Result<VersionFormat> ParseVersionFormat(std::string_view text) {
  auto bad = [&](std::string_view why) {
    return Invalid(fmt::format("'{}' is not a version format such as v{{version}}: {}", text, why));
  };
  constexpr std::string_view kComponent = "component.";
  size_t open = text.find('{');
  if (open == std::string_view::npos) {
    return bad(text.contains('}') ? "a '}' has no '{' before it"
                                  : "{version} or {component.NAME} is missing");
  }
  size_t close = text.find('}', open);
  if (close == std::string_view::npos) return bad("a '{' is not closed");
  VersionFormat format{std::string(text.substr(0, open)), "", std::string(text.substr(close + 1))};
  std::string_view name = text.substr(open + 1, close - open - 1);
  if (name.contains('{')) return bad("a '{' stands inside braces");
  if (format.before.contains('}')) return bad("a '}' has no '{' before it");
  if (format.after.contains('{')) return bad("only one placeholder can stand in it");
  if (format.after.contains('}')) return bad("a '}' has no '{' before it");
  if (name == "version") return format;
  if (!name.starts_with(kComponent)) {
    return bad(fmt::format("'{{{}}}' is unknown, write {{version}} or {{component.NAME}}", name));
  }
  format.component = name.substr(kComponent.size());
  if (format.component.empty()) return bad("the component has no name");
  return format;
}

std::optional<std::string> MatchFormat(const VersionFormat& format, std::string_view text) {
  if (text.size() < format.before.size() + format.after.size()) return std::nullopt;
  if (!text.starts_with(format.before) || !text.ends_with(format.after)) return std::nullopt;
  text.remove_prefix(format.before.size());
  text.remove_suffix(format.after.size());
  if (!ParseVersion(text)) return std::nullopt;
  return std::string(text);
}

std::string ApplyFormat(const VersionFormat& format, std::string_view version) {
  return fmt::format("{}{}{}", format.before, version, format.after);
}

}  // namespace lockkeeper
