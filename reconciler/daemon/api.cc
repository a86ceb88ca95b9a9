#include "reconciler/daemon/api.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "reconciler/cli/call_command.h"
#include "reconciler/daemon/api_question.h"
#include "schemas/openapi.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kOpenApiPath = "/api/v1/openapi.json";
constexpr std::string_view kRetryAfter = "5";

const ApiResource* Find(std::string_view path) {
  const auto resources = ApiResources();
  auto found = std::ranges::find(resources, path, &ApiResource::path);
  return found == resources.end() ? nullptr : &*found;
}

WebAnswer Later(std::string_view message) {
  WebAnswer answer = ErrorAnswer(503, message);
  answer.headers.emplace_back("Retry-After", kRetryAfter);
  return answer;
}

int StatusOf(const CommandFailure& failed) {
  switch (failed.failure.code) {
    case ExitCode::kUsage:
      return 400;
    case ExitCode::kUnreachable:
      return 503;
    case ExitCode::kNothingDone:
      // What is asked about is not there; or an answer there is, and not the whole one.
      return failed.is_partial ? 409 : 404;
    case ExitCode::kDone:
    case ExitCode::kRejected:
      break;
  }
  return 500;
}

WebAnswer FailureAnswer(const ApiResource& resource, const CommandFailure& failed) {
  const int status = StatusOf(failed);
  const std::string message = InQueryWords(resource, failed.failure.message);
  if (status == 503) return Later(message);
  if (failed.notes.empty()) return ErrorAnswer(status, message);
  using nlohmann::ordered_json;
  const ordered_json body{{"error", message}, {"notes", failed.notes}};
  return {.status = status, .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n"};
}

}  // namespace

CommandApi::CommandApi(WarmFleet::OpenFleetRepository open, std::string place, std::function<Instant()> clock,
                       ApiLimits limits, AllowedSigners allowed, std::function<bool()> is_outdated)
    : clock_(std::move(clock)),
      limits_(limits),
      fleet_(std::move(open), std::move(place), std::move(allowed), std::move(is_outdated)) {}

std::string_view CommandApi::RouteOf(std::string_view path) const {
  if (path == kOpenApiPath) return "api/openapi";
  const ApiResource* resource = Find(path);
  return resource == nullptr ? "" : resource->route;
}

WebAnswer CommandApi::Answer(const WebRequest& request) {
  if (request.path == kOpenApiPath) return {.body = std::string(OpenApiText())};
  const ApiResource* resource = Find(request.path);
  return resource == nullptr ? ErrorAnswer(404, "there is nothing here")
                             : AnswerByCommand(*resource, request);
}

WebAnswer CommandApi::AnswerByCommand(const ApiResource& resource, const WebRequest& request) {
  auto question = ReadQuestion(resource, request.query, clock_(), limits_.simulated_max);
  if (!question) return ErrorAnswer(400, InQueryWords(resource, question.error().message));
  if (!AwaitTurn()) return Later("others asked before and are still being answered; come again");
  struct TurnHeld {
    CommandApi& api;
    ~TurnHeld() {
      // Each thread of the server has a heap of its own, and without this each would keep what a plan took.
      if (api.fleet_.is_large()) ::malloc_trim(0);
      api.EndTurn();
    }
  } const turn{*this};
  // Without a fleet nothing that is asked about can be missing from it.
  if (auto opened = fleet_.Open(); !opened) {
    const bool is_unreachable = opened.error().code == ExitCode::kUnreachable;
    return is_unreachable ? Later(opened.error().message) : ErrorAnswer(409, opened.error().message);
  }
  const auto deadline = std::chrono::steady_clock::now() + limits_.simulation_time_max;
  bool is_too_late = false;
  auto answered =
      CallCommand({.arguments = std::move(question->arguments),
                   .now = question->now,
                   .fleets = fleet_,
                   .place = fleet_.place(),
                   .output_bytes_max = limits_.answer_bytes_max,
                   .go_on = [&]() -> Result<void> {
                     is_too_late = std::chrono::steady_clock::now() >= deadline;
                     if (!is_too_late) return {};
                     return Invalid("to: the answer takes too long to make; ask for less at a time");
                   }});
  if (is_too_late) return ErrorAnswer(409, answered.error().failure.message);
  if (!answered) return FailureAnswer(resource, answered.error());
  return {.body = std::move(answered->output)};
}

bool CommandApi::AwaitTurn() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, limits_.turn_time_max, [&] { return !is_busy_; })) return false;
  is_busy_ = true;
  return true;
}

void CommandApi::EndTurn() {
  {
    const std::scoped_lock lock(mutex_);
    is_busy_ = false;
  }
  changed_.notify_one();
}

}  // namespace lockkeeper
