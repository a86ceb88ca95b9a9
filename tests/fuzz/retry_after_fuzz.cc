// The first line is a Retry-After header's value, the second a Date's; the rest is a URL. A wait is within
// its limit, and what is read of a URL means the same when it is written and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "net/foreign_text.h"
#include "net/retry_after.h"
#include "net/url.h"
#include "schemas/assert.h"
#include "schemas/manifest/words.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  auto take_line = [&] {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
  };
  const std::string_view value = take_line();
  const std::string_view date = take_line();
  if (const auto wait = ParseRetryAfter(value, date))
    LK_ASSERT(*wait >= std::chrono::seconds(0) && *wait <= kRetryAfterMax);
  const std::string line = OneLine(rest, 300);
  LK_ASSERT(line.size() <= 303 && IsPrintable(line) && !line.contains('\n'));
  const auto url = ParseUrl(rest);
  if (!url) return 0;
  const auto again = ParseUrl(url->Text());
  LK_ASSERT(again && again->Text() == url->Text() && again->Origin() == url->Origin() && again->user.empty());
  return 0;
}
