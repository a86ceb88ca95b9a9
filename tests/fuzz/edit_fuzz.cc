// The first line is a field path, the second a value, the rest a YAML text. An edit that is made can be read
// back, changes nothing outside the value's bytes, and can be taken back. A field that is inserted where the
// path leads, and documents that are taken out, leave every other byte alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gitops/edit/edit.h"
#include "gitops/edit/insert_field.h"
#include "gitops/edit/remove_documents.h"
#include "schemas/assert.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

std::expected<PathTarget, PathProblem> LocateFirst(const std::string& text, std::string_view path) {
  const auto stream = ParseUserYaml(text, kUserFileLimits);
  LK_ASSERT(stream && !stream->documents.empty());
  return Locate(text, stream->documents[0], *ParseFieldPath(path));
}

void TryInsertion(const std::string& text, const std::string& path) {
  const auto inserted = InsertField(text, {.mapping = path, .key = "suspend", .value = "true"});
  if (!inserted) {
    LK_ASSERT(!inserted.error().message.empty());
    return;
  }
  LK_ASSERT(inserted->size() > text.size());
  const auto at =
      static_cast<size_t>(std::mismatch(text.begin(), text.end(), inserted->begin()).first - text.begin());
  LK_ASSERT(inserted->ends_with(text.substr(at)));
  const auto again = InsertField(*inserted, {.mapping = path, .key = "suspend", .value = "true"});
  LK_ASSERT(!again && again.error().kind == ErrorKind::kConflict);
}

void TryRemoval(const std::string& text) {
  const auto before = ParseUserYaml(text, kUserFileLimits);
  const auto rest = RemoveDocuments(text, {0});
  if (!rest) {
    LK_ASSERT(!rest.error().message.empty());
    return;
  }
  LK_ASSERT(before && rest->size() < text.size());
  if (rest->empty()) return;
  const auto after = ParseUserYaml(*rest, kUserFileLimits);
  LK_ASSERT(after && after->documents.size() + 1 == before->documents.size());
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
  TryInsertion(text, path);
  TryRemoval(text);

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
