#pragma once

#include <cstddef>

namespace lockkeeper {

/// Makes libgit2 ask the limit below before it takes memory. Once for the process, after git_libgit2_init.
void UseAllocationLimits();

/// While one lives, libgit2 gets no single piece of memory of more than `bytes_max` on this thread; the call
/// that asks for one fails. They do not nest.
class AllocationLimit {
 public:
  explicit AllocationLimit(size_t bytes_max);
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;
  ~AllocationLimit();
};

}  // namespace lockkeeper
