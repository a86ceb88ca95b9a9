#include "schemas/yaml/field_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace lockkeeper {
namespace {

constexpr size_t kPathBytesMax = 4096;
constexpr size_t kPathStepsMax = 100;

// Decimal without leading zeros, so that an index has one spelling and `007` is a key.
std::optional<size_t> ReadIndex(std::string_view text) {
  if (text.empty() || text.size() > 9 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  size_t index = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return index;
}

class FieldPathReader {
 public:
  explicit FieldPathReader(std::string_view text) : text_(text) {}

  Result<FieldPath> Read() {
    FieldPath path;
    do {
      if (path.steps.size() == kPathStepsMax)
        return Problem(at_, fmt::format("more than {} steps", kPathStepsMax));
      auto step = At('[') ? ReadBracket() : ReadKey();
      if (!step) return std::unexpected(std::move(step.error()));
      path.steps.push_back(std::move(*step));
    } while (NextStep());
    if (at_ < text_.size()) return Problem(at_, "expected '.' or '[' or the end");
    return path;
  }

 private:
  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }

  // True if another step follows: after a dot, or at once with a bracket (`containers[0]`).
  bool NextStep() {
    if (At('[')) return true;
    if (!At('.')) return false;
    ++at_;
    return true;
  }

  // Text up to one of `stops`; a backslash takes the next byte as it is.
  struct Word {
    std::string text;
    bool escaped = false;
  };
  Result<Word> ReadWord(std::string_view stops) {
    Word word;
    while (at_ < text_.size() && !stops.contains(text_[at_])) {
      if (text_[at_] == '\\') {
        if (++at_ == text_.size()) return Problem(at_ - 1, "expected a character after '\\'");
        word.escaped = true;
      }
      word.text += text_[at_++];
    }
    return word;
  }

  Result<FieldPathStep> ReadKey() {
    const size_t begin = at_;
    auto word = ReadWord(".[");
    if (!word) return std::unexpected(std::move(word.error()));
    if (word->text.empty()) return Problem(begin, "expected a key");
    return KeyOrIndex(std::move(*word));
  }

  static FieldPathStep KeyOrIndex(Word word) {
    using Kind = FieldPathStep::Kind;
    if (auto index = word.escaped ? std::nullopt : ReadIndex(word.text))
      return {.kind = Kind::kIndex, .index = *index};
    return {.kind = Kind::kKey, .key = std::move(word.text)};
  }

  Result<FieldPathStep> ReadBracket() {
    const size_t begin = at_++;
    auto word = ReadWord("]=");
    if (!word) return std::unexpected(std::move(word.error()));
    if (word->text.empty()) return Problem(at_, "expected an index, a key or field=value");
    if (At(']')) {
      ++at_;
      return KeyOrIndex(std::move(*word));
    }
    if (at_++ >= text_.size()) return Problem(begin, "this '[' has no ']'");
    auto value = ReadWord("]");
    if (!value) return std::unexpected(std::move(value.error()));
    if (at_++ >= text_.size()) return Problem(begin, "this '[' has no ']'");
    return FieldPathStep{
        .kind = FieldPathStep::Kind::kMatch, .key = std::move(word->text), .value = std::move(value->text)};
  }

  std::unexpected<Error> Problem(size_t at, std::string_view what) const {
    return Invalid(fmt::format("field path '{}': column {}: {}", text_.substr(0, 200), at + 1, what));
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::string Escape(std::string_view text, std::string_view special) {
  std::string out;
  for (char c : text) {
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

std::string FormatKey(const std::string& key) {
  if (ReadIndex(key)) return '\\' + key;
  const bool dotted = key.contains('.');
  const bool bracketed = dotted && key.find_first_of("\\[]=") == std::string::npos;
  return bracketed ? fmt::format("[{}]", key) : Escape(key, "\\.[");
}

}  // namespace

Result<FieldPath> ParseFieldPath(std::string_view text) {
  if (text.size() > kPathBytesMax) {
    return Invalid(fmt::format("field path '{}...': more than {} bytes", text.substr(0, 40), kPathBytesMax));
  }
  return FieldPathReader(text).Read();
}

std::string FormatFieldPath(const FieldPath& path) {
  std::string out;
  for (const FieldPathStep& step : path.steps) {
    if (!out.empty()) out += '.';
    switch (step.kind) {
      case FieldPathStep::Kind::kKey:
        out += FormatKey(step.key);
        break;
      case FieldPathStep::Kind::kIndex:
        out += fmt::format("[{}]", step.index);
        break;
      case FieldPathStep::Kind::kMatch:
        out += fmt::format("[{}={}]", Escape(step.key, "\\]="), Escape(step.value, "\\]"));
        break;
    }
  }
  return out;
}

}  // namespace lockkeeper
