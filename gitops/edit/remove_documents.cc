#include "gitops/edit/remove_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "schemas/yaml/limits.h"
#include "schemas/yaml/node.h"
#include "schemas/yaml/second_parser.h"
#include "schemas/yaml/simple_yaml.h"
#include "schemas/yaml/source_text.h"

namespace lockkeeper {
namespace {

std::unexpected<Error> Refuse(std::string_view why) {
  return Invalid(fmt::format("the document cannot be taken out safely ({}); remove it by hand", why));
}

bool IsMarker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  return line.size() == marker.size() || std::string_view(" \t\r\n").contains(line[marker.size()]);
}

/// The text as pieces, each from its `---` to the next; the first begins with the text. A line that begins so
/// is a document's marker wherever it stands: no scalar may hold it.
Result<std::vector<std::string_view>> Split(std::string_view text) {
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  for (size_t line = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; line < text.size();) {
    const size_t next = std::min(text.find('\n', line), text.size() - 1) + 1;
    const std::string_view bytes = text.substr(line, next - line);
    if (IsMarker(bytes, "...")) return Refuse("a line '...' ends a document");
    if (bytes.starts_with('%')) return Refuse("a line begins with '%', which may be a directive");
    if (IsMarker(bytes, "---")) {
      pieces.push_back(text.substr(begin, line - begin));
      begin = line;
    }
    line = next;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

bool SameNodes(const YamlNode& a, const YamlNode& b) {
  if (a.kind != b.kind || a.style != b.style || a.flow != b.flow || a.value != b.value || a.tag != b.tag ||
      a.anchor != b.anchor || a.keys.size() != b.keys.size() || a.children.size() != b.children.size()) {
    return false;
  }
  return std::ranges::equal(a.keys, b.keys, SameNodes) &&
         std::ranges::equal(a.children, b.children, SameNodes);
}

/// Whether `after` is `before` without these documents.
bool IsWithout(const YamlStream& before, const YamlStream& after, const std::set<int>& documents) {
  size_t at = 0;
  for (size_t i = 0; i < before.documents.size(); ++i) {
    if (documents.contains(static_cast<int>(i))) continue;
    if (at == after.documents.size() || !SameNodes(before.documents[i], after.documents[at++])) return false;
  }
  return at == after.documents.size();
}

bool HasContent(const YamlNode& document) { return !document.is_null(); }

}  // namespace

Result<std::string> RemoveDocuments(std::string_view text, const std::set<int>& documents) {
  const auto before = ParseWithLibfyaml(text, kUserFileLimits);
  if (!before) {
    return Invalid(fmt::format("{}:{}: {}", before.error().mark.line, before.error().mark.column,
                               before.error().message));
  }
  const size_t count = before->documents.size();
  if (documents.empty()) return std::string{text};
  if (*documents.begin() < 0 || static_cast<size_t>(*documents.rbegin()) >= count) {
    return Invalid(fmt::format("there is no document {}; the text has {}, counted from 0",
                               *documents.begin() < 0 ? *documents.begin() : *documents.rbegin(), count));
  }
  bool content_left = false;
  for (size_t i = 0; i < count; ++i)
    content_left =
        content_left || (!documents.contains(static_cast<int>(i)) && HasContent(before->documents[i]));
  if (!content_left) return std::string{};

  auto pieces = Split(text);
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  // What stands above the first `---` is a document of its own, or comments only.
  if (pieces->size() != count && pieces->size() != count + 1) return Refuse("its borders are not clear");
  const size_t comments = pieces->size() - count;
  std::string result;
  for (size_t i = 0; i < pieces->size(); ++i) {
    if (i >= comments && documents.contains(static_cast<int>(i - comments))) continue;
    result += (*pieces)[i];
  }
  const auto after = ParseWithLibfyaml(result, kUserFileLimits);
  if (!after || !IsWithout(*before, *after, documents))
    return Refuse("the others would not stay as they are");
  const auto second_before = ParseWithYamlCpp(text, kUserFileLimits, DuplicateKeys::kKeep);
  const auto second_after = ParseWithYamlCpp(result, kUserFileLimits, DuplicateKeys::kKeep);
  if (!second_before || !second_after || !IsWithout(*second_before, *second_after, documents))
    return Refuse("the second YAML parser reads the rest differently");
  return result;
}

}  // namespace lockkeeper
