#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockkeeper {

/// What an audit finds in a commit.
enum class AuditCode : uint8_t {
  kNotAllowed,          ///< a bump that the planner would not have made
  kNotDecided,          ///< it records something else that the planner did not decide
  kNotInDiff,           ///< it records a bump, and its files say otherwise
  kUnexpectedChange,    ///< it changes more than what it records
  kAlteredStatus,       ///< status files that are not what the records say
  kWrongDate,           ///< its date is not the deciding instant
  kWrongBase,           ///< it does not stand on the commit that it was decided on
  kWrongAuthor,         ///< it carries a record, and is not by whom the Fleet names
  kUnreadableTrailers,  ///< trailers of ours that make no sense
};
inline constexpr size_t kAuditCodeCount = 9;

/// The word in outputs, such as `not-allowed`.
std::string_view Name(AuditCode code);
/// What a person may do about it, as one sentence.
std::string_view Advice(AuditCode code);

struct Violation {
  std::string commit;
  std::string upgrade;  ///< namespace/name; empty: it is about none, or several
  std::string cluster;  ///< likewise
  AuditCode code = AuditCode::kNotAllowed;
  std::string message;
  bool operator==(const Violation&) const = default;
};

}  // namespace lockkeeper
