#include "gitops/repository/allocation_limit.h"

#include <git2.h>
#include <git2/sys/alloc.h>

#include <cstdlib>
#include <cstring>
#include <limits>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
thread_local size_t bytes_max_here = kNoLimit;

void* Told(void* memory) {
  if (memory == nullptr) git_error_set_oom();
  return memory;
}

// Memory comes from malloc as before, so what libgit2 took before these were set can be given back to them.
void* Malloc(size_t size, const char*, int) {
  return Told(size > bytes_max_here ? nullptr : std::malloc(size));
}

void* Calloc(size_t count, size_t size, const char*, int) {
  size_t bytes = 0;
  const bool fits = !__builtin_mul_overflow(count, size, &bytes) && bytes <= bytes_max_here;
  return Told(fits ? std::calloc(count, size) : nullptr);
}

void* Realloc(void* memory, size_t size, const char*, int) {
  return Told(size > bytes_max_here ? nullptr : std::realloc(memory, size));
}

void* ReallocArray(void* memory, size_t count, size_t size, const char* file, int line) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return Told(nullptr);
  return Realloc(memory, bytes, file, line);
}

void* MallocArray(size_t count, size_t size, const char* file, int line) {
  return ReallocArray(nullptr, count, size, file, line);
}

char* SubstringDuplicate(const char* text, size_t size, const char* file, int line) {
  if (size == kNoLimit) return nullptr;
  auto* copy = static_cast<char*>(Malloc(size + 1, file, line));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text, size);
  copy[size] = '\0';
  return copy;
}

char* StringDuplicate(const char* text, const char* file, int line) {
  return SubstringDuplicate(text, std::strlen(text), file, line);
}

char* StringDuplicateUpTo(const char* text, size_t size, const char* file, int line) {
  return SubstringDuplicate(text, strnlen(text, size), file, line);
}

}  // namespace

void UseAllocationLimits() {
  git_allocator allocator{};
  allocator.gmalloc = Malloc;
  allocator.gcalloc = Calloc;
  allocator.gstrdup = StringDuplicate;
  allocator.gstrndup = StringDuplicateUpTo;
  allocator.gsubstrdup = SubstringDuplicate;
  allocator.grealloc = Realloc;
  allocator.greallocarray = ReallocArray;
  allocator.gmallocarray = MallocArray;
  allocator.gfree = std::free;
  LK_ASSERT(git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &allocator) == 0);
}

AllocationLimit::AllocationLimit(size_t bytes_max) {
  LK_ASSERT(bytes_max_here == kNoLimit);
  bytes_max_here = bytes_max;
}

AllocationLimit::~AllocationLimit() { bytes_max_here = kNoLimit; }

}  // namespace lockkeeper
