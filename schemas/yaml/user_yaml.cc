#include <fmt/format.h>
#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "schemas/yaml/empty_blocks.h"
#include "schemas/yaml/node.h"
#include "schemas/yaml/scalar_decoder.h"
#include "schemas/yaml/simple_yaml.h"
#include "schemas/yaml/source_text.h"
#include "schemas/yaml/tree_builder.h"

namespace lockkeeper {
namespace {

struct DiagDeleter {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct ParserDeleter {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct EventDeleter {
  fy_parser* parser;
  void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
};
using DiagHandle = std::unique_ptr<fy_diag, DiagDeleter>;
using ParserHandle = std::unique_ptr<fy_parser, ParserDeleter>;
using EventHandle = std::unique_ptr<fy_event, EventDeleter>;

// Without an output of its own libfyaml prints to stderr whatever the flags say; here it collects.
DiagHandle MakeDiag() {
  fy_diag_cfg config;
  fy_diag_cfg_default(&config);
  config.fp = nullptr;
  config.output_fn = nullptr;
  config.colorize = false;
  DiagHandle diag(fy_diag_create(&config));
  if (!diag) throw std::bad_alloc();
  fy_diag_set_collect_errors(diag.get(), true);
  return diag;
}

std::string_view TokenText(fy_token* token) {
  if (token == nullptr) return {};
  size_t length = 0;
  const char* text = fy_token_get_text(token, &length);
  return text == nullptr ? std::string_view() : std::string_view(text, length);
}

ScalarStyle StyleOf(fy_token* token) {
  switch (fy_token_scalar_style(token)) {
    case FYSS_SINGLE_QUOTED:
      return ScalarStyle::kSingleQuoted;
    case FYSS_DOUBLE_QUOTED:
      return ScalarStyle::kDoubleQuoted;
    case FYSS_LITERAL:
      return ScalarStyle::kLiteral;
    case FYSS_FOLDED:
      return ScalarStyle::kFolded;
    default:
      return ScalarStyle::kPlain;
  }
}

class UserYamlReader {
 public:
  UserYamlReader(std::string_view text, const YamlLimits& limits)
      : text_(text), patched_(HideEmptyBlocks(text)), lines_(text), builder_(limits), diag_(MakeDiag()) {
    fy_parse_cfg config{};
    // Other tools take a closing bracket that is not indented, and many files have one.
    config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_ALLOW_DUPLICATE_KEYS |
                                                   FYPCF_SLOPPY_FLOW_INDENTATION);
    config.diag = diag_.get();
    parser_.reset(fy_parser_create(&config));
    if (!parser_ || fy_parser_set_string(parser_.get(), structure().data(), structure().size()) != 0)
      throw std::bad_alloc();
  }

  std::expected<YamlStream, YamlError> Read() {
    while (EventHandle event{fy_parser_parse(parser_.get()), EventDeleter{parser_.get()}}) {
      if (event->type == FYET_STREAM_END) {
        if (fy_parser_get_stream_error(parser_.get())) break;
        return builder_.Take();
      }
      if (!Take(*event)) return std::unexpected(error_ ? *error_ : *builder_.error());
    }
    return std::unexpected(ParserError());
  }

 private:
  // Where the event's own token begins and ends; a token that is not there leaves the place after the last
  // one.
  struct Span {
    size_t begin;
    size_t end;
  };
  Span SpanOf(fy_token* token) {
    const fy_mark* begin = token == nullptr ? nullptr : fy_token_start_mark(token);
    const fy_mark* end = token == nullptr ? nullptr : fy_token_end_mark(token);
    if (begin == nullptr || end == nullptr) return {last_end_, last_end_};
    last_end_ = end->input_pos;
    return {begin->input_pos, end->input_pos};
  }

  bool Take(fy_event& event) {
    switch (event.type) {
      case FYET_DOCUMENT_START:
        return builder_.StartDocument(lines_.At(SpanOf(event.document_start.document_start).begin));
      case FYET_SCALAR:
        return TakeScalar(event.scalar);
      case FYET_ALIAS:
        return TakeAlias(event.alias.anchor);
      case FYET_MAPPING_START: {
        const auto& start = event.mapping_start;
        return TakeStart(NodeKind::kMapping, start.mapping_start, start.tag, start.anchor);
      }
      case FYET_SEQUENCE_START: {
        const auto& start = event.sequence_start;
        return TakeStart(NodeKind::kSequence, start.sequence_start, start.tag, start.anchor);
      }
      case FYET_MAPPING_END:
        builder_.Close()->end = SpanOf(event.mapping_end.mapping_end).end;
        return true;
      case FYET_SEQUENCE_END:
        builder_.Close()->end = SpanOf(event.sequence_end.sequence_end).end;
        return true;
      default:
        return true;
    }
  }

  bool TakeScalar(const fy_event_scalar_data& scalar) {
    const bool absent = scalar.value == nullptr || fy_token_start_mark(scalar.value) == nullptr;
    for (fy_token* property : {scalar.tag, scalar.anchor}) {
      const size_t before = last_end_;
      SpanOf(property);
      last_end_ = std::max(before, last_end_);
    }
    const size_t from = last_end_;
    const auto [begin, end] = SpanOf(scalar.value);
    const ScalarStyle style = absent ? ScalarStyle::kPlain : StyleOf(scalar.value);
    const bool block = style == ScalarStyle::kLiteral || style == ScalarStyle::kFolded;
    const size_t first = block ? std::min(text_.find_first_not_of(" \r\n", begin), end) : begin;
    const YamlNode* parent = builder_.innermost();
    YamlNode* node = builder_.Add(lines_.At(first));
    if (node == nullptr) return false;
    node->style = style;
    SetProperties(*node, scalar.tag, scalar.anchor);
    if (absent) return true;
    node->begin = begin;
    node->end = end;
    if (!block && patched_ && (*patched_)[begin] == '~' && text_[begin] != '~')
      return DecodeHiddenBlock(*node);
    if (!block) return DecodeFlow(*node);
    const auto header = FindBlockHeader(text_, from, begin);
    if (!header) {
      error_ = YamlError{node->mark, "yaml-syntax", "the | or > of this block cannot be found"};
      return false;
    }
    if (parent != nullptr && header->indentation == 0 && !IsDeeper(*node, *parent)) {
      error_ =
          YamlError{node->mark, "yaml-syntax", "this text of a block must be indented more than its key"};
      return false;
    }
    DecodeBlock(*node, *header, parent);
    return true;
  }

  // A guard for what HideEmptyBlocks does not find.
  bool IsDeeper(const YamlNode& block, const YamlNode& parent) const {
    return DetectIndentation(text_, block.begin, block.end) >= static_cast<size_t>(parent.mark.column) ||
           text_.find_first_not_of(" \r\n", block.begin) >= block.end;
  }

  // A header that was hidden from libfyaml: a block scalar without lines, or with empty ones that `+` keeps.
  bool DecodeHiddenBlock(YamlNode& node) {
    const std::string_view header = text_.substr(node.begin, std::min<size_t>(3, text_.size() - node.begin));
    const bool keeps = header.substr(0, header.find_first_of(" \t\r\n#")).contains('+');
    node.style = header[0] == '|' ? ScalarStyle::kLiteral : ScalarStyle::kFolded;
    node.begin = std::min(text_.find('\n', node.begin), text_.size() - 1) + 1;
    size_t text = std::min(text_.find_first_not_of(" \r\n", node.begin), text_.size());
    while (text > node.begin && text_[text - 1] == ' ') --text;
    node.end = text;
    if (keeps) {
      const std::string_view lines = text_.substr(node.begin, node.end - node.begin);
      node.value.assign(static_cast<size_t>(std::ranges::count(lines, '\n')), '\n');
    }
    return true;
  }

  bool DecodeFlow(YamlNode& node) {
    const std::string_view source = text_.substr(node.begin, node.end - node.begin);
    const bool itself = source.find_first_of("\r\n") == std::string_view::npos &&
                        (node.style == ScalarStyle::kPlain ||
                         !source.contains(node.style == ScalarStyle::kSingleQuoted ? '\'' : '\\'));
    if (itself) {
      node.value = source;
      return true;
    }
    ScalarDecoder decoder(text_, node.begin, node.end, ScalarDecoder::Runs::kSkip);
    if (!decoder.Flow(node.style)) {
      error_ = YamlError{node.mark, "yaml-syntax", "an escape in these quotes stands for no character"};
      return false;
    }
    node.value = std::move(decoder.value);
    return true;
  }

  void DecodeBlock(YamlNode& node, const BlockHeader& header, const YamlNode* parent) const {
    // An indicator counts from the indentation of the collection around.
    const size_t outer = parent == nullptr ? 0 : static_cast<size_t>(parent->mark.column) - 1;
    const size_t indentation =
        header.indentation == 0 ? DetectIndentation(text_, node.begin, node.end) : outer + header.indentation;
    ScalarDecoder decoder(text_, node.begin, node.end, ScalarDecoder::Runs::kSkip);
    decoder.Block(node.style, indentation);
    const size_t kept = header.chomping == '-'   ? 0
                        : header.chomping == '+' ? decoder.final_breaks
                        : decoder.value.empty()  ? 0
                                                 : std::min(decoder.final_breaks, size_t{1});
    decoder.value.append(kept, '\n');
    node.value = std::move(decoder.value);
  }

  bool TakeAlias(fy_token* name) {
    const auto [begin, end] = SpanOf(name);
    // The token is the name alone.
    const size_t star = begin > 0 && text_[begin - 1] == '*' ? begin - 1 : begin;
    YamlNode* node = builder_.Add(lines_.At(star));
    if (node == nullptr) return false;
    node->kind = NodeKind::kAlias;
    node->value = TokenText(name);
    node->begin = star;
    node->end = end;
    return true;
  }

  bool TakeStart(NodeKind kind, fy_token* start, fy_token* tag, fy_token* anchor) {
    const auto [begin, end] = SpanOf(start);
    YamlNode* node = builder_.Add(lines_.At(begin));
    if (node == nullptr) return false;
    node->kind = kind;
    node->begin = begin;
    node->end = end;
    // The token of a block collection is empty, that of a flow collection its bracket.
    node->flow = node->flow || end > begin;
    SetProperties(*node, tag, anchor);
    return builder_.Open(node);
  }

  static void SetProperties(YamlNode& node, fy_token* tag, fy_token* anchor) {
    node.tag = TokenText(tag);
    node.anchor = TokenText(anchor);
    // On anything but a plain scalar the non-specific tag says what is so anyway.
    if (node.tag == "!" && (node.kind != NodeKind::kScalar || node.style != ScalarStyle::kPlain))
      node.tag = {};
  }

  YamlError ParserError() {
    void* position = nullptr;
    const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &position);
    if (error == nullptr || error->msg == nullptr) {
      return {lines_.At(last_end_), "yaml-syntax", "this cannot be read as YAML from here on"};
    }
    const size_t offset = error->line < 1 ? last_end_ : OffsetOf(error->line, error->column);
    const YamlNode* open = builder_.innermost();
    if (offset >= text_.size() && open != nullptr && open->flow) {
      return {open->mark, "yaml-syntax", fmt::format("this bracket is never closed ({})", error->msg)};
    }
    return {lines_.At(offset), "yaml-syntax", error->msg};
  }

  // libfyaml counts columns in characters, and takes the end of the text for a line of its own.
  size_t OffsetOf(int line, int column) const {
    if (line > lines_.lines()) return text_.size();
    size_t offset = lines_.LineBegin(line);
    for (int i = 1; i < column && offset < text_.size(); ++i) {
      do {
        ++offset;
      } while (offset < text_.size() && (static_cast<unsigned char>(text_[offset]) & 0xC0U) == 0x80U);
    }
    return offset;
  }

  // What libfyaml reads; as long as text_, from which all values come.
  std::string_view structure() const { return patched_ ? std::string_view(*patched_) : text_; }

  std::string_view text_;
  std::optional<std::string> patched_;
  LineIndex lines_;
  TreeBuilder builder_;
  DiagHandle diag_;
  ParserHandle parser_;
  size_t last_end_ = 0;
  std::optional<YamlError> error_;
};

}  // namespace

std::expected<YamlStream, YamlError> ParseUserYaml(std::string_view text, const YamlLimits& limits) {
  if (auto error = CheckYamlText(text, limits)) return std::unexpected(std::move(*error));
  if (auto simple = ParseSimpleYaml(text, limits)) return std::move(*simple);
  return UserYamlReader(text, limits).Read();
}

std::expected<YamlStream, YamlError> ParseWithLibfyaml(std::string_view text, const YamlLimits& limits) {
  if (auto error = CheckYamlText(text, limits)) return std::unexpected(std::move(*error));
  return UserYamlReader(text, limits).Read();
}

}  // namespace lockkeeper
