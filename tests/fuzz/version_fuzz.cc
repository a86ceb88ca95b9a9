// The first line is a range, the second a release name or a version format, the third a version. What is read
// is written back to the same bytes, and a version is in the ranges that it bounds as the order says.
#include <cstddef>
#include <cstdint>

#include "schemas/assert.h"
#include "schemas/version.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  auto take_line = [&] {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
  };
  const auto range = VersionRange::Parse(take_line());
  LK_ASSERT(range || !range.error().message.empty());

  const std::string_view text = take_line();
  if (const auto name = ParseReleaseName(text)) {
    LK_ASSERT(name->str() == text);
    LK_ASSERT(name->prefix.starts_with(name->provider));
  }
  const std::string_view version_text = take_line();
  const auto version = ParseVersion(version_text);
  if (const auto format = ParseVersionFormat(text)) {
    const auto found = MatchFormat(*format, ApplyFormat(*format, version_text));
    LK_ASSERT(found.has_value() == version.has_value());
    LK_ASSERT(!found || *found == version_text);
  }
  if (!version) return 0;
  LK_ASSERT(version->str() == version_text);
  if (range) (void)range->Contains(*version);
  LK_ASSERT(*version == *version && LevelOf(*version, *version) == BumpLevel::kNone);
  const auto exactly = VersionRange::Parse("=" + version->str());
  // Two numbers are a wildcard in a range.
  LK_ASSERT(exactly && exactly->Contains(*version));
  if (const auto below = VersionRange::Parse("<" + version->str())) LK_ASSERT(!below->Contains(*version));
  if (const auto either = VersionRange::Parse(">=" + version->str())) LK_ASSERT(either->Contains(*version));
  return 0;
}
