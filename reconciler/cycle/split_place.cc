#include "reconciler/cycle/split_place.h"

#include <charconv>

namespace lockkeeper {

std::pair<Mark, std::string> SplitPlace(std::string_view file, const std::string& message) {
  std::string_view rest = message;
  if (!rest.starts_with(file)) return {{}, message};
  rest.remove_prefix(file.size());
  Mark mark;
  for (int* number : {&mark.line, &mark.column}) {
    if (!rest.starts_with(':')) return {{}, message};
    auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), *number);
    if (error != std::errc{}) return {{}, message};
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  }
  if (!rest.starts_with(": ")) return {{}, message};
  return {mark, std::string(rest.substr(2))};
}

}  // namespace lockkeeper
