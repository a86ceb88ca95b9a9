#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// A field to add to a mapping.
struct FieldInsertion {
  int document = 0;     ///< counted from 0
  std::string mapping;  ///< field path of a mapping that is there, in the file itself
  std::string key;      ///< which it has not; key and value are words that need no quotes
  std::string value;
};

/// Adds the field at the front of the mapping: as a line of its own, with the indentation and line end of
/// the lines around, or between the brackets where they are written on one line. Everything else keeps its
/// bytes, comments too. The result is parsed again with both parsers: it must differ from `text` in this
/// field only. kConflict: the key is there already. kInvalid, with a reason, where the field cannot be added
/// so (an alias, a duplicate key, no mapping, a mapping whose fields do not begin a line).
Result<std::string> InsertField(std::string_view text, const FieldInsertion& insertion);

}  // namespace lockkeeper
