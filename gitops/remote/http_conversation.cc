#include "gitops/remote/http_conversation.h"

#include <fmt/format.h>

#include <utility>

namespace lockkeeper {

HttpRequest HttpConversation::Base(AnswerReader& reader) const {
  return {.take = [&reader, ended = false](std::string_view bytes) mutable -> Result<void> {
            if (ended)
              return Fail(ErrorKind::kTransient, "the answer is not Git's: there is more behind its end");
            auto wants = reader.Take(bytes);
            if (!wants) return std::unexpected(wants.error());
            ended = *wants == Wants::kNothing;
            return {};
          },
          .deadline = options_.deadline,
          .total_max = options_.limits.total_time_max};
}

Result<void> HttpConversation::ReadAdvertisement(AnswerReader& reader) {
  const std::string_view service = ServiceName(options_.service);
  const std::string place = fmt::format("/info/refs?service={}", service);
  HttpRequest request = Base(reader);
  request.url = options_.url + place;
  request.answer_type = fmt::format("application/x-{}-advertisement", service);
  request.redirects = Redirects::kFollow;
  auto answer = client_.Send(request);
  if (!answer) return std::unexpected(answer.error());
  // Where we were sent on to is where the rest is asked.
  if (answer->url.ends_with(place)) {
    options_.url = answer->url.substr(0, answer->url.size() - place.size());
    return {};
  }
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: it redirects us to an address that is no Git repository's", options_.url));
}

Result<void> HttpConversation::Ask(const ServiceRequest& request, AnswerReader& reader) {
  const std::string_view service = ServiceName(options_.service);
  HttpRequest http = Base(reader);
  http.url = fmt::format("{}/{}", options_.url, service);
  http.headers = {fmt::format("Content-Type: application/x-{}-request", service),
                  fmt::format("Accept: application/x-{}-result", service)};
  http.answer_type = fmt::format("application/x-{}-result", service);
  http.body = HttpBody{.size = request.size, .read = request.read};
  auto answer = client_.Send(http);
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace lockkeeper
