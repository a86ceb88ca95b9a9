#include "reconciler/cli/output/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "reconciler/cli/output/value_text.h"

namespace lockkeeper {
namespace {

constexpr size_t kPendingMax = size_t{64} << 10;

}  // namespace

void Output::Text(std::string_view text) {
  pending_ += text;
  if (pending_.size() > kPendingMax) WriteOut();
}

void Output::Value(const nlohmann::ordered_json& value) {
  Text(format_ == OutputFormat::kYaml ? YamlText(value) : JsonText(value));
}

void Output::WriteOut() {
  std::string_view rest = pending_;
  while (!rest.empty() && failed_errno_ == 0) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      // Somebody who shares this end made it non-blocking.
      pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      failed_errno_ = errno;
    }
  }
  pending_.clear();
}

Result<void> Output::Flush() {
  WriteOut();
  if (failed_errno_ == 0 || failed_errno_ == EPIPE) return {};
  return Fail(ErrorKind::kInvalid, fmt::format("stdout: the result cannot be written: {}",
                                               std::generic_category().message(failed_errno_)));
}

}  // namespace lockkeeper
