// The first line is a field path, the rest a YAML text. A path survives writing and reading; what it leads to
// is there.
#include <cstddef>
#include <cstdint>

#include "schemas/assert.h"
#include "schemas/yaml/field_path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line_end = std::min(input.find('\n'), size);
  const auto path = ParseFieldPath(input.substr(0, line_end));
  if (!path) {
    LK_ASSERT(path.error().message.contains("column") || path.error().message.contains("more than"));
    return 0;
  }
  const auto again = ParseFieldPath(FormatFieldPath(*path));
  // Escaping may carry a path of nearly 4096 bytes past that.
  LK_ASSERT(again ? *again == *path : line_end > 2000);

  const std::string_view text = input.substr(std::min(line_end + 1, size));
  const auto stream = ParseUserYaml(text);
  if (!stream) return 0;
  for (const YamlNode& document : stream->documents) {
    const auto target = Locate(text, document, *path);
    if (target) {
      LK_ASSERT(text.substr(target->begin, target->end - target->begin) == target->value);
      LK_ASSERT(target->mark.line >= 1 && target->mark.column >= 1);
    } else {
      LK_ASSERT(!target.error().code.empty() && target.error().mark.line >= 1);
    }
  }
  return 0;
}
