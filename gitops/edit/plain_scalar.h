#pragma once

#include <string_view>

namespace lockkeeper {

/// Whether `value` can stand without quotes: it reads back as itself and takes no other part in the syntax.
/// `in_flow`: between brackets, where commas and brackets count too.
bool FitsPlain(std::string_view value, bool in_flow);

/// Whether readers give an unquoted `value` the same kind of type as the unquoted `old_value` that it
/// replaces, by the core schema of YAML 1.2 and the types of YAML 1.1: text stays text, a number stays a
/// number that prints as written. A float may take the place of a float whatever its digits (1.19, 1.20): its
/// readers take it as a float already.
bool KeepsPlainType(std::string_view old_value, std::string_view value);

}  // namespace lockkeeper
