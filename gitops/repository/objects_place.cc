#include "gitops/repository/objects_place.h"

#include <mutex>

namespace lockkeeper {

std::string ObjectsPlace::path() const {
  std::shared_lock lock(mutex_);
  return path_;
}

void ObjectsPlace::Change(const std::function<void()>& change) {
  std::unique_lock lock(mutex_);
  change();
  ++changes_;
}

void ObjectsPlace::Move(const std::string& path) {
  Change([&] { path_ = path; });
}

void ObjectsPlace::Look(const std::function<void(const std::string&, uint64_t)>& look) const {
  std::shared_lock lock(mutex_);
  look(path_, changes_.load());
}

}  // namespace lockkeeper
