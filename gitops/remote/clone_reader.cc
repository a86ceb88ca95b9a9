#include "gitops/remote/clone_reader.h"

#include <fmt/format.h>

#include <utility>

namespace lockkeeper {

CloneReader::CloneReader(std::shared_ptr<CloneView> view, const std::string& url, size_t blob_bytes_max)
    : view_(std::move(view)),
      url_(url),
      reader_(ObjectStore::Follow(view_->place()), {.location = url, .blob_bytes_max = blob_bytes_max}),
      head_(view_->head()) {}

void CloneReader::Look(Error& error) {
  if (view_->place()->path().empty()) {
    error = {ErrorKind::kTransient, fmt::format("{}: nothing has been fetched yet", url_)};
    return;
  }
  if (error.kind == ErrorKind::kTransient) {
    view_->Complain({CloneView::Complaint::Certainty::kDamage, store().objects_path(), error.message});
    error.message = fmt::format("{}: our clone is damaged, and is made anew with the next fetch: {}", url_,
                                error.message);
  } else if (error.kind == ErrorKind::kNotFound) {
    view_->Complain({CloneView::Complaint::Certainty::kDoubt, store().objects_path(), error.message});
  }
}

Result<std::string> CloneReader::Fetch() {
  head_ = view_->head();
  if (!head_.commit.empty()) return head_.commit;
  if (!head_.is_known)
    return Fail(ErrorKind::kTransient, fmt::format("{}: nothing has been fetched yet", url_));
  return NotFound(fmt::format("{}: there is no branch '{}'", url_, head_.branch));
}

Result<std::string> CloneReader::Resolve(const std::string& revision) {
  const BranchHead head = view_->head();
  auto id = reader_.Resolve(revision, [&](const std::string& name) -> Result<ObjectId> {
    const bool named = name == "HEAD" || name == head.branch || name == "heads/" + head.branch ||
                       name == "refs/heads/" + head.branch;
    auto commit = named ? ParseObjectId(head.commit) : std::nullopt;
    if (commit) return *commit;
    return NotFound(fmt::format("only '{}' is fetched", head.branch));
  });
  // A person may ask for what never was, and that is no damage.
  if (!id && id.error().kind == ErrorKind::kNotFound && !view_->place()->path().empty()) return id;
  return Watched(std::move(id));
}

Result<std::vector<TreeDifference>> CloneReader::Diff(const std::string& from, const std::string& to) {
  return Watched(reader_.Diff(from, to));
}

Result<std::string_view> CloneReader::ReadBlob(const std::string& id) {
  auto bytes = reader_.ReadBlob(id);
  // Ids come from trees, and what a tree names has to be there.
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    view_->Complain({CloneView::Complaint::Certainty::kDoubt, store().objects_path(), bytes.error().message});
    return Fail(ErrorKind::kTransient,
                fmt::format("{}: our clone lacks a file; if it is damaged, it is made anew "
                            "with the next fetch: {}",
                            url_, bytes.error().message));
  }
  return Watched(std::move(bytes));
}

Result<TreeEntry> CloneReader::FindFile(const std::string& commit, std::string_view path) {
  auto entry = reader_.FindFile(commit, path);
  if (!entry && entry.error().kind == ErrorKind::kNotFound) {
    // It is the rule that a file is not there, but its commit has to be.
    auto id = ParseObjectId(commit);
    auto there = id ? reader_.store().Has(*id) : Result<bool>(true);
    if (there && *there) return entry;
  }
  return Watched(std::move(entry));
}

Result<void> CloneReader::WalkHistory(const std::string& from,
                                      const std::function<bool(const CommitRecord&)>& visit) {
  return Watched(reader_.WalkHistory(from, visit));
}

Result<std::vector<std::string>> CloneReader::Publish(const std::string& /*base*/,
                                                      const std::vector<CommitDraft>& /*commits*/) {
  return Invalid(fmt::format("{}: this view of the clone only reads", url_));
}

}  // namespace lockkeeper
