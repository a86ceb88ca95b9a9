// Any status file: an answer in bounded time, the same from both readers, and one that is written and read
// back the same.
#include <cstddef>
#include <cstdint>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/status_lines.h"
#include "schemas/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = ParseStatusFile("s.yaml", text);
  const auto yaml = ParseStatusYaml("s.yaml", text);
  LK_ASSERT(whole.has_value() == yaml.has_value());
  if (!whole) {
    LK_ASSERT(whole.error().message.starts_with("s.yaml:"));
    return 0;
  }
  LK_ASSERT(*whole == *yaml);
  const std::string written = FormatStatusFile(*whole);
  const auto lines = ReadStatusLines(written);
  const auto again = ParseStatusYaml("s.yaml", written);
  LK_ASSERT(lines.has_value() && again.has_value() && *lines == *again);
  LK_ASSERT(FormatStatusFile(*again) == written);
  return 0;
}
