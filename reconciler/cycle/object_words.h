#pragma once

#include <string>
#include <string_view>

#include "schemas/kinds/object.h"

namespace lockkeeper {

/// Whether people mean this object by `words`: `namespace/name`, or the name alone of one in `default`.
inline bool IsMeant(std::string_view words, const ObjectName& name) {
  return words == name.str() || (name.ns == "default" && words == name.name);
}

/// The shortest words that mean it.
inline std::string ShortName(const ObjectName& name) { return name.ns == "default" ? name.name : name.str(); }

}  // namespace lockkeeper
