#include "schemas/inventory/marker.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "schemas/inventory/role_name.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kKey = "$lockkeeper";
constexpr std::string_view kNoValue =
    "the marker stands on a line without a value; put it behind the value on the same line";
constexpr int kEmbeddedMax = 4;
constexpr size_t kMarkersMax = 1000;
constexpr size_t kJsonBytesMax = 1024;

struct PlacedNode {
  const YamlNode* node = nullptr;
  size_t parent = 0;  ///< index among Flat::nodes; a document's root is its own
  int document = 0;
  FieldPathStep step;
};

// The nodes of a stream with the way to each, without recursion; scalars in the order of the text.
struct Flat {
  std::vector<PlacedNode> nodes;
  std::vector<size_t> scalars;

  explicit Flat(const YamlStream& stream) {
    for (const YamlNode& root : stream.documents) {
      nodes.push_back({&root, nodes.size(), static_cast<int>(nodes.size()), {}});
    }
    for (size_t i = 0; i < nodes.size(); ++i) {
      const YamlNode& node = *nodes[i].node;
      if (node.is_scalar()) {
        if (node.begin != std::string_view::npos) scalars.push_back(i);
        continue;
      }
      for (size_t c = 0; c < node.children.size(); ++c) {
        FieldPathStep step{FieldPathStep::Kind::kIndex, {}, {}, c};
        if (node.is_mapping()) step = {FieldPathStep::Kind::kKey, node.keys[c].value, {}, 0};
        nodes.push_back({&node.children[c], i, nodes[i].document, std::move(step)});
      }
    }
    std::ranges::sort(scalars, {}, [&](size_t i) { return nodes[i].node->begin; });
  }

  void AppendPathTo(size_t index, FieldPath& path) const {
    size_t outer = path.steps.size();
    for (; nodes[index].parent != index; index = nodes[index].parent) path.steps.push_back(nodes[index].step);
    std::reverse(path.steps.begin() + static_cast<std::ptrdiff_t>(outer), path.steps.end());
  }
};

class MarkerSearch {
 public:
  MarkerSearch(std::string_view file, std::string_view text, Diagnostics& diagnostics)
      : file_(file), file_text_(text), diagnostics_(diagnostics) {}

  /// `text` is the file, or a string inside it; `place` is where that string begins in the file.
  void Search(std::string_view text, const YamlStream& stream, const Marker& outer, size_t place, int depth);
  std::vector<Marker> TakeMarkers() { return std::move(markers_); }

 private:
  void Complain(size_t offset, std::string message);
  void SearchInside(const YamlNode& scalar, const Marker& outer, size_t place, int depth);
  std::optional<Marker> Decode(std::string_view json, size_t offset);

  std::string_view file_;
  std::string_view file_text_;
  Diagnostics& diagnostics_;
  std::vector<Marker> markers_;
  size_t seen_ = 0;
};

void MarkerSearch::Complain(size_t offset, std::string message) {
  std::string_view before = file_text_.substr(0, offset);
  auto line = std::ranges::count(before, '\n');
  size_t column = offset - (before.rfind('\n') + 1);
  diagnostics_.push_back({std::string(file_),
                          {static_cast<int>(line) + 1, static_cast<int>(column) + 1},
                          Severity::kError,
                          "marker",
                          std::move(message)});
}

std::optional<Marker> MarkerSearch::Decode(std::string_view json, size_t at) {
  constexpr std::string_view kForm = R"(write # {"$lockkeeper": "cluster-name"})";
  auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    Complain(at, fmt::format("the marker's text is no JSON object; {}", kForm));
    return std::nullopt;
  }
  Marker marker;
  for (const auto& [key, value] : parsed.items()) {
    const std::string* text = value.get_ptr<const std::string*>();
    std::optional<RefRole> role;
    if (text != nullptr && key == kKey) {
      marker.cluster = *text;
    } else if (text != nullptr && key == "format") {
      marker.format = *text;
    } else if (text != nullptr && key == "role" && (role = ParseRefRole(*text))) {
      marker.role = *role;
    } else {
      Complain(at, fmt::format("the marker's '{}' is unknown or of the wrong type; {}, perhaps with \"role\" "
                               "(release, controlPlane, nodes) and \"format\"",
                               key, kForm));
      return std::nullopt;
    }
  }
  return marker;
}

void MarkerSearch::SearchInside(const YamlNode& scalar, const Marker& outer, size_t place, int depth) {
  if (scalar.style != ScalarStyle::kLiteral || depth >= kEmbeddedMax) return;
  auto stream = ParseUserYaml(scalar.value);
  if (stream && stream->documents.size() == 1) Search(scalar.value, *stream, outer, place, depth + 1);
}

void MarkerSearch::Search(std::string_view text, const YamlStream& stream, const Marker& outer, size_t place,
                          int depth) {
  Flat flat(stream);
  auto begin_of = [&](size_t i) { return flat.nodes[i].node->begin; };
  for (size_t from = 0; (from = text.find(kKey, from)) != std::string_view::npos;) {
    size_t found = from;
    from += kKey.size();
    auto after = std::ranges::upper_bound(flat.scalars, found, {}, begin_of);
    if (after == flat.scalars.begin()) {  // Above the first value.
      std::string_view line = text.substr(0, found);
      line.remove_prefix(line.rfind('\n') + 1);
      if (line.contains('#')) Complain(depth == 0 ? found : place, std::string(kNoValue));
      if (++seen_ > kMarkersMax) return;
      continue;
    }
    size_t index = *std::prev(after);
    const YamlNode& scalar = *flat.nodes[index].node;
    size_t here = depth == 0 ? found : place;
    if (++seen_ > kMarkersMax) {
      if (seen_ == kMarkersMax + 1)
        Complain(here, fmt::format("more than {} markers in one file", kMarkersMax));
      return;
    }
    Marker marker = outer;
    if (depth == 0) marker.document = flat.nodes[index].document;
    flat.AppendPathTo(index, marker.path);
    if (found < scalar.end) {
      SearchInside(scalar, marker, depth == 0 ? scalar.begin : place, depth);
      from = scalar.end;
      continue;
    }
    size_t line_end = std::min(text.find('\n', found), text.size());
    from = line_end;
    std::string_view between = text.substr(scalar.end, found - scalar.end);
    size_t hash = between.find('#');
    if (hash == std::string_view::npos) continue;  // Some other text: a key, an alias.
    size_t line_begin = between.rfind('\n');
    if (line_begin != std::string_view::npos) {
      Complain(here, std::string(kNoValue));
      continue;
    }
    std::string_view json = text.substr(scalar.end + hash + 1,
                                        std::min(line_end, found + kJsonBytesMax) - (scalar.end + hash + 1));
    auto decoded = Decode(json, here);
    if (!decoded) continue;
    decoded->document = marker.document;
    decoded->path = std::move(marker.path);
    markers_.push_back(std::move(*decoded));
  }
}

}  // namespace

std::vector<Marker> FindMarkers(std::string_view file, std::string_view text, const YamlStream& stream,
                                Diagnostics& diagnostics) {
  MarkerSearch search(file, text, diagnostics);
  search.Search(text, stream, {}, 0, 0);
  return search.TakeMarkers();
}

}  // namespace lockkeeper
