#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace lockkeeper {

/// No server makes us wait longer.
inline constexpr std::chrono::seconds kRetryAfterMax{3600};

/// The value of a Retry-After header (RFC 9110 10.2.3): seconds, or a date, which is counted from the same
/// answer's Date header, so that no clock of ours has to agree with the server's. Nothing where it is
/// neither.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value, std::string_view date);

}  // namespace lockkeeper
