#pragma once

#include <cstdio>
#include <cstdlib>

/// Guards against our own mistakes. Stays on in release builds, and is never used on input.
#define LK_ASSERT(condition)                                                                 \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
