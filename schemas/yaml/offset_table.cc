#include "schemas/yaml/offset_table.h"

#include <algorithm>

#include "schemas/assert.h"

namespace lockkeeper {

/// Decodes a scalar byte by byte beside its known value and notes the runs.
class ScalarTracer {
 public:
  ScalarTracer(std::string_view source, const YamlNode& scalar, OffsetTable& table)
      : source_(source), value_(scalar.value), at_(scalar.begin), end_(scalar.end), table_(table) {}

  bool Literal() { return Block(/*folded=*/false); }
  bool Folded() { return Block(/*folded=*/true); }

  // Plain, single- and double-quoted scalars: `quote` is 0, ' or ".
  bool Flow(char quote) {
    while (at_ < end_) {
      const char c = source_[at_];
      if (c == '\\' && quote == '"') {
        if (!Escape()) return false;
      } else if (c == '\'' && quote == '\'') {
        at_ += 2;
        if (!Emit("'")) return false;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        if (!Blank()) return false;
      } else if (!Copy(1)) {
        return false;
      }
    }
    return done_ == value_.size();
  }

 private:
  struct Line {
    size_t begin;
    size_t end;
  };

  // The line at at_, without its break; moves past it.
  Line NextLine() {
    const size_t begin = at_;
    const size_t stop = std::min(source_.find_first_of("\r\n", begin), end_);
    at_ = stop;
    if (at_ < end_) SkipBreak();
    return {begin, stop};
  }
  void SkipBreak() { at_ += source_[at_] == '\r' && at_ + 1 < end_ && source_[at_ + 1] == '\n' ? 2 : 1; }
  bool AtBreak() const { return at_ < end_ && (source_[at_] == '\n' || source_[at_] == '\r'); }
  void SkipSpace() {
    while (at_ < end_ && (source_[at_] == ' ' || source_[at_] == '\t')) ++at_;
  }

  bool Emit(std::string_view decoded) {
    if (!value_.substr(done_).starts_with(decoded)) return false;
    done_ += decoded.size();
    return true;
  }
  // `length` bytes at at_ that stand for themselves.
  bool Copy(size_t length) {
    if (!AddRun(at_, length)) return false;
    at_ += length;
    return true;
  }
  bool AddRun(size_t source, size_t length) {
    if (value_.substr(done_, length) != source_.substr(source, length)) return false;
    auto& runs = table_.runs_;
    if (!runs.empty() && runs.back().source + runs.back().length == source &&
        runs.back().decoded + runs.back().length == done_) {
      runs.back().length += length;
    } else {
      runs.push_back({done_, source, length});
    }
    done_ += length;
    return true;
  }

  // Space inside a flow scalar: it stands for itself, unless a line ends behind it.
  bool Blank() {
    const size_t begin = at_;
    SkipSpace();
    if (!AtBreak()) {
      const size_t length = at_ - begin;
      at_ = begin;
      return Copy(length);
    }
    size_t breaks = 0;
    while (AtBreak()) {
      SkipBreak();
      ++breaks;
      SkipSpace();
    }
    if (breaks == 1) return Emit(" ");
    return EmitBreaks(breaks - 1);
  }
  bool EmitBreaks(size_t count) {
    for (; count > 0; --count) {
      if (!Emit("\n")) return false;
    }
    return true;
  }

  // What an escape stands for need not be known: the value says it, and where the next run must begin follows
  // from its length.
  bool Escape() {
    ++at_;
    if (at_ >= end_) return false;
    if (AtBreak()) {
      SkipBreak();
      SkipSpace();
      size_t breaks = 0;
      for (; AtBreak(); ++breaks) {
        SkipBreak();
        SkipSpace();
      }
      return EmitBreaks(breaks);
    }
    const char c = source_[at_++];
    if (c == 'x') at_ += 2;
    if (c == 'u') at_ += 4;
    if (c == 'U') at_ += 8;
    if (at_ > end_ || done_ >= value_.size()) return false;
    do {
      ++done_;
    } while (done_ < value_.size() && (static_cast<unsigned char>(value_[done_]) & 0xC0U) == 0x80U);
    return true;
  }

  bool IsBlank(Line line) const {
    return std::ranges::all_of(source_.substr(line.begin, line.end - line.begin),
                               [](char c) { return c == ' '; });
  }

  // The spaces that every line of the block loses: those of the first line with text, less those that are
  // left in the value.
  std::optional<size_t> Indentation() const {
    const size_t text = value_.find_first_not_of('\n');
    if (text == std::string_view::npos) return std::nullopt;
    const size_t left = std::min(value_.find_first_not_of(' ', text), value_.size()) - text;
    const size_t line = source_.find_first_not_of(" \r\n", at_);
    if (line >= end_) return std::nullopt;
    size_t begin = line;
    while (begin > at_ && source_[begin - 1] == ' ') --begin;
    if (line - begin < left) return std::nullopt;
    return line - begin - left;
  }

  bool Block(bool folded) {
    const auto indentation = Indentation();
    if (!indentation) return false;
    size_t blank = 0;
    bool first = true;
    bool spaced_before = false;
    while (at_ < end_ && done_ < value_.size()) {
      Line line = NextLine();
      if (line.end - line.begin <= *indentation) {
        if (!IsBlank(line)) return false;
        ++blank;
        continue;
      }
      if (!IsBlank({line.begin, line.begin + *indentation})) return false;
      line.begin += *indentation;
      const bool spaced = source_[line.begin] == ' ' || source_[line.begin] == '\t';
      size_t breaks = blank + (first ? 0 : 1);
      if (folded && !first && !spaced && !spaced_before) {
        // Two lines of text: one break between them becomes a space, of several the first one goes.
        if (--breaks == 0 && !Emit(" ")) return false;
      }
      if (!EmitBreaks(breaks)) return false;
      if (!AddRun(line.begin, line.end - line.begin)) return false;
      blank = 0;
      first = false;
      spaced_before = spaced;
    }
    return value_.find_first_not_of('\n', done_) == std::string_view::npos &&
           source_.substr(at_, end_ - at_).find_first_not_of(" \t\r\n") == std::string_view::npos;
  }

  std::string_view source_;
  std::string_view value_;
  size_t at_;
  size_t end_;
  size_t done_ = 0;
  OffsetTable& table_;
};

std::optional<OffsetTable> OffsetTable::Of(std::string_view source, const YamlNode& scalar) {
  if (!scalar.is_scalar() || scalar.begin == std::string_view::npos) return std::nullopt;
  LK_ASSERT(scalar.begin <= scalar.end && scalar.end <= source.size());
  OffsetTable table;
  table.begin_ = scalar.begin;
  ScalarTracer tracer(source, scalar, table);
  bool traced = false;
  switch (scalar.style) {
    case ScalarStyle::kPlain:
      traced = tracer.Flow('\0');
      break;
    case ScalarStyle::kSingleQuoted:
      traced = tracer.Flow('\'');
      break;
    case ScalarStyle::kDoubleQuoted:
      traced = tracer.Flow('"');
      break;
    case ScalarStyle::kLiteral:
      traced = tracer.Literal();
      break;
    case ScalarStyle::kFolded:
      traced = tracer.Folded();
      break;
  }
  if (!traced) return std::nullopt;
  return table;
}

const OffsetTable::Run* OffsetTable::RunAt(size_t decoded) const {
  auto next = std::ranges::upper_bound(runs_, decoded, {}, &Run::decoded);
  return next == runs_.begin() ? nullptr : &*(next - 1);
}

std::optional<size_t> OffsetTable::SourceOf(size_t begin, size_t end) const {
  const Run* run = RunAt(begin);
  if (run == nullptr || end > run->decoded + run->length) return std::nullopt;
  return run->source + (begin - run->decoded);
}

size_t OffsetTable::Nearest(size_t decoded) const {
  const Run* run = RunAt(decoded);
  if (run == nullptr) return runs_.empty() ? begin_ : runs_.front().source;
  return run->source + std::min(decoded - run->decoded, run->length);
}

}  // namespace lockkeeper
