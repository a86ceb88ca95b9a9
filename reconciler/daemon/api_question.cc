#include "reconciler/daemon/api_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reconciler/cli/command.h"
#include "reconciler/cli/simulate_fleet.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

std::string KnownNames(const ApiResource& resource) {
  std::string names;
  for (const ApiParameter& parameter : resource.parameters) names += fmt::format("{}, ", parameter.name);
  return names + std::string(kNowParameter);
}

const ApiParameter* Find(const ApiResource& resource, std::string_view name) {
  auto found = std::ranges::find(resource.parameters, name, &ApiParameter::name);
  return found == resource.parameters.end() ? nullptr : &*found;
}

/// In a query a + is a space, and few who write +3d think of it.
std::string AsInstant(std::string value) {
  if (value.starts_with(' ')) value.front() = '+';
  return value;
}

CliResult<void> CheckParameter(const ApiResource& resource, const std::string& name, const std::string& value,
                               size_t times) {
  const ApiParameter* parameter = Find(resource, name);
  if (parameter == nullptr && name != kNowParameter) {
    return BadUsage(fmt::format("{}: {} has no such parameter; it has {}", Quoted(name), resource.path,
                                KnownNames(resource)));
  }
  if (value.empty()) return BadUsage(fmt::format("{}: is empty; give it a value, or leave it out", name));
  const bool may_repeat = parameter != nullptr && parameter->count == ApiCount::kOften;
  if (times > 1 && !may_repeat) return BadUsage(fmt::format("{}: is there more than once", name));
  return {};
}

/// What is asked of the future costs what is in it.
CliResult<void> CheckSimulated(const std::map<std::string_view, std::string>& values, Instant now,
                               std::chrono::days simulated_max) {
  auto text = [&](std::string_view name) { return values.contains(name) ? values.at(name) : std::string{}; };
  Instant start = now;
  if (const std::string from = text("from"); !from.empty()) {
    auto read = ReadInstant("from", from, now);
    if (!read) return std::unexpected(read.error());
    start = *read;
  }
  auto horizon = ReadHorizon(start, text("to"), now);
  if (!horizon) return std::unexpected(horizon.error());
  if (horizon->end - horizon->start <= simulated_max) return {};
  return BadUsage(
      fmt::format("to: more than {} days after the start; ask for less at a time", simulated_max.count()));
}

}  // namespace

CliResult<ApiQuestion> ReadQuestion(const ApiResource& resource, const Query& query, Instant clock,
                                    std::chrono::days simulated_max) {
  std::map<std::string_view, size_t> times;
  for (const auto& [name, value] : query) {
    if (auto checked = CheckParameter(resource, name, value, ++times[name]); !checked)
      return std::unexpected(checked.error());
  }
  for (const ApiParameter& parameter : resource.parameters) {
    if (parameter.need == ApiNeed::kMustBeThere && !times.contains(parameter.name))
      return BadUsage(fmt::format("{}: is missing", parameter.name));
  }
  ApiQuestion question{.arguments = {std::string(resource.command)}, .now = clock};
  std::map<std::string_view, std::string> values;
  std::vector<std::string> behind;
  for (const auto& [name, value] : query) {
    if (name == kNowParameter) {
      auto now = ReadInstant(name, AsInstant(value), clock);
      if (!now) return std::unexpected(now.error());
      question.now = *now;
      continue;
    }
    const ApiParameter& parameter = *Find(resource, name);
    const std::string written = parameter.value == ApiValue::kInstant ? AsInstant(value) : value;
    values[parameter.name] = written;
    if (parameter.is_argument()) {
      behind.push_back(written);
    } else {
      question.arguments.push_back(fmt::format("{}={}", parameter.option, written));
    }
  }
  if (resource.command == "simulate") {
    auto checked = CheckSimulated(values, question.now, simulated_max);
    if (!checked) return std::unexpected(checked.error());
  }
  // Behind it nothing is an option, whatever it begins with.
  if (!behind.empty()) question.arguments.emplace_back("--");
  question.arguments.insert(question.arguments.end(), behind.begin(), behind.end());
  return question;
}

std::string InQueryWords(const ApiResource& resource, std::string message) {
  for (const ApiParameter& parameter : resource.parameters) {
    const std::string option(parameter.option);
    if (message.starts_with(option + ":")) message.replace(0, option.size(), parameter.name);
    if (parameter.is_argument()) continue;
    for (size_t at = message.find(option); at != std::string::npos; at = message.find(option, at + 1)) {
      const bool is_word = (at == 0 || message[at - 1] == ' ') &&
                           (at + option.size() == message.size() || message[at + option.size()] == ' ');
      if (is_word) message.replace(at, option.size(), parameter.name);
    }
  }
  return message;
}

}  // namespace lockkeeper
