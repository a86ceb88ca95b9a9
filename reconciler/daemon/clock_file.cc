#include "reconciler/daemon/clock_file.h"

#include <fmt/format.h>

#include <fstream>

namespace lockkeeper {

Result<Instant> ClockFile::Read() const {
  std::ifstream file{path_};
  std::string word;
  if (!(file >> word))
    return Invalid(fmt::format("{}: holds no instant such as 2026-03-01T09:00:00Z", path_));
  auto instant = ParseInstant(word);
  if (!instant) return Invalid(fmt::format("{}: {}", path_, instant.error().message));
  return *instant;
}

Instant ClockFile::Now() {
  const std::scoped_lock lock{mutex_};
  auto read = Read();
  if (read) last_ = *read;
  return last_;
}

}  // namespace lockkeeper
