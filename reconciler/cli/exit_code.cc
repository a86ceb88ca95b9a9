#include "reconciler/cli/exit_code.h"

namespace lockkeeper {

ExitCode ExitCodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
    case ErrorKind::kNotFound:
      return ExitCode::kNothingDone;
    case ErrorKind::kConflict:
      return ExitCode::kRejected;
    case ErrorKind::kDenied:
    case ErrorKind::kTransient:
      return ExitCode::kUnreachable;
  }
  return ExitCode::kNothingDone;
}

}  // namespace lockkeeper
