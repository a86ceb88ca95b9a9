// Any commit message: an answer in bounded time, and what it records can be written, read and applied.
#include <cstddef>
#include <cstdint>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/status/write_status.h"
#include "schemas/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const auto parsed = ParseTrailers(message);
  if (!parsed) {
    LK_ASSERT(!parsed.error().message.empty() && parsed.error().message.size() < 1000);
    return 0;
  }
  if (!*parsed) return 0;
  const Record& record = **parsed;
  LK_ASSERT(!record.transitions.empty());
  const auto again = ParseTrailers("Subject\n\n" + FormatTrailers(record));
  LK_ASSERT(again.has_value() && again->has_value() && **again == record);
  StatusBook book;
  const auto writes = WriteStatus(record, book, [](const std::string&) { return std::string{}; });
  LK_ASSERT(!writes.empty());
  for (const StatusWrite& write : writes) {
    LK_ASSERT(write.problem.empty() && !write.path.empty());
    if (write.path.starts_with("clusters/")) continue;
    const auto file = ParseStatusFile(write.path, write.content);
    LK_ASSERT(file.has_value() && *file == book.at(file->upgrade));
  }
  return 0;
}
