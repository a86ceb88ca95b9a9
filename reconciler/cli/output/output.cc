#include "reconciler/cli/output/output.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "reconciler/cli/output/value_text.h"

namespace lockkeeper {
namespace {

constexpr size_t kPendingMax = size_t{64} << 10;

/// Every line behind `indent`, without the last line's end.
std::string Indented(std::string_view text, std::string_view indent) {
  std::string out;
  out.reserve(text.size() * 5 / 4);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    out += indent;
    out += text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!text.empty()) out += '\n';
  }
  return out;
}

}  // namespace

void Output::Text(std::string_view text) {
  pending_ += text;
  if (pending_.size() > kPendingMax) WriteOut();
}

void Output::Value(const nlohmann::ordered_json& value) {
  Text(format_ == OutputFormat::kYaml ? YamlText(value) : JsonText(value));
}

void Output::Value(const nlohmann::ordered_json& head, std::string_view list, size_t size,
                   const std::function<nlohmann::ordered_json(size_t)>& item) {
  nlohmann::ordered_json whole = head;
  nlohmann::ordered_json& items = whole[std::string{list}] = nlohmann::ordered_json::array();
  if (format_ == OutputFormat::kYaml || size == 0) {
    for (size_t i = 0; i < size; ++i) items.push_back(item(i));
    return Value(whole);
  }
  // As JsonText writes it: an item as if it were alone in the list, between the same brackets.
  items.push_back(nullptr);
  const std::string frame = JsonText(whole);
  const size_t place = frame.rfind("null");
  const size_t line = frame.rfind('\n', place) + 1;
  const std::string indent = frame.substr(line, place - line);
  Text(std::string_view(frame).substr(0, line));
  for (size_t i = 0; i < size; ++i) {
    Text(Indented(JsonText(item(i)), indent));
    Text(i + 1 < size ? ",\n" : "");
  }
  Text(std::string_view(frame).substr(place + std::string_view("null").size()));
}

void Output::WriteOut() {
  written_ += pending_.size();
  if (text_ != nullptr) {
    if (written_ <= bytes_max_) text_->append(pending_);
    pending_.clear();
    return;
  }
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
  if (text_ != nullptr) {
    if (written_ <= bytes_max_) return {};
    return Fail(ErrorKind::kInvalid, fmt::format("the result is longer than {} bytes", bytes_max_));
  }
  if (failed_errno_ == 0 || failed_errno_ == EPIPE) return {};
  return Fail(ErrorKind::kInvalid, fmt::format("stdout: the result cannot be written: {}",
                                               std::generic_category().message(failed_errno_)));
}

}  // namespace lockkeeper
