#include "schemas/inventory/document_reader.h"

#include <charconv>

namespace lockkeeper {
namespace {

constexpr int kEmbeddedMax = 8;

const YamlNode* Element(const YamlNode& node, size_t index) {
  return node.is_sequence() && index < node.children.size() ? &node.children[index] : nullptr;
}

}  // namespace

const YamlNode* DocumentReader::Step(const YamlNode& node, const FieldPathStep& step) {
  switch (step.kind) {
    case FieldPathStep::Kind::kKey:
      if (node.is_sequence()) {
        size_t index = 0;
        auto [end, error] = std::from_chars(step.key.data(), step.key.data() + step.key.size(), index);
        bool number = error == std::errc{} && end == step.key.data() + step.key.size();
        return number ? Element(node, index) : nullptr;
      }
      return node.Find(step.key);
    case FieldPathStep::Kind::kIndex:
      return Element(node, step.index);
    case FieldPathStep::Kind::kMatch:
      if (!node.is_sequence()) return nullptr;
      for (const YamlNode& child : node.children) {
        const YamlNode* field = child.Find(step.key);
        if (field != nullptr && field->is_scalar() && field->value == step.value) return &child;
      }
      return nullptr;
  }
  return nullptr;
}

DocumentReader::Place DocumentReader::Find(const FieldPath& path, size_t steps) const {
  Place place{root_, root_->mark, root_};
  int depth = 0;
  for (size_t i = 0; i < steps && i < path.steps.size(); ++i) {
    const YamlNode* node = place.node;
    if (node->is_scalar() && !node->value.empty() && !node->is_null()) {
      if (++depth > kEmbeddedMax) return {nullptr, place.mark, place.last};
      auto [it, added] = embedded_.try_emplace(node);
      if (added) {
        auto stream = ParseUserYaml(node->value);
        it->second = std::make_unique<YamlStream>(stream ? std::move(*stream) : YamlStream{});
      }
      if (it->second->documents.size() != 1) return {nullptr, place.mark, place.last};
      node = it->second->documents.data();
    }
    node = Step(*node, path.steps[i]);
    if (node == nullptr || node->kind == NodeKind::kAlias) return {nullptr, place.mark, place.last};
    place.node = node;
    place.last = node;
    if (depth == 0) place.mark = node->mark;
  }
  return place;
}

std::string_view DocumentReader::Text(const FieldPath& path) const {
  Place place = Find(path);
  if (place.node == nullptr || !place.node->is_scalar() || place.node->is_null()) return {};
  return place.node->value;
}

}  // namespace lockkeeper
