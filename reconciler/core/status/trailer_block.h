#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockkeeper {

/// A line of the trailer block: `key: value` without blanks around either. A folded value is joined by a
/// blank, as Git joins it.
struct Trailer {
  std::string_view key;
  std::string value;
};

/// The trailers of a commit message whose keys begin with `prefix`, in their order; others are left out. As
/// `git interpret-trailers` has it, they stand in the last paragraph, which is not the first one; unlike Git
/// we want every line of it to be a trailer (or Git's own `(cherry picked from commit ...)`), so that prose
/// that ends a message is none. Trailers that are quoted, indented, or followed by another paragraph are
/// none. Line ends may be CRLF.
std::vector<Trailer> FindTrailers(std::string_view message, std::string_view prefix);

/// The message that `git revert` writes, or the forges' buttons for it. What it repeats of the commit that it
/// takes back happened once, in that commit.
bool IsRevert(std::string_view message);

}  // namespace lockkeeper
