#include "schemas/yaml/simple_yaml.h"

#include <algorithm>
#include <vector>

#include "schemas/yaml/source_text.h"
#include "schemas/yaml/tree_builder.h"

namespace lockkeeper {
namespace {

constexpr size_t kKeyBytesMax = 128;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool IsKeyByte(char c) { return IsWordByte(c) || c == '.' || c == '/' || c == '-'; }

class SimpleReader {
 public:
  SimpleReader(std::string_view text, const YamlLimits& limits) : text_(text), builder_(limits) {}

  std::optional<YamlStream> Read() {
    if (SkipPlainText(text_, 0) != text_.size()) return std::nullopt;
    while (NextLine()) {
      if (!(at_ == line_begin_ && Line().starts_with("--") ? Separator() : Content())) return std::nullopt;
    }
    if (frames_.empty() || !EndDocument(text_.size())) return std::nullopt;
    return builder_.Take();
  }

 private:
  struct Frame {
    size_t column;  ///< of its keys or dashes, from 0
    bool is_mapping;
    bool beside_key;  ///< a list whose dashes stand right below the key that it belongs to
  };

  // The next line that is neither blank nor a comment; at_ is its first byte that is no blank.
  bool NextLine() {
    while (next_ < text_.size()) {
      line_begin_ = next_;
      line_end_ = std::min(text_.find('\n', next_), text_.size());
      next_ = line_end_ + 1;
      ++line_;
      at_ = std::min(text_.find_first_not_of(' ', line_begin_), line_end_);
      if (at_ < line_end_ && text_[at_] != '#') return true;
    }
    return false;
  }

  std::string_view Line() const { return text_.substr(line_begin_, line_end_ - line_begin_); }
  size_t Column(size_t offset) const { return offset - line_begin_; }
  Mark MarkAt(size_t offset) const { return {line_, static_cast<int>(Column(offset)) + 1}; }
  bool IsDash(size_t offset) const {
    return text_[offset] == '-' && (offset + 1 >= line_end_ || text_[offset + 1] == ' ');
  }

  bool Separator() {
    if (Line() != "---") return false;
    if (!frames_.empty()) return EndDocument(line_begin_);
    if (separated_) return false;  // An empty document.
    separated_ = true;
    return true;
  }

  bool EndDocument(size_t offset) {
    EndLiteral(offset);
    if (!EndPending()) return false;
    while (!frames_.empty()) Close(offset);
    separated_ = true;
    return true;
  }

  void EndLiteral(size_t offset) {
    if (literal_ != nullptr) literal_->end = offset;
    literal_ = nullptr;
  }

  // A key without a value is null, which stands where the key ends.
  bool EndPending() {
    if (!pending_) return true;
    pending_ = false;
    return builder_.Add(pending_mark_) != nullptr;
  }

  void Close(size_t offset) {
    builder_.Close()->end = offset;
    frames_.pop_back();
  }

  bool OpenBlock(size_t offset, bool is_mapping, bool beside_key) {
    YamlNode* node = builder_.Add(MarkAt(offset));
    if (node == nullptr) return false;
    node->kind = is_mapping ? NodeKind::kMapping : NodeKind::kSequence;
    node->begin = offset;
    frames_.push_back({Column(offset), is_mapping, beside_key});
    return builder_.Open(node);
  }

  bool Content() {
    EndLiteral(at_);
    const bool dash = IsDash(at_);
    const size_t column = Column(at_);
    if (frames_.empty()) {
      if (column != 0) return false;
      if (separated_ || !started_) {
        started_ = true;
        separated_ = false;
        if (!builder_.StartDocument(MarkAt(at_)) || !OpenBlock(at_, !dash, false)) return false;
      } else {
        return false;
      }
    } else if (pending_ && column > frames_.back().column) {
      pending_ = false;
      if (!OpenBlock(at_, !dash, false)) return false;
    } else if (pending_ && dash && column == frames_.back().column) {
      pending_ = false;
      if (!OpenBlock(at_, false, true)) return false;
    } else {
      if (!EndPending()) return false;
      while (!frames_.empty() && frames_.back().column > column) Close(at_);
      if (!frames_.empty() && frames_.back().beside_key && !dash && frames_.back().column == column) {
        Close(at_);
      }
      if (frames_.empty() || frames_.back().column != column || frames_.back().is_mapping == dash)
        return false;
    }
    return dash ? Item() : Entry(at_);
  }

  bool Item() {
    const size_t first = text_.find_first_not_of(' ', at_ + 1);
    if (first >= line_end_ || IsDash(first)) return false;
    if (KeyEnd(first) == 0) return Value(first);
    if (!OpenBlock(first, true, false)) return false;
    return Entry(first);
  }

  // Where the key that begins here ends; 0: there is none, though a colon may still make one.
  size_t KeyEnd(size_t begin) const {
    if (!IsWordByte(text_[begin])) return 0;
    size_t end = begin;
    while (end < line_end_ && IsKeyByte(text_[end])) ++end;
    const bool is_key = end < line_end_ && text_[end] == ':' && end - begin <= kKeyBytesMax &&
                        (end + 1 == line_end_ || text_[end + 1] == ' ');
    return is_key ? end : 0;
  }

  bool Entry(size_t begin) {
    const size_t end = KeyEnd(begin);
    if (end == 0 || !AddScalar(ScalarStyle::kPlain, begin, end)) return false;
    const size_t value = text_.find_first_not_of(' ', end + 1);
    if (value < line_end_ && text_[value] != '#') return Value(value);
    pending_ = true;
    pending_mark_ = MarkAt(end);
    return true;
  }

  YamlNode* AddScalar(ScalarStyle style, size_t begin, size_t end) {
    YamlNode* node = builder_.Add(MarkAt(begin));
    if (node == nullptr) return nullptr;
    node->style = style;
    node->begin = begin;
    node->end = end;
    node->value = text_.substr(begin, end - begin);
    return node;
  }

  // Whether nothing but blanks and a comment follow on the line.
  bool EndsLine(size_t offset) const {
    const size_t next = std::min(text_.find_first_not_of(' ', offset), line_end_);
    return next >= line_end_ || (next > offset && text_[next] == '#');
  }

  bool Value(size_t begin) {
    const char c = text_[begin];
    if (c == '|') return Literal(begin);
    if (c == '"' || c == '\'') return Quoted(begin);
    if (c == '{' || c == '[') return EmptyCollection(begin);
    const bool signed_word = (c == '-' || c == '+') && begin + 1 < line_end_ && IsWordByte(text_[begin + 1]);
    if (!IsWordByte(c) && c != '/' && c != '.' && c != '$' && c != '~' && !signed_word) return false;
    const std::string_view rest = text_.substr(begin, line_end_ - begin);
    const size_t comment = rest.find(" #");
    const size_t end = begin + rest.substr(0, comment).find_last_not_of(' ') + 1;
    const std::string_view value = text_.substr(begin, end - begin);
    if (value.ends_with(':') || value.contains(": ")) return false;
    return AddScalar(ScalarStyle::kPlain, begin, end) != nullptr;
  }

  bool Quoted(size_t begin) {
    const char quote = text_[begin];
    const size_t end = text_.find(quote, begin + 1);
    if (end >= line_end_ || !EndsLine(end + 1)) return false;
    if (quote == '"' && text_.substr(begin, end - begin).contains('\\')) return false;
    const auto style = quote == '"' ? ScalarStyle::kDoubleQuoted : ScalarStyle::kSingleQuoted;
    return AddScalar(style, begin + 1, end) != nullptr;
  }

  bool EmptyCollection(size_t begin) {
    const std::string_view brackets = text_.substr(begin, 2);
    if ((brackets != "{}" && brackets != "[]") || !EndsLine(begin + 2)) return false;
    YamlNode* node = builder_.Add(MarkAt(begin));
    if (node == nullptr) return false;
    node->kind = brackets == "{}" ? NodeKind::kMapping : NodeKind::kSequence;
    node->flow = true;
    node->begin = begin;
    node->end = begin + 2;
    return builder_.Open(node) && builder_.Close() != nullptr;
  }

  bool Literal(size_t begin) {
    const std::string_view header = text_.substr(begin, line_end_ - begin);
    if (header != "|" && header != "|-") return false;
    const size_t outer = frames_.back().column;
    const size_t first = std::min(text_.find_first_not_of(' ', next_), text_.size());
    if (next_ >= text_.size() || first == text_.size() || text_[first] == '\n') return false;
    const size_t block_begin = next_;
    const size_t indentation = first - next_;
    if (indentation <= outer) return false;
    std::string value;
    size_t content_end = 0;  // Of `value`: blank lines at the end are only kept if more text follows.
    bool last_has_break = false;
    const int mark_line = line_ + 1;
    while (next_ < text_.size()) {
      const size_t line_end = std::min(text_.find('\n', next_), text_.size());
      const size_t start = std::min(text_.find_first_not_of(' ', next_), line_end);
      if (start == line_end) {
        if (start != next_) return false;  // Blanks alone: how many of them count is for the whole parser.
        value.push_back('\n');
      } else if (start - next_ < indentation) {
        if (text_[start] == '#') return false;
        break;
      } else {
        value += text_.substr(next_ + indentation, line_end - next_ - indentation);
        content_end = value.size();
        last_has_break = line_end < text_.size();
        if (last_has_break) value.push_back('\n');
      }
      next_ = line_end + 1;
      ++line_;
    }
    value.resize(content_end);
    if (header == "|" && last_has_break) value.push_back('\n');
    YamlNode* node = builder_.Add({mark_line, static_cast<int>(indentation) + 1});
    if (node == nullptr) return false;
    node->style = ScalarStyle::kLiteral;
    node->begin = block_begin;
    node->value = std::move(value);
    literal_ = node;
    return true;
  }

  std::string_view text_;
  TreeBuilder builder_;
  std::vector<Frame> frames_;
  size_t next_ = 0;  ///< where the next line begins
  size_t line_begin_ = 0;
  size_t line_end_ = 0;
  size_t at_ = 0;
  int line_ = 0;
  bool started_ = false;    ///< the first document
  bool separated_ = false;  ///< by `---`, and nothing has followed yet
  bool pending_ = false;    ///< a key stands there and waits for its value
  Mark pending_mark_;
  YamlNode* literal_ = nullptr;  ///< whose end is where the next content begins
};

}  // namespace

std::optional<YamlStream> ParseSimpleYaml(std::string_view text, const YamlLimits& limits) {
  return SimpleReader(text, limits).Read();
}

}  // namespace lockkeeper
