#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lockkeeper {

using SteadyInstant = std::chrono::steady_clock::time_point;

enum class SocketOutcome : uint8_t { kDone, kClosed, kTooLate };

/// Appends to `bytes` until it holds `size` of them.
SocketOutcome ReceiveUntil(int fd, std::string& bytes, size_t size, SteadyInstant deadline);

/// kTooLate also where the other side takes no byte for `idle_max`.
SocketOutcome SendAll(int fd, std::string_view bytes, SteadyInstant deadline,
                      std::chrono::milliseconds idle_max);

/// As much as the socket takes at once.
void SendAtOnce(int fd, std::string_view bytes);

/// For poll(): whole milliseconds, rounded up, never negative.
int PollTime(SteadyInstant deadline);

}  // namespace lockkeeper
