#include "schemas/yaml/node.h"

namespace lockkeeper {

const YamlNode* YamlNode::Find(std::string_view key) const {
  if (kind != NodeKind::kMapping) return nullptr;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_scalar() && keys[i].value == key) return &children[i];
  }
  return nullptr;
}

bool YamlNode::is_null() const {
  if (kind != NodeKind::kScalar) return false;
  if (tag == "tag:yaml.org,2002:null") return true;
  if (style != ScalarStyle::kPlain || !tag.empty()) return false;
  return value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL";
}

}  // namespace lockkeeper
