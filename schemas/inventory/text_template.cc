#include "schemas/inventory/text_template.h"

#include <fmt/format.h>

#include <charconv>

#include "schemas/inventory/document_reader.h"

namespace lockkeeper {
namespace {

constexpr size_t kBytesMax = 4096;

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::string_view FileStem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  size_t dot = path.rfind('.');
  return dot == 0 ? path : path.substr(0, dot);
}

}  // namespace

Result<TextTemplate::PathPart> TextTemplate::ParsePathPart(std::string_view text) {
  auto bad = [&] {
    return Invalid(
        fmt::format("path[{}] is not a part of a path: write path[1], path[-2] or path[group_vars-1]", text));
  };
  PathPart part;
  size_t digits = text.find_last_not_of("0123456789");
  std::string_view number = text;
  if (digits != std::string_view::npos) {
    if (text[digits] != '-' && text[digits] != '+') return bad();
    part.anchor = text.substr(0, digits);
    number = text.substr(text[digits] == '+' ? digits + 1 : digits);
  }
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), part.offset);
  if (error != std::errc{} || end != number.data() + number.size()) return bad();
  return part;
}

std::string TextTemplate::FindPathPart(const PathPart& part, std::string_view path) {
  std::vector<std::string_view> parts = SplitPath(path);
  auto count = static_cast<std::ptrdiff_t>(parts.size());
  std::ptrdiff_t index = part.offset;
  if (!part.anchor.empty()) {
    std::ptrdiff_t anchor = count - 1;
    while (anchor >= 0 && parts[static_cast<size_t>(anchor)] != part.anchor) --anchor;
    if (anchor < 0) return {};
    index += anchor;
  } else if (index < 0) {
    index += count;
  }
  if (index < 0 || index >= count) return {};
  return std::string(parts[static_cast<size_t>(index)]);
}

Result<void> TextTemplate::AddSources(std::string_view text, Sources sources) {
  Piece piece{std::string(text), {}};
  std::string_view rest = text;
  while (true) {
    size_t bar = rest.find('|');
    std::string_view one = rest.substr(0, bar);
    bool document = sources != Sources::kClusterOnly;
    if (one == "cluster" && sources != Sources::kDocument) {
      piece.any_of.emplace_back(Variable::kCluster);
    } else if (one == "namespace" && sources != Sources::kDocument) {
      piece.any_of.emplace_back(Variable::kNamespace);
    } else if (!document) {
      return Invalid(fmt::format("{{{}}} is unknown, write {{cluster}} or {{namespace}}", one));
    } else if (one == "file") {
      piece.any_of.emplace_back(Variable::kFileStem);
    } else if (one.starts_with("path[") && one.ends_with(']')) {
      auto part = ParsePathPart(one.substr(5, one.size() - 6));
      if (!part) return std::unexpected(part.error());
      piece.any_of.emplace_back(std::move(*part));
    } else {
      auto path = ParseFieldPath(one);
      if (!path) return std::unexpected(path.error());
      piece.any_of.emplace_back(std::move(*path));
    }
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  pieces_.push_back(std::move(piece));
  return {};
}

Result<TextTemplate> TextTemplate::Parse(std::string_view text, Sources sources) {
  if (text.contains('{') || text.contains('}')) return ParseLiteral(text, sources);
  TextTemplate result;
  if (auto added = result.AddSources(text, sources); !added) return std::unexpected(added.error());
  return result;
}

Result<TextTemplate> TextTemplate::ParseLiteral(std::string_view text, Sources sources) {
  if (text.size() > kBytesMax) return Invalid(fmt::format("a template has at most {} bytes", kBytesMax));
  TextTemplate result;
  const std::string_view whole = text;
  while (!text.empty()) {
    size_t brace = text.find_first_of("{}");
    if (brace != 0) result.pieces_.push_back({std::string(text.substr(0, brace)), {}});
    if (brace == std::string_view::npos) break;
    size_t close = text.find('}', brace);
    if (text[brace] == '}' || close == std::string_view::npos) {
      return Invalid(fmt::format("'{}' has a brace without its partner", whole));
    }
    auto added = result.AddSources(text.substr(brace + 1, close - brace - 1), sources);
    if (!added) return std::unexpected(added.error());
    text.remove_prefix(close + 1);
  }
  return result;
}

TextTemplate::Text TextTemplate::Evaluate(const Context& context) const {
  Text result;
  for (const Piece& piece : pieces_) {
    if (piece.any_of.empty()) {
      result.value += piece.written;
      continue;
    }
    std::string found;
    for (const Source& source : piece.any_of) {
      if (const auto* variable = std::get_if<Variable>(&source)) {
        found = *variable == Variable::kCluster     ? context.cluster
                : *variable == Variable::kNamespace ? context.cluster_namespace
                                                    : FileStem(context.path);
      } else if (const auto* part = std::get_if<PathPart>(&source)) {
        found = FindPathPart(*part, context.path);
      } else if (context.reader != nullptr) {
        DocumentReader::Place place = context.reader->Find(std::get<FieldPath>(source));
        if (place.node == nullptr || !place.node->is_scalar() || place.node->is_null()) continue;
        found = place.node->value;
        if (!found.empty() && result.mark == Mark{}) result.mark = place.mark;
      }
      if (!found.empty()) break;
    }
    if (found.empty() && result.missing.empty()) result.missing = piece.written;
    result.value += found;
  }
  return result;
}

}  // namespace lockkeeper
