#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <string>

namespace lockkeeper {

/// The objects folder that several ObjectStores of this process read, each on its own thread, while packs of
/// it are removed or another folder takes its place. Thread-safe.
class ObjectsPlace {
 public:
  /// Empty: there is no folder yet.
  explicit ObjectsPlace(std::string path = {}) : path_(std::move(path)) {}

  std::string path() const;
  /// Grows with each change. A store that misses an object looks again if there was one since it opened.
  uint64_t changes() const { return changes_.load(); }

  /// Runs `change`, which removes what is replaced already, while no store opens the folder.
  void Change(const std::function<void()>& change);
  /// From now on it is another folder. What is in it has never been read under this path.
  void Move(const std::string& path);

  /// Runs `look` with the path and the count of changes; no change happens meanwhile.
  void Look(const std::function<void(const std::string& path, uint64_t changes)>& look) const;

 private:
  mutable std::shared_mutex mutex_;
  std::string path_;
  std::atomic<uint64_t> changes_{0};
};

}  // namespace lockkeeper
