#pragma once

#include <compare>
#include <string>

#include "schemas/diagnostic.h"

namespace lockkeeper {

/// An object's identity within its kind: `metadata.namespace` (default `default`) and `metadata.name`.
struct ObjectName {
  std::string ns = "default";
  std::string name;
  auto operator<=>(const ObjectName&) const = default;
  /// `namespace/name`
  std::string str() const { return ns + "/" + name; }
};

/// Where an object was read.
struct Origin {
  std::string file;  ///< path in the repository
  int document = 0;  ///< counted from 0
  Mark mark;         ///< the document's first key
};

}  // namespace lockkeeper
