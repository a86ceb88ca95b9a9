#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

struct PackIndexEntry {
  ObjectId id;
  uint32_t crc = 0;  ///< of the entry as it stands in the pack
  uint64_t offset = 0;
};

/// The index of a pack, version 2 (gitformat-pack).
struct PackIndex {
  std::vector<PackIndexEntry> entries;  ///< by id
  ObjectId pack_checksum;
};

/// kInvalid: it is damaged. Whatever the bytes are, what comes out is sorted, without repetition, and as
/// large as they are.
Result<PackIndex> ParsePackIndex(std::string_view bytes);

/// Whether a pack and its index, `stem` with .pack and .idx, belong together and are whole: the index's
/// checksum, and the pack's size, count and checksum as the index has it. The pack's own bytes are not read.
/// kInvalid: damaged.
Result<void> CheckPack(const std::string& stem);

}  // namespace lockkeeper
