#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"

namespace lockkeeper {

/// Pieces of Git's pack format, version 2 (gitformat-pack).
constexpr int kPackOffsetDelta = 6;
constexpr int kPackIdDelta = 7;
constexpr size_t kPackHeaderBytes = 12;
int PackType(ObjectType type);

std::string PackHeader(uint32_t objects);
/// Type and inflated size of an entry.
std::string PackEntryHeader(int type, uint64_t size);
/// How far before the entry its delta base begins.
std::string PackBaseOffset(uint64_t distance);
/// A delta that copies the common start and the common end of both and inserts what lies between.
std::string MiddleDelta(std::string_view base, std::string_view result);

/// What stands before an entry's deflated bytes.
struct PackEntryHead {
  int type = 0;                ///< 1 to 4, or one of the two above
  uint64_t size = 0;           ///< of what is inflated
  uint64_t base_distance = 0;  ///< of an offset delta
  ObjectId base_id;            ///< of an id delta
  size_t bytes = 0;            ///< of the head itself
};
/// The longest head.
constexpr size_t kPackEntryHeadBytesMax = 32;
/// Nothing: this is no head of an entry, or it is cut off.
std::optional<PackEntryHead> ParsePackEntryHead(std::string_view bytes);

void AppendBigEndian(std::string& out, uint32_t value);
/// `bytes` has four at least.
uint32_t BigEndian(std::string_view bytes);

}  // namespace lockkeeper
