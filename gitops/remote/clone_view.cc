#include "gitops/remote/clone_view.h"

#include <utility>

namespace lockkeeper {

BranchHead CloneView::head() const {
  std::lock_guard lock(mutex_);
  return head_;
}

void CloneView::SetHead(BranchHead head) {
  std::lock_guard lock(mutex_);
  head_ = std::move(head);
}

void CloneView::Complain(Complaint complaint) {
  std::lock_guard lock(mutex_);
  if (!complaint_ || complaint.certainty > complaint_->certainty) complaint_ = std::move(complaint);
}

std::optional<CloneView::Complaint> CloneView::TakeComplaint() {
  std::lock_guard lock(mutex_);
  return std::exchange(complaint_, std::nullopt);
}

}  // namespace lockkeeper
