#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// Pieces of Git's pkt-line format (gitprotocol-common): four hexadecimal digits of length, then data; length
/// zero is a flush.
inline constexpr std::string_view kFlush = "0000";
inline constexpr size_t kPktDataMax = 65516;

struct PktLine {
  bool flush = false;
  std::string_view data;  ///< until the next call of the reader

  /// Of a line of text: without the newline at its end.
  std::string_view Text() const;
};

/// `data` has at most kPktDataMax bytes.
void AppendPktLine(std::string& out, std::string_view data);

/// Finds the pkt-lines in bytes that come in pieces of any size. Keeps at most one unfinished line.
class PktLineReader {
 public:
  /// Takes bytes off the front of `input`. Nothing: all of it is taken, and a line is not complete yet.
  /// kTransient: this is no pkt-line.
  Result<std::optional<PktLine>> Next(std::string_view& input);
  /// A line has begun and is not complete.
  bool unfinished() const { return !partial_.empty() && !given_; }

 private:
  std::string partial_;
  bool given_ = false;  // `partial_` is the line that was returned last.
};

}  // namespace lockkeeper
