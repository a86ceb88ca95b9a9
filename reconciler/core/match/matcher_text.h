#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/kinds/match.h"

namespace lockkeeper {

/// Matchers as Alertmanager's users write them: `stage=prod,region=~"eu-.*"`, with =, !=, =~ and !~, in
/// braces or not. Between double quotes a value may hold commas and spaces, and \" and \\ stand for what
/// follows the backslash. At least one, at most kMatchersMax. kInvalid names the column, counted from 1.
Result<std::vector<Matcher>> ParseMatchers(std::string_view text);

inline constexpr size_t kMatchersMax = 100;

/// The text that ParseMatchers reads back to the same; empty for none.
std::string FormatMatchers(const std::vector<Matcher>& matchers);

}  // namespace lockkeeper
