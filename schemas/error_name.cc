#include "schemas/error_name.h"

namespace lockkeeper {

std::string_view Name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kDenied:
      return "denied";
    case ErrorKind::kTransient:
      return "transient";
  }
  return "invalid";
}

}  // namespace lockkeeper
