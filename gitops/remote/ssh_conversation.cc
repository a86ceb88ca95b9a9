#include "gitops/remote/ssh_conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "gitops/remote/pkt_line.h"
#include "gitops/remote/ssh_failure.h"
#include "net/time_text.h"

namespace lockkeeper {
namespace {

// For a server to say goodbye; what it has to say is said already.
constexpr std::chrono::milliseconds kFinishMax{2000};

class NothingMore : public AnswerReader {
 public:
  Result<Wants> Take(std::string_view) override { return Wants::kMore; }
};

}  // namespace

Result<void> SshConversation::ReadAdvertisement(AnswerReader& reader) {
  auto call = MakeSshCall(options_.url, options_.access, options_.limits.connect_time_max, options_.service);
  if (!call) return Fail(call.error().kind, fmt::format("{}: {}", options_.url.text, call.error().message));
  call_ = std::move(*call);
  auto child = ChildStream::Start(call_.program);
  if (!child)
    return Fail(child.error().kind, fmt::format("{}: {}", options_.url.text, child.error().message));
  child_ = std::move(*child);
  return Exchange(nullptr, reader);
}

Result<void> SshConversation::Ask(const ServiceRequest& request, AnswerReader& reader) {
  auto asked = Exchange(&request, reader);
  if (asked) child_->Finish(FinishBy());
  return asked;
}

void SshConversation::Leave() {
  // Without this the server would note that we hung up on it.
  const ServiceRequest nothing{.size = kFlush.size(), .read = [](std::span<char> room) -> Result<size_t> {
                                 std::ranges::copy(kFlush.substr(0, room.size()), room.begin());
                                 return std::min(room.size(), kFlush.size());
                               }};
  NothingMore reader;
  (void)child_->Exchange(&nothing, reader, {.idle_max = kFinishMax, .deadline = FinishBy()});
  child_->Finish(FinishBy());
}

Result<void> SshConversation::Exchange(const ServiceRequest* request, AnswerReader& reader) {
  const std::string& where = options_.url.text;
  auto end = child_->Exchange(request, reader,
                              {.idle_max = options_.limits.idle_time_max, .deadline = options_.deadline});
  if (!end) return Fail(end.error().kind, fmt::format("{}: {}", where, end.error().message));
  switch (*end) {
    case ChildStream::End::kEnough:
      return {};
    case ChildStream::End::kIdle:
      return Fail(ErrorKind::kTransient, fmt::format("{}: nothing came or went for {}", where,
                                                     TimeText(options_.limits.idle_time_max)));
    case ChildStream::End::kLate:
      return Fail(ErrorKind::kTransient,
                  fmt::format("{}: not done within {}; the server or the network is too slow", where,
                              TimeText(options_.limits.total_time_max)));
    case ChildStream::End::kClosed:
      break;
  }
  const auto exit_code = child_->Finish(FinishBy());
  // What was cut off without a word is seen by who asked.
  if (exit_code == 0 && child_->said().empty()) return {};
  return std::unexpected(SshError(options_.url, options_.access, exit_code.value_or(0), child_->said()));
}

std::chrono::steady_clock::time_point SshConversation::FinishBy() const {
  return std::min(options_.deadline, std::chrono::steady_clock::now() + kFinishMax);
}

}  // namespace lockkeeper
