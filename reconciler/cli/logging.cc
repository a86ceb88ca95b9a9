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

/// Stands between an event's message and its fields on their way through spdlog, which knows text only.
constexpr char kFieldsFollow = '\x1f';

/// A line's message, and its fields as a JSON object.
struct Line {
  std::string_view message;
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
};

Line LineOf(const spdlog::details::log_msg& message) {
  Line line{TextOf(message)};
  const size_t end = line.message.find(kFieldsFollow);
  if (end == std::string_view::npos) return line;
  auto fields = nlohmann::ordered_json::parse(line.message.substr(end + 1), nullptr, false);
  if (!fields.is_object()) return line;
  line.fields = std::move(fields);
  line.message = line.message.substr(0, end);
  return line;
}

/// Bare where it is one word, else as a JSON string.
std::string FieldText(const nlohmann::ordered_json& value) {
  const auto text = value.get<std::string>();
  const bool bare = !text.empty() && text.find_first_of(" \"=\n\t") == std::string::npos;
  return bare ? text : value.dump();
}

class TextLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const Line line = LineOf(message);
    std::string text{line.message};
    for (const auto& [key, value] : line.fields.items()) text += fmt::format(" {}={}", key, FieldText(value));
    fmt::format_to(std::back_inserter(out), "{} {}: {}\n", TimeOf(message), LevelOf(message),
                   ForTerminal(text));
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<TextLines>(); }
};

class JsonLines : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const Line line = LineOf(message);
    nlohmann::ordered_json object = {
        {"time", TimeOf(message)}, {"level", LevelOf(message)}, {"message", line.message}};
    object.update(line.fields);
    const std::string text =
        object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
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

void LogEvent(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                          spdlog::level::warn, spdlog::level::err};
  std::string text{message};
  if (!fields.empty()) {
    auto object = nlohmann::ordered_json::object();
    for (const LogField& field : fields) object[field.key] = field.value;
    text += kFieldsFollow;
    text += object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  spdlog::log(kLevels[static_cast<size_t>(level)], "{}", text);
}

}  // namespace lockkeeper
