#include "gitops/remote/pkt_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "schemas/assert.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kLengthDigits = 4;

// Of the whole line, its digits included; 0 for a flush.
Result<size_t> Length(std::string_view digits) {
  size_t length = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + kLengthDigits, length, 16);
  const bool number = read.ec == std::errc() && read.ptr == digits.data() + kLengthDigits;
  // 1 to 3 are marks of protocol version 2, which nobody asked for.
  if (!number || (length > 0 && length < kLengthDigits) || length > kPktDataMax + kLengthDigits) {
    return Fail(ErrorKind::kTransient,
                fmt::format("the answer is not Git's: {} where the length of a line must stand",
                            Quoted(digits.substr(0, kLengthDigits))));
  }
  return length;
}

PktLine LineOf(std::string_view whole) {
  return whole == kFlush ? PktLine{.flush = true} : PktLine{.data = whole.substr(kLengthDigits)};
}

}  // namespace

std::string_view PktLine::Text() const {
  return data.ends_with('\n') ? data.substr(0, data.size() - 1) : data;
}

void AppendPktLine(std::string& out, std::string_view data) {
  LK_ASSERT(data.size() <= kPktDataMax);
  fmt::format_to(std::back_inserter(out), "{:04x}{}", data.size() + kLengthDigits, data);
}

Result<std::optional<PktLine>> PktLineReader::Next(std::string_view& input) {
  if (given_) partial_.clear();
  given_ = false;
  const auto fill = [&](size_t size) {
    const size_t part = std::min(size - partial_.size(), input.size());
    partial_.append(input.substr(0, part));
    input.remove_prefix(part);
    return partial_.size() == size;
  };
  if (partial_.empty() && input.size() >= kLengthDigits) {
    const auto length = Length(input);
    if (!length) return std::unexpected(length.error());
    const size_t whole = std::max(*length, kLengthDigits);
    if (input.size() >= whole) {
      const PktLine line = LineOf(input.substr(0, whole));
      input.remove_prefix(whole);
      return line;
    }
  }
  if (partial_.size() < kLengthDigits && !fill(kLengthDigits)) return std::nullopt;
  const auto length = Length(partial_);
  if (!length) return std::unexpected(length.error());
  if (!fill(std::max(*length, kLengthDigits))) return std::nullopt;
  given_ = true;
  return LineOf(partial_);
}

}  // namespace lockkeeper
