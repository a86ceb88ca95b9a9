#include "schemas/yaml/offset_table.h"

#include <algorithm>

#include "schemas/assert.h"

namespace lockkeeper {

namespace {

// The spaces that every line of a block scalar loses: those before its first text, less those that are left
// in the value (where an indicator says so).
size_t IndentationOf(std::string_view source, const YamlNode& scalar) {
  const size_t text = scalar.value.find_first_not_of('\n');
  if (text == std::string::npos) return 0;
  const size_t left = std::min(scalar.value.find_first_not_of(' ', text), scalar.value.size()) - text;
  const size_t all = DetectIndentation(source, scalar.begin, scalar.end);
  return all > left ? all - left : 0;
}

}  // namespace

std::optional<OffsetTable> OffsetTable::Of(std::string_view source, const YamlNode& scalar) {
  if (!scalar.is_scalar() || scalar.begin == std::string_view::npos) return std::nullopt;
  LK_ASSERT(scalar.begin <= scalar.end && scalar.end <= source.size());
  ScalarDecoder decoder(source, scalar.begin, scalar.end, ScalarDecoder::Runs::kKeep);
  if (scalar.style == ScalarStyle::kLiteral || scalar.style == ScalarStyle::kFolded) {
    decoder.Block(scalar.style, IndentationOf(source, scalar));
    const std::string_view value = scalar.value;
    if (!value.starts_with(decoder.value)) return std::nullopt;
    if (value.find_first_not_of('\n', decoder.value.size()) != std::string_view::npos) return std::nullopt;
  } else if (!decoder.Flow(scalar.style) || decoder.value != scalar.value) {
    return std::nullopt;
  }
  OffsetTable table;
  table.begin_ = scalar.begin;
  table.runs_ = std::move(decoder.runs);
  return table;
}

const SourceRun* OffsetTable::RunAt(size_t decoded) const {
  auto next = std::ranges::upper_bound(runs_, decoded, {}, &SourceRun::decoded);
  return next == runs_.begin() ? nullptr : &*(next - 1);
}

std::optional<size_t> OffsetTable::SourceOf(size_t begin, size_t end) const {
  const SourceRun* run = RunAt(begin);
  if (run == nullptr || end > run->decoded + run->length) return std::nullopt;
  return run->source + (begin - run->decoded);
}

size_t OffsetTable::Nearest(size_t decoded) const {
  const SourceRun* run = RunAt(decoded);
  if (run == nullptr) return runs_.empty() ? begin_ : runs_.front().source;
  return run->source + std::min(decoded - run->decoded, run->length);
}

}  // namespace lockkeeper
