#include "schemas/manifest/place.h"

#include <fmt/format.h>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

// Fields of ours are short; a long key is foreign, and a path repeats it in every message below it.
constexpr size_t kKeyBytesMax = 60;

}  // namespace

std::string ChildPath(std::string_view parent, std::string_view key) {
  std::string shown = IsPrintable(key) ? Shortened(key, kKeyBytesMax) : Quoted(key);
  if (shown.find_first_of(".[] \n\t") != std::string::npos) return fmt::format("{}[{}]", parent, shown);
  return parent.empty() ? shown : fmt::format("{}.{}", parent, shown);
}

Place Place::operator[](std::string_view key) const {
  std::string path = ChildPath(path_, key);
  if (is_mapping()) {
    for (size_t i = 0; i < node_->keys.size(); ++i) {
      if (node_->keys[i].is_scalar() && node_->keys[i].value == key) {
        return Place(std::move(path), &node_->keys[i], &node_->children[i]);
      }
    }
  }
  return Place(std::move(path), nullptr, nullptr);
}

std::vector<std::pair<std::string, Place>> Place::Members() const {
  std::vector<std::pair<std::string, Place>> members;
  if (!is_mapping()) return members;
  members.reserve(node_->keys.size());
  for (size_t i = 0; i < node_->keys.size(); ++i) {
    const YamlNode& key = node_->keys[i];
    if (!key.is_scalar()) continue;
    members.emplace_back(key.value, Place(ChildPath(path_, key.value), &key, &node_->children[i]));
  }
  return members;
}

Place Place::Item(size_t index) const {
  const YamlNode* item = is_sequence() && index < node_->children.size() ? &node_->children[index] : nullptr;
  return Place(fmt::format("{}[{}]", path_, index), nullptr, item);
}

std::vector<Place> Place::Items() const {
  std::vector<Place> items;
  if (!is_sequence()) return items;
  items.reserve(node_->children.size());
  for (size_t i = 0; i < node_->children.size(); ++i) items.push_back(Item(i));
  return items;
}

}  // namespace lockkeeper
