#include "gitops/edit/insert_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gitops/edit/plain_scalar.h"
#include "gitops/edit/verify.h"
#include "schemas/yaml/json_text.h"
#include "schemas/yaml/source_text.h"

namespace lockkeeper {
namespace {

/// A way to write the field. Which one holds is the verification's to say.
struct Attempt {
  size_t offset = 0;
  std::string bytes;
  size_t index = 0;  ///< of the field in the mapping, then
};

class FieldInserter {
 public:
  FieldInserter(std::string_view text, const FieldInsertion& insertion) : insertion_(insertion) {
    file_.text = text;
  }

  Result<std::string> Run() {
    if (!FitsPlain(insertion_.key, true) || !FitsPlain(insertion_.value, true))
      return Invalid(fmt::format("'{}: {}' would need quotes", insertion_.key, insertion_.value));
    auto mapping = FindMapping();
    if (!mapping) return std::unexpected(std::move(mapping.error()));
    const std::vector<Attempt> attempts =
        (*mapping)->flow ? FlowAttempts(**mapping) : BlockAttempts(**mapping);
    std::string why = "no field of it begins a line";
    for (const Attempt& attempt : attempts) {
      std::string changed{file_.text};
      changed.insert(attempt.offset, attempt.bytes);
      auto problem = Verify(**mapping, attempt, changed);
      if (!problem) return changed;
      why = *problem;
    }
    return Invalid(fmt::format("{}:{}: {}: '{}: {}' cannot be added here ({}); write it by hand",
                               (*mapping)->mark.line, (*mapping)->mark.column, insertion_.mapping,
                               insertion_.key, insertion_.value, why));
  }

 private:
  Result<const YamlNode*> FindMapping() {
    auto parsed = ParseUserYaml(file_.text, kUserFileLimits);
    if (!parsed) {
      const YamlError& error = parsed.error();
      return Invalid(fmt::format("{}:{}: {}", error.mark.line, error.mark.column, error.message));
    }
    file_.stream = std::move(*parsed);
    const auto& documents = file_.stream.documents;
    if (insertion_.document < 0 || static_cast<size_t>(insertion_.document) >= documents.size()) {
      return Invalid(fmt::format("there is no document {}; the text has {}, counted from 0",
                                 insertion_.document, documents.size()));
    }
    auto path = ParseFieldPath(insertion_.mapping);
    if (!path) return std::unexpected(std::move(path.error()));
    auto mapping = FollowToMapping(file_, documents[static_cast<size_t>(insertion_.document)], *path);
    if (!mapping) {
      const PathProblem& problem = mapping.error();
      return Invalid(fmt::format("{}:{}: {}: {}", problem.mark.line, problem.mark.column, insertion_.mapping,
                                 problem.message));
    }
    auto same = std::ranges::find_if((*mapping)->keys, [&](const YamlNode& key) {
      return key.is_scalar() && key.value == insertion_.key;
    });
    if (same == (*mapping)->keys.end()) return *mapping;
    return Fail(ErrorKind::kConflict, fmt::format("{}:{}: {}: has '{}' already", same->mark.line,
                                                  same->mark.column, insertion_.mapping, insertion_.key));
  }

  std::optional<std::string> Verify(const YamlNode& mapping, const Attempt& attempt,
                                    const std::string& changed) const {
    TextChanges changes;
    TextChange& change = changes[&file_];
    change.insertions[&mapping] = {attempt.index, insertion_.key, insertion_.value};
    change.text = changed;
    return FindUnplannedChange(file_, changes);
  }

  std::string Field() const {
    const bool json = IsJsonDocument(file_.text);
    return fmt::format("{0}{1}{0}: {2}", json ? "\"" : "", insertion_.key, insertion_.value);
  }

  size_t LineBegin(size_t offset) const {
    const size_t line_end = offset == 0 ? std::string_view::npos : file_.text.rfind('\n', offset - 1);
    if (line_end != std::string_view::npos) return line_end + 1;
    return file_.text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  }

  /// The line end before `line_begin`, or else behind it.
  std::string LineEnd(size_t line_begin) const {
    size_t at = line_begin > 0 ? file_.text.rfind('\n', line_begin - 1) : std::string_view::npos;
    if (at == std::string_view::npos) at = file_.text.find('\n', line_begin);
    return at != std::string_view::npos && at > 0 && file_.text[at - 1] == '\r' ? "\r\n" : "\n";
  }

  std::string_view Indentation(size_t line_begin) const {
    const std::string_view line = file_.text.substr(line_begin);
    return line.substr(0, std::min(line.find_first_not_of(' '), line.size()));
  }

  /// The first line of the comments and empty lines right above a line: they belong to what follows, so the
  /// new field goes in front of them.
  size_t AboveComments(size_t line_begin) const {
    while (line_begin > 0) {
      const size_t above = LineBegin(line_begin - 1);
      if (above >= line_begin) break;
      const std::string_view line = file_.text.substr(above, line_begin - above);
      const size_t first = line.find_first_not_of(" \t\r\n");
      if (first != std::string_view::npos && line[first] != '#') break;
      line_begin = above;
    }
    return line_begin;
  }

  /// Where a key begins, with its quotes; npos where that cannot be told.
  static size_t KeyBegin(const YamlNode& key) {
    if (key.begin == std::string_view::npos || !key.is_scalar()) return std::string_view::npos;
    return key.style == ScalarStyle::kPlain ? key.begin : key.begin - 1;
  }

  std::vector<Attempt> BlockAttempts(const YamlNode& mapping) const {
    std::vector<Attempt> attempts;
    // The first key may stand behind a dash, an anchor or a question mark; then the second one helps.
    for (size_t i = 0; i < std::min<size_t>(mapping.keys.size(), 2); ++i) {
      const size_t key = KeyBegin(mapping.keys[i]);
      if (key == std::string_view::npos) continue;
      const size_t line = LineBegin(key);
      const std::string field = std::string{Indentation(line)} + Field() + LineEnd(line);
      if (i == 0) attempts.push_back({AboveComments(line), field, 0});
      attempts.push_back({line, field, i});
    }
    return attempts;
  }

  std::vector<Attempt> FlowAttempts(const YamlNode& mapping) const {
    if (mapping.keys.empty()) return {{mapping.begin + 1, Field(), 0}};
    std::vector<Attempt> attempts;
    if (const size_t key = KeyBegin(mapping.keys.front()); key != std::string_view::npos) {
      const size_t line = LineBegin(key);
      const std::string_view before = file_.text.substr(line, key - line);
      if (line > mapping.begin && before.find_first_not_of(" \t") == std::string_view::npos)
        attempts.push_back({line, std::string{before} + Field() + "," + LineEnd(line), 0});
      attempts.push_back({key, Field() + ", ", 0});
    }
    // In front of whatever else stands before the first key.
    attempts.push_back({mapping.begin + 1, Field() + ", ", 0});
    return attempts;
  }

  const FieldInsertion& insertion_;
  TextLevel file_;
};

}  // namespace

Result<std::string> InsertField(std::string_view text, const FieldInsertion& insertion) {
  return FieldInserter(text, insertion).Run();
}

}  // namespace lockkeeper
