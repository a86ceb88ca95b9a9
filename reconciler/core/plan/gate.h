#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/core/status/record.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// SPEC 4, in its order: the first that does not pass gives the decision's reason.
enum class Gate : uint8_t {
  kManifest,
  kSuspend,
  kRef,
  kVersion,
  kConflict,
  kStartTime,
  kRejected,
  kStage,
  kFailureBudget,
  kApproval,
  kNotice,
  kMinInterval,
  kLock,
  kCheck,
  kWindow,
  kConcurrency,
};
inline constexpr size_t kGateCount = 16;
std::string_view Name(Gate gate);

enum class Verdict : uint8_t { kPass, kWait, kBlocked };
std::string_view Name(Verdict verdict);

/// What one gate says about one cluster of one upgrade at one instant.
struct GateResult {
  Verdict verdict = Verdict::kPass;
  /// Of kWait, where it can be known: when this gate passes, as if the others did.
  std::optional<Instant> until;
  /// The next instant at which time alone may change this verdict, either way.
  std::optional<Instant> changes_at;
  /// The gate ends the cluster's upgrade: already at the target, expired, superseded, rejected.
  Outcome ends = Outcome::kNone;
  std::string ends_reason;  ///< the word in the status; empty: the gate's name
  std::string message;      ///< of a passing gate only where the plan was asked for all details
};

inline GateResult Pass(std::string message = {}) { return {.message = std::move(message)}; }
inline GateResult Blocked(std::string message) {
  return {.verdict = Verdict::kBlocked, .message = std::move(message)};
}
inline GateResult WaitUntil(Instant until, std::string message) {
  return {.verdict = Verdict::kWait, .until = until, .changes_at = until, .message = std::move(message)};
}
/// Passes some day, nobody knows when.
inline GateResult Wait(std::string message) {
  return {.verdict = Verdict::kWait, .message = std::move(message)};
}
inline GateResult Ends(Outcome outcome, std::string reason, std::string message) {
  return {.verdict = Verdict::kBlocked,
          .ends = outcome,
          .ends_reason = std::move(reason),
          .message = std::move(message)};
}

}  // namespace lockkeeper
