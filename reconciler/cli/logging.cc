#include "reconciler/cli/logging.h"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/output/display_width.h"
#include "schemas/instant.h"

namespace lockkeeper {
namespace {

std::string TimeOf(const spdlog::details::log_msg& message) {
  return FormatInstant(std::chrono::floor<Seconds>(message.time));
}

std::string_view LevelOf(const spdlog::details::log_msg& message) {
  const auto level = spdlog::level::to_string_view(message.level);
  return {level.data(), level.size()};
}

std::string_view TextOf(const spdlog::details::log_msg& message) {
  return {message.payload.data(), message.payload.size()};
}

class TextLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    fmt::format_to(std::back_inserter(out), "{} {}: {}\n", TimeOf(message), LevelOf(message),
                   ForTerminal(TextOf(message)));
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<TextLines>(); }
};

class JsonLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const nlohmann::ordered_json line = {
        {"time", TimeOf(message)}, {"level", LevelOf(message)}, {"message", TextOf(message)}};
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonLines>(); }
};

}  // namespace

void StartLogging(const GlobalOptions& options) {
  auto logger =
      std::make_shared<spdlog::logger>("lockkeeper", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (options.log_format == LogFormat::kJson) {
    logger->set_formatter(std::make_unique<JsonLines>());
  } else {
    logger->set_formatter(std::make_unique<TextLines>());
  }
  logger->set_level(spdlog::level::from_str(options.log_level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace lockkeeper
