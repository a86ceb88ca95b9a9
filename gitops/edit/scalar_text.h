#pragma once

#include <string>
#include <string_view>

#include "gitops/edit/verify.h"

namespace lockkeeper {

/// How a new value is written in the place of an old scalar.
struct ScalarText {
  std::string bytes;  ///< with quotes where the old scalar had none
  TextChange::Leaf leaf;
};

/// Keeps the style of `old_node`, except that a plain scalar gets double quotes where it would not read back
/// as text otherwise. kInvalid where the style cannot hold the value. `json`: the text around is JSON.
enum class Around : unsigned char { kYaml, kJson };
Result<ScalarText> WriteScalar(const PathEnd& old, std::string_view value, Around around);

/// Bytes of an embedded text as they stand in the scalar that holds it.
std::string EscapeFor(ScalarStyle outer_style, std::string_view bytes);

}  // namespace lockkeeper
