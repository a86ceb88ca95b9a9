#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockkeeper {

/// Foreign text made fit for a message: quoted, at most about 80 bytes, control characters written as
/// escapes.
std::string Quoted(std::string_view text);

/// `text`, cut at a character's border to at most `bytes_max` bytes and "..." where it is longer.
std::string Shortened(std::string_view text, size_t bytes_max);

/// The longest part of valid UTF-8 `text` from its start that has at most `bytes_max` bytes.
std::string_view Prefix(std::string_view text, size_t bytes_max);

/// The one of `known` that a person most likely meant by `written`; empty where none is near.
std::string_view ClosestWord(std::string_view written, const std::vector<std::string>& known);

/// "; did you mean 'timeZone'?", or empty.
std::string DidYouMean(std::string_view written, const std::vector<std::string>& known);

/// "'sucess' is none of success, failure; did you mean 'success'?"
std::string NoneOf(std::string_view written, const std::vector<std::string>& known);

/// `a, b, c`.
std::string Listed(const std::vector<std::string>& words);

/// Nothing that would corrupt a line of output or a commit message: valid UTF-8 without control characters
/// other than tab and line ends.
bool IsPrintable(std::string_view text);

}  // namespace lockkeeper
