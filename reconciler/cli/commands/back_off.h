#pragma once

namespace lockkeeper {

/// Waits before another attempt: half a second at first, doubled up to half a minute, with jitter, so that
/// two who met do not meet again.
void BackOff(int retry);

}  // namespace lockkeeper
