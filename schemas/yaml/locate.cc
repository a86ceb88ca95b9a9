#include "schemas/yaml/text_level.h"

namespace lockkeeper {

std::expected<PathTarget, PathProblem> Locate(std::string_view text, const YamlNode& root,
                                              const FieldPath& path) {
  TextLevel file{
      .text = text, .outer = nullptr, .scalar = nullptr, .table = {}, .stream = {}, .embedded = {}};
  auto end = FollowPath(file, root, path);
  if (!end) return std::unexpected(std::move(end.error()));
  auto place = PlaceInFile(*end);
  if (!place) return std::unexpected(std::move(place.error()));
  return PathTarget{.value = std::string(end->value),
                    .style = end->node->style,
                    .mark = place->mark,
                    .begin = place->begin,
                    .end = place->end,
                    .embedded = place->embedded};
}

}  // namespace lockkeeper
