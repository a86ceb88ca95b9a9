// The first line is a field path, the second a value, the rest a YAML text. An edit that is made can be read
// back, changes nothing outside the value's bytes, and can be taken back.
#include <cstddef>
#include <cstdint>

#include "gitops/edit/edit.h"
#include "schemas/assert.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

std::expected<PathTarget, PathProblem> LocateFirst(const std::string& text, std::string_view path) {
  const auto stream = ParseUserYaml(text, kUserFileLimits);
  LK_ASSERT(stream && !stream->documents.empty());
  return Locate(text, stream->documents[0], *ParseFieldPath(path));
}

}  // namespace
}  // namespace lockkeeper

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  auto next_line = [&] {
    const std::string line(input.substr(0, input.find('\n')));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    return line;
  };
  const std::string path = next_line();
  const std::string value = next_line();
  const std::string text(input);

  const auto edited = SetScalars(text, {{.path = path, .value = value}});
  if (!edited) {
    LK_ASSERT(!edited.error().message.empty());
    return 0;
  }
  const auto before = LocateFirst(text, path);
  const auto after = LocateFirst(*edited, path);
  LK_ASSERT(before);
  LK_ASSERT(edited->substr(0, before->begin) == text.substr(0, before->begin));
  const std::string rest = text.substr(before->end);
  LK_ASSERT(edited->ends_with(rest));
  if (!after) {
    LK_ASSERT(after.error().code == "encoded");  // the value needed escapes
    return 0;
  }
  LK_ASSERT(after->value == value);
  if (after->style != before->style) return 0;  // quotes were added, and stay
  const auto back = SetScalars(*edited, {{.path = path, .expected = &value, .value = before->value}});
  if (!back) {
    LK_ASSERT(back.error().kind ==
              ErrorKind::kInvalid);  // a value that is left alone from then on, a template
    return 0;
  }
  // A plain value that was a number before, say, comes back in quotes.
  const auto again = LocateFirst(*back, path);
  LK_ASSERT(*back == text ||
            (before->style == ScalarStyle::kPlain && (!again || again->style != before->style)));
  return 0;
}
