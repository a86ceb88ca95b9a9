#include "gitops/edit/verify.h"

#include <fmt/format.h>

#include "schemas/assert.h"
#include "schemas/yaml/json_text.h"
#include "schemas/yaml/second_parser.h"
#include "schemas/yaml/simple_yaml.h"

namespace lockkeeper {
namespace {

class ChangeVerifier {
 public:
  ChangeVerifier(const TextLevel& old_level, const TextChanges& changes)
      : old_(old_level), changes_(changes), change_(changes.at(&old_level)) {}

  std::optional<std::string> Verify() {
    auto parsed = ParseWithLibfyaml(change_.text, kUserFileLimits);
    if (!parsed) return fmt::format("the result is no YAML: {}", parsed.error().message);
    if (IsJsonDocument(old_.text) && !IsJsonDocument(change_.text)) return "the result is no JSON";
    if (!SameStreams(old_.stream, *parsed)) {
      return fmt::format("the result differs in line {}, where nothing was to change", different_line_);
    }
    if (auto problem = AskSecondParser(*parsed)) return problem;
    for (const auto& [scalar, inner] : change_.embedded) {
      if (auto problem = ChangeVerifier(*inner, changes_).Verify()) return problem;
    }
    return std::nullopt;
  }

 private:
  // The value that a scalar of the old text must have in the new one.
  std::string_view PlannedValue(const YamlNode& node) const {
    if (auto leaf = change_.leaves.find(&node); leaf != change_.leaves.end()) return leaf->second.value;
    if (auto inner = change_.embedded.find(&node); inner != change_.embedded.end()) {
      return changes_.at(inner->second).text;
    }
    return node.value;
  }
  ScalarStyle PlannedStyle(const YamlNode& node) const {
    auto leaf = change_.leaves.find(&node);
    return leaf == change_.leaves.end() ? node.style : leaf->second.style;
  }
  bool IsPlanned(const YamlNode& node) const {
    return change_.leaves.contains(&node) || change_.embedded.contains(&node);
  }

  // How many fields more a mapping has in the new text.
  size_t AddedTo(const YamlNode& mapping) const { return change_.insertions.contains(&mapping) ? 1 : 0; }
  // Where the field that was at `index` is in the new text.
  size_t Moved(const YamlNode& mapping, size_t index) const {
    auto insertion = change_.insertions.find(&mapping);
    return insertion == change_.insertions.end() || index < insertion->second.index ? index : index + 1;
  }
  // `planned` is the mapping of the old text, as libfyaml read it.
  bool HoldsInsertion(const YamlNode& planned, const YamlNode& after) const {
    auto found = change_.insertions.find(&planned);
    if (found == change_.insertions.end()) return true;
    const TextChange::Insertion& insertion = found->second;
    const YamlNode& key = after.keys[insertion.index];
    const YamlNode& value = after.children[insertion.index];
    auto is_bare = [](const YamlNode& node) {
      return node.is_scalar() && node.tag.empty() && node.anchor.empty();
    };
    return is_bare(key) && key.value == insertion.key && is_bare(value) &&
           value.style == ScalarStyle::kPlain && value.value == insertion.value;
  }

  bool SameStreams(const YamlStream& before, const YamlStream& after) {
    different_line_ = 1;
    if (before.documents.size() != after.documents.size()) return false;
    for (size_t i = 0; i < before.documents.size(); ++i) {
      if (!SameNodes(before.documents[i], after.documents[i])) return false;
    }
    return true;
  }
  bool SameNodes(const YamlNode& before, const YamlNode& after) {
    different_line_ = before.mark.line;
    if (before.kind != after.kind || before.tag != after.tag || before.anchor != after.anchor ||
        before.flow != after.flow || after.keys.size() != before.keys.size() + AddedTo(before) ||
        after.children.size() != before.children.size() + AddedTo(before) ||
        PlannedStyle(before) != after.style || PlannedValue(before) != after.value) {
      return false;
    }
    if (!HoldsInsertion(before, after)) return false;
    for (size_t i = 0; i < before.children.size(); ++i) {
      const size_t now = Moved(before, i);
      if (before.is_mapping() && !SameNodes(before.keys[i], after.keys[now])) return false;
      if (!SameNodes(before.children[i], after.children[now])) return false;
    }
    return true;
  }

  // Usually both parsers see the new text alike. Where they differ about things that the edit does not touch,
  // what yaml-cpp makes of the old text and of the new one must differ in the planned values only.
  std::optional<std::string> AskSecondParser(const YamlStream& first) {
    auto second = ParseWithYamlCpp(change_.text, kUserFileLimits, DuplicateKeys::kKeep);
    if (!second && AgreeWithoutAnchors(first)) return std::nullopt;
    if (!second) {
      return fmt::format("the second YAML parser does not read the text: {}:{}: {}", second.error().mark.line,
                         second.error().mark.column, second.error().message);
    }
    if (AgreeOnStreams(first, *second)) return std::nullopt;
    auto second_old = ParseWithYamlCpp(old_.text, kUserFileLimits, DuplicateKeys::kKeep);
    const size_t documents = old_.stream.documents.size();
    bool same =
        second_old && second_old->documents.size() == documents && second->documents.size() == documents;
    for (size_t i = 0; same && i < documents; ++i) {
      same = SameForSecond(old_.stream.documents[i], second_old->documents[i], second->documents[i]);
    }
    if (same) return std::nullopt;
    return fmt::format("the two YAML parsers read this file differently near line {}", different_line_);
  }

  // yaml-cpp does not read a block scalar behind an anchor in a list. Anchors and aliases have no part in an
  // edit, so both parsers may be asked about the text without them.
  bool AgreeWithoutAnchors(const YamlStream& first) {
    std::string text = change_.text;
    for (const YamlNode& document : first.documents) EraseAnchors(document, text);
    if (text == change_.text) return false;
    const auto one = ParseWithLibfyaml(text, kUserFileLimits);
    const auto other = ParseWithYamlCpp(text, kUserFileLimits, DuplicateKeys::kKeep);
    return one && other && AgreeOnStreams(*one, *other);
  }
  static void EraseAnchors(const YamlNode& node, std::string& text) {
    if (node.kind == NodeKind::kAlias) text[node.begin] = '_';
    if (!node.anchor.empty() && node.begin != std::string::npos) {
      const size_t at = text.rfind("&" + node.anchor, node.begin);
      if (at != std::string::npos) text.replace(at, node.anchor.size() + 1, node.anchor.size() + 1, ' ');
    }
    for (const YamlNode& key : node.keys) EraseAnchors(key, text);
    for (const YamlNode& child : node.children) EraseAnchors(child, text);
  }

  bool AgreeOnStreams(const YamlStream& first, const YamlStream& second) {
    different_line_ = 1;
    if (first.documents.size() != second.documents.size()) return false;
    for (size_t i = 0; i < first.documents.size(); ++i) {
      if (!AgreeOnNodes(first.documents[i], second.documents[i])) return false;
    }
    return true;
  }
  bool AgreeOnNodes(const YamlNode& first, const YamlNode& second) {
    different_line_ = first.mark.line;
    if (first.kind != second.kind || first.keys.size() != second.keys.size() ||
        first.children.size() != second.children.size() || first.tag != second.tag ||
        first.anchor != second.anchor) {
      return false;
    }
    const bool both_null = first.is_null() && second.is_null();
    if (!both_null && (first.value != second.value || first.style != second.style)) return false;
    for (size_t i = 0; i < first.children.size(); ++i) {
      if (first.is_mapping() && !AgreeOnNodes(first.keys[i], second.keys[i])) return false;
      if (!AgreeOnNodes(first.children[i], second.children[i])) return false;
    }
    return true;
  }

  // `first_old` only tells which of yaml-cpp's nodes are the planned ones.
  bool SameForSecond(const YamlNode& first_old, const YamlNode& before, const YamlNode& after) {
    different_line_ = first_old.mark.line;
    if (first_old.kind != before.kind || before.kind != after.kind || before.tag != after.tag ||
        before.anchor != after.anchor || after.keys.size() != before.keys.size() + AddedTo(first_old) ||
        after.children.size() != before.children.size() + AddedTo(first_old) ||
        first_old.children.size() != before.children.size()) {
      return false;
    }
    if (IsPlanned(first_old)) return ChangesAlike(first_old, before.value, after.value);
    if (before.value != after.value || before.style != after.style) return false;
    if (!HoldsInsertion(first_old, after)) return false;
    for (size_t i = 0; i < before.children.size(); ++i) {
      const size_t now = Moved(first_old, i);
      if (before.is_mapping() && !SameForSecond(first_old.keys[i], before.keys[i], after.keys[now]))
        return false;
      if (!SameForSecond(first_old.children[i], before.children[i], after.children[now])) return false;
    }
    return true;
  }

  // yaml-cpp loses line breaks at the end of some folded blocks; it must lose as many of the new one.
  bool ChangesAlike(const YamlNode& first_old, std::string_view before, std::string_view after) const {
    auto text = [](std::string_view value) { return value.substr(0, value.find_last_not_of('\n') + 1); };
    const std::string_view planned = PlannedValue(first_old);
    return text(before) == text(first_old.value) && text(after) == text(planned) &&
           before.size() - text(before).size() == after.size() - text(after).size();
  }

  const TextLevel& old_;
  const TextChanges& changes_;
  const TextChange& change_;
  int different_line_ = 0;
};

}  // namespace

std::optional<std::string> FindUnplannedChange(const TextLevel& file, const TextChanges& changes) {
  return ChangeVerifier(file, changes).Verify();
}

}  // namespace lockkeeper
