#pragma once

// Random histories of an odd fleet: whatever the inventory and the manifests let through, and some more.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/status/transition.h"

namespace lockkeeper {

class RandomRecords {
 public:
  explicit RandomRecords(uint64_t seed) : engine_(seed) {}

  /// Below `end`.
  size_t Below(size_t end) { return engine_() % end; }
  bool OneIn(size_t n) { return Below(n) == 0; }

  /// Of one of the names that come up again and again, so that records meet the same lines.
  const ObjectName& Upgrade();
  const std::string& Cluster();
  std::string Release();
  /// A text that people write: of one word, of many lines, of nothing but trouble. Valid UTF-8 if asked for.
  enum class Bytes : uint8_t { kAny, kUtf8 };
  std::string Text(Bytes bytes);
  Instant Time();
  Transition Next(Bytes bytes);
  Transition RollOut(Bytes bytes);
  std::vector<std::string> SomeClusters();
  TaskTransition NextTask(Bytes bytes);
  Record NextRecord(Bytes bytes);
  /// A line with anything in it that its states allow, reachable or not.
  ClusterRecord Line();

 private:
  template <class T>
  const T& OneOf(const std::vector<T>& all) {
    return all[Below(all.size())];
  }
  WindowRecord Window(Bytes bytes);

  std::mt19937_64 engine_;
  Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
};

}  // namespace lockkeeper
