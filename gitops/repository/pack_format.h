#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gitops/repository/object_store.h"

namespace lockkeeper {

/// Pieces of Git's pack format, version 2 (gitformat-pack).
constexpr int kPackOffsetDelta = 6;
int PackType(ObjectType type);

std::string PackHeader(uint32_t objects);
/// Type and inflated size of an entry.
std::string PackEntryHeader(int type, uint64_t size);
/// How far before the entry its delta base begins.
std::string PackBaseOffset(uint64_t distance);
/// A delta that copies the common start and the common end of both and inserts what lies between.
std::string MiddleDelta(std::string_view base, std::string_view result);

void AppendBigEndian(std::string& out, uint32_t value);

}  // namespace lockkeeper
