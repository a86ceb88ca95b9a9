#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lockkeeper {

enum class ApiValue : uint8_t { kText, kInstant, kDuration };
enum class ApiCount : uint8_t { kOnce, kOften };
enum class ApiNeed : uint8_t { kMayBeThere, kMustBeThere };

/// One thing that may be asked of a resource, and the command's own word for it.
struct ApiParameter {
  std::string_view name;    ///< in the query
  std::string_view option;  ///< `--from`; `CLUSTER` for the argument of that name
  ApiValue value = ApiValue::kText;
  ApiNeed need = ApiNeed::kMayBeThere;
  ApiCount count = ApiCount::kOnce;

  bool is_argument() const { return !option.starts_with('-'); }
};

struct ApiResource {
  std::string_view path;
  std::string_view route;  ///< for counting
  std::string_view command;
  std::span<const ApiParameter> parameters;
};

/// Every resource that a command answers, and all that may be said in its query besides `now`. What is not in
/// here cannot be said: no global option, no file, nothing that writes.
std::span<const ApiResource> ApiResources();

/// Every resource takes it: the instant to answer for.
inline constexpr std::string_view kNowParameter = "now";

}  // namespace lockkeeper
