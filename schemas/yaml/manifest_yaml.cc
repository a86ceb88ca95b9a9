#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <spanstream>
#include <unordered_map>
#include <unordered_set>

#include "schemas/assert.h"
#include "schemas/yaml/node.h"
#include "schemas/yaml/second_parser.h"
#include "schemas/yaml/source_text.h"
#include "schemas/yaml/tree_builder.h"

namespace lockkeeper {
namespace {

// Leaves yaml-cpp's parser from inside one of its callbacks; never leaves this file.
struct Refusal {
  YamlError error;
};

ScalarStyle StyleAt(std::string_view text, size_t offset) {
  switch (offset < text.size() ? text[offset] : '\0') {
    case '\'':
      return ScalarStyle::kSingleQuoted;
    case '"':
      return ScalarStyle::kDoubleQuoted;
    case '|':
      return ScalarStyle::kLiteral;
    case '>':
      return ScalarStyle::kFolded;
    default:
      return ScalarStyle::kPlain;
  }
}

class ManifestReader : public YAML::EventHandler {
 public:
  ManifestReader(std::string_view text, const YamlLimits& limits, DuplicateKeys duplicate_keys)
      : text_(text),
        bom_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0),
        lines_(text),
        builder_(limits),
        duplicate_keys_(duplicate_keys) {}

  YamlStream Read() {
    std::ispanstream in(std::span<const char>(text_.data(), text_.size()));
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(*this)) {
    }
    return builder_.Take();
  }

  Mark MarkOf(const YAML::Mark& mark) const { return lines_.At(OffsetOf(mark)); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    const size_t offset = OffsetOf(mark);
    // At a stray ',' or ']' yaml-cpp yields empty documents for ever.
    if (started_ && offset <= document_offset_) {
      throw Refusal{{lines_.At(offset), "yaml-syntax", "no YAML value can begin here"}};
    }
    started_ = true;
    document_offset_ = offset;
    anchors_.clear();
    Check(builder_.StartDocument(lines_.At(offset)));
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode& node = AddNode(lines_.At(BeforeBlank(OffsetOf(mark))));
    SetAnchor(node, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode& node = AddNode(mark);
    node.kind = NodeKind::kAlias;
    node.value = anchors_[anchor];
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const size_t offset = SkipProperties(OffsetOf(mark));
    const ScalarStyle style = tag == "?" ? ScalarStyle::kPlain : StyleAt(text_, offset);
    const bool quoted = style == ScalarStyle::kSingleQuoted || style == ScalarStyle::kDoubleQuoted;
    YamlNode& node = AddNode(lines_.At(offset + (quoted ? 1 : 0)));
    node.style = style;
    node.value = value;
    if (tag != "?" && (tag != "!" || style == ScalarStyle::kPlain)) node.tag = tag;
    SetAnchor(node, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    Open(NodeKind::kSequence, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { builder_.Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    Open(NodeKind::kMapping, mark, tag, anchor, style);
  }
  void OnMapEnd() override {
    const YamlNode* mapping = builder_.Close();
    if (duplicate_keys_ == DuplicateKeys::kRefuse) CheckKeys(*mapping);
  }
  void OnAnchor(const YAML::Mark&, const std::string& name) override { last_anchor_ = name; }

 private:
  size_t OffsetOf(const YAML::Mark& mark) const {
    // yaml-cpp does not count the byte order mark.
    return mark.pos < 0 ? text_.size() : std::min(static_cast<size_t>(mark.pos) + bom_, text_.size());
  }

  // yaml-cpp's mark of a tagged or anchored value is that of the tag or anchor.
  size_t SkipProperties(size_t offset) const {
    while (offset < text_.size() && (text_[offset] == '&' || text_[offset] == '!')) {
      offset = std::min(text_.find_first_of(" \t\r\n", offset), text_.size());
      offset = std::min(text_.find_first_not_of(" \t\r\n", offset), text_.size());
      while (offset < text_.size() && text_[offset] == '#') {
        offset = std::min(text_.find_first_of("\r\n", offset), text_.size());
        offset = std::min(text_.find_first_not_of(" \t\r\n", offset), text_.size());
      }
    }
    return offset;
  }

  // yaml-cpp's mark of a value that is not there is that of whatever comes next, maybe lines below.
  size_t BeforeBlank(size_t offset) const {
    if (offset < text_.size() && (text_[offset] == '~' || text_[offset] == 'n' || text_[offset] == 'N'))
      return offset;
    const size_t origin = offset;
    while (true) {
      const size_t last =
          offset == 0 ? std::string_view::npos : text_.find_last_not_of(" \t\r\n", offset - 1);
      if (last == std::string_view::npos) return origin;
      const size_t before_line = text_.find_last_of("\r\n", last);
      const size_t line = before_line == std::string_view::npos ? bom_ : before_line + 1;
      const size_t first = text_.find_first_not_of(" \t", line);
      if (text_[first] != '#') return last + 1;
      offset = line;
    }
  }

  void Check(bool within_limits) const {
    if (within_limits) return;
    LK_ASSERT(builder_.error().has_value());
    throw Refusal{*builder_.error()};
  }
  YamlNode& AddNode(Mark mark) {
    YamlNode* node = builder_.Add(mark);
    Check(node != nullptr);
    return *node;
  }
  YamlNode& AddNode(const YAML::Mark& mark) { return AddNode(MarkOf(mark)); }

  void SetAnchor(YamlNode& node, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    node.anchor = last_anchor_;
    anchors_[anchor] = last_anchor_;
  }

  void Open(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    YamlNode& node = AddNode(mark);
    node.kind = kind;
    node.flow = node.flow || style == YAML::EmitterStyle::Flow;
    if (tag != "?" && tag != "!") node.tag = tag;
    SetAnchor(node, anchor);
    Check(builder_.Open(&node));
  }

  static void CheckKeys(const YamlNode& mapping) {
    std::unordered_set<std::string_view> seen;
    for (const YamlNode& key : mapping.keys) {
      if (key.is_scalar() && !seen.insert(key.value).second) {
        throw Refusal{{key.mark, "yaml-duplicate-key",
                       fmt::format("the key '{}' is here a second time; remove one of them", key.value)}};
      }
    }
  }

  std::string_view text_;
  size_t bom_;
  LineIndex lines_;
  TreeBuilder builder_;
  DuplicateKeys duplicate_keys_;
  bool started_ = false;
  size_t document_offset_ = 0;
  std::string last_anchor_;
  std::unordered_map<YAML::anchor_t, std::string> anchors_;
};

}  // namespace

std::expected<YamlStream, YamlError> ParseWithYamlCpp(std::string_view text, const YamlLimits& limits,
                                                      DuplicateKeys duplicate_keys) {
  if (auto error = CheckYamlText(text, limits)) return std::unexpected(std::move(*error));
  ManifestReader reader(text, limits, duplicate_keys);
  try {
    return reader.Read();
  } catch (Refusal& refusal) {
    return std::unexpected(std::move(refusal.error));
  } catch (const YAML::Exception& e) {
    return std::unexpected(YamlError{reader.MarkOf(e.mark), "yaml-syntax", e.msg});
  } catch (const std::exception& e) {
    // bad_alloc, length_error and the like: yaml-cpp lets them out on hostile text.
    return std::unexpected(
        YamlError{{1, 1}, "yaml-syntax", fmt::format("cannot be read as YAML: {}", e.what())});
  }
}

std::expected<YamlStream, YamlError> ParseManifestYaml(std::string_view text, const YamlLimits& limits) {
  // yaml-cpp takes much that is no YAML (`[a,,b]`, a lone quote), so it only reads what libfyaml finds
  // correct.
  if (auto checked = ParseUserYaml(text, limits); !checked)
    return std::unexpected(std::move(checked.error()));
  return ParseWithYamlCpp(text, limits, DuplicateKeys::kRefuse);
}

}  // namespace lockkeeper
