#pragma once

#include <expected>
#include <string>
#include <utility>

#include "schemas/error.h"

namespace lockkeeper {

/// What the shell is told, SPEC 6.
enum class ExitCode : int {
  kDone = 0,
  kNothingDone = 1,  ///< findings (validate, audit), or nothing could be done
  kUsage = 2,        ///< the command line is wrong
  kUnreachable = 3,  ///< the repository cannot be reached or read
  kRejected = 4,     ///< rejected after all retries
};

/// Why a command ends before it is done. `message` is as an Error's: where: what: what to do.
struct Failure {
  ExitCode code = ExitCode::kNothingDone;
  std::string message;
};

template <class T>
using CliResult = std::expected<T, Failure>;

/// The one place that says which kind of error ends in which exit code.
ExitCode ExitCodeOf(ErrorKind kind);

inline std::unexpected<Failure> Stop(ExitCode code, std::string message) {
  return std::unexpected(Failure{code, std::move(message)});
}
inline std::unexpected<Failure> Stop(const Error& error) {
  return Stop(ExitCodeOf(error.kind), error.message);
}
/// The command line is wrong: name the option or argument first.
inline std::unexpected<Failure> BadUsage(std::string message) {
  return Stop(ExitCode::kUsage, std::move(message));
}

}  // namespace lockkeeper
