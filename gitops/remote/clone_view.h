#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gitops/repository/objects_place.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Where the remote's branch was at the last look.
struct BranchHead {
  std::string branch;  ///< empty: not known yet
  std::string commit;  ///< empty: there is none, if somebody has looked
  bool is_known = false;
};

/// What one who fetches and those who read share of a clone. Thread-safe.
class CloneView {
 public:
  std::shared_ptr<ObjectsPlace> place() const { return place_; }

  BranchHead head() const;
  void SetHead(BranchHead head);

  /// What a reader has met: mended at the next fetch. Of several the first is kept.
  struct Complaint {
    enum class Certainty { kDoubt, kDamage };
    Certainty certainty = Certainty::kDoubt;
    std::string objects_path;  ///< of the clone that it is about
    std::string what;
  };
  void Complain(Complaint complaint);
  std::optional<Complaint> TakeComplaint();

 private:
  const std::shared_ptr<ObjectsPlace> place_ = std::make_shared<ObjectsPlace>();
  mutable std::mutex mutex_;
  BranchHead head_;
  std::optional<Complaint> complaint_;
};

}  // namespace lockkeeper
