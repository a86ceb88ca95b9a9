// An index's bytes without their checksum, which is put behind them, since nobody guesses one; and the same
// bytes as the head of an entry. What is read is sorted and no larger than its input, and a head that is
// written again is read as the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "gitops/repository/pack_format.h"
#include "gitops/repository/pack_index.h"
#include "gitops/repository/sha1.h"
#include "schemas/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string bytes(input);
  Sha1 hash;
  hash.Update(bytes);
  bytes += hash.Finish().Raw();
  if (const auto index = ParsePackIndex(bytes)) {
    LK_ASSERT(index->entries.size() * ObjectId::kBytes < bytes.size());
    for (size_t i = 1; i < index->entries.size(); ++i)
      LK_ASSERT(index->entries[i - 1].id < index->entries[i].id);
  } else {
    LK_ASSERT(index.error().kind == ErrorKind::kInvalid);
  }

  const auto head = ParsePackEntryHead(input);
  if (!head) return 0;
  LK_ASSERT(head->bytes <= input.size() && head->bytes <= kPackEntryHeadBytesMax);
  std::string again = PackEntryHeader(head->type, head->size);
  if (head->type == kPackOffsetDelta) again += PackBaseOffset(head->base_distance);
  if (head->type == kPackIdDelta) again += head->base_id.Raw();
  LK_ASSERT(again.size() <= head->bytes);
  const auto same = ParsePackEntryHead(again);
  LK_ASSERT(same && same->type == head->type && same->size == head->size &&
            same->base_distance == head->base_distance && same->base_id == head->base_id);
  return 0;
}
