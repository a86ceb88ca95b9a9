#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockkeeper {

/// A text as the value of a trailer: one line, without blanks at its ends, from which DecodeTrailerText makes
/// the very same bytes again. Written with a backslash: itself, line breaks, other control characters, bytes
/// that are no UTF-8, and blanks at either end.
void AppendTrailerText(std::string_view text, std::string& out);

/// A text as one word of a trailer: as above, with every blank escaped, and `-` for the empty text.
void AppendTrailerWord(std::string_view text, std::string& out);

/// nullopt: a backslash that begins no escape of these.
std::optional<std::string> DecodeTrailerText(std::string_view text);
std::optional<std::string> DecodeTrailerWord(std::string_view word);

}  // namespace lockkeeper
