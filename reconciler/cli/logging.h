#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/cli/global_options.h"

namespace lockkeeper {

/// Sends spdlog's messages to stderr, one line each, as text or as JSON objects {"time","level","message"}
/// with an event's fields behind these.
void StartLogging(const GlobalOptions& options);

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

/// One value that belongs to an event.
struct LogField {
  std::string_view key;
  std::string value;
};

/// An event of the daemon. `message` is constant, so that it can be searched and counted; what varies is in
/// the fields. Thread-safe.
void LogEvent(LogLevel level, std::string_view message, const std::vector<LogField>& fields = {});

}  // namespace lockkeeper
