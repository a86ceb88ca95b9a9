#pragma once

#include <expected>
#include <string>
#include <utility>

namespace lockkeeper {

/// What the caller must do about an error.
enum class ErrorKind {
  kInvalid,    ///< The input is wrong; wait for a new commit (or for better arguments).
  kNotFound,   ///< What was asked for is not there; the caller branches.
  kConflict,   ///< Somebody else was first; read and decide again.
  kDenied,     ///< Refused by the other side; loud, slow retry.
  kTransient,  ///< May work later; back off.
};

/// `message` is for people and names the place, then what is wrong, then why or what to do:
/// `clusters/a.yaml:14:15: spec.timeZone: unknown time zone 'Europe/Berln'`.
struct Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> Fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}
inline std::unexpected<Error> Invalid(std::string message) {
  return Fail(ErrorKind::kInvalid, std::move(message));
}
inline std::unexpected<Error> NotFound(std::string message) {
  return Fail(ErrorKind::kNotFound, std::move(message));
}

}  // namespace lockkeeper
