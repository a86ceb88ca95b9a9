#include "gitops/remote/side_band.h"

#include <fmt/format.h>

#include "net/foreign_text.h"

namespace lockkeeper {
namespace {

constexpr size_t kSaidKept = size_t{8} << 10;
constexpr size_t kWordsMax = 1000;

}  // namespace

Result<std::string_view> SideBand::Take(std::string_view data) {
  if (data.empty()) return data;
  if (data.starts_with("ERR ")) {
    return Fail(ErrorKind::kTransient,
                fmt::format("the server gave up: {}", OneLine(data.substr(4), kWordsMax)));
  }
  const char band = data.front();
  data.remove_prefix(1);
  if (band == 1) return data;
  if (band == 2) {
    // Reasons come last, after progress.
    said_ += data;
    if (said_.size() > 2 * kSaidKept) said_.erase(0, said_.size() - kSaidKept);
    return std::string_view();
  }
  if (band == 3)
    return Fail(ErrorKind::kTransient, fmt::format("the server gave up: {}", OneLine(data, kWordsMax)));
  return Fail(ErrorKind::kTransient, "the answer is not Git's: a line of no band");
}

std::string SideBand::said() const { return OneLine(said_, kWordsMax); }

}  // namespace lockkeeper
