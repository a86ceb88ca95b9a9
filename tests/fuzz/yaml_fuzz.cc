// Both parsers on any bytes: an answer in bounded time, with spans that lie in the text and hold the values.
#include <cstddef>
#include <cstdint>

#include "schemas/assert.h"
#include "schemas/yaml/node.h"
#include "schemas/yaml/offset_table.h"

namespace lockkeeper {
namespace {

void CheckNode(const YamlNode& node, std::string_view text) {
  LK_ASSERT(node.mark.line >= 1 && node.mark.column >= 1);
  if (node.begin != std::string_view::npos) {
    LK_ASSERT(node.begin <= node.end && node.end <= text.size());
    if (auto table = OffsetTable::Of(text, node)) {
      for (size_t i = 0; i < node.value.size(); i += 1 + node.value.size() / 8) {
        if (auto source = table->SourceOf(i, i + 1)) LK_ASSERT(text[*source] == node.value[i]);
      }
    }
  }
  LK_ASSERT(node.keys.size() == (node.is_mapping() ? node.children.size() : 0));
  for (const YamlNode& key : node.keys) CheckNode(key, text);
  for (const YamlNode& child : node.children) CheckNode(child, text);
}

}  // namespace
}  // namespace lockkeeper

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto user = ParseUserYaml(text);
  if (user) {
    for (const YamlNode& document : user->documents) CheckNode(document, text);
  } else {
    LK_ASSERT(user.error().mark.line >= 1 && !user.error().message.empty());
  }
  const auto manifest = ParseManifestYaml(text);
  if (manifest) {
    LK_ASSERT(user.has_value());
  } else {
    LK_ASSERT(manifest.error().mark.line >= 1 && !manifest.error().message.empty());
  }
  return 0;
}
