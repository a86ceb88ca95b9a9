#include "tests/support/faulty_repository.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {

std::optional<FaultyRepository::Fault> FaultyRepository::Count(std::string name) {
  ++calls_;
  journal_.push_back(std::move(name));
  auto found = std::find_if(faults_.begin(), faults_.end(),
                            [this](const Fault& fault) { return fault.call == calls_; });
  if (found == faults_.end()) return std::nullopt;
  return *found;
}

Error FaultyRepository::FailureOf(const Fault& fault) const {
  return {fault.kind, fmt::format("{}: made to fail at call {}", journal_.back(), fault.call)};
}

Result<std::string> FaultyRepository::Fetch() {
  if (auto fault = Count("Fetch")) return std::unexpected(FailureOf(*fault));
  return real_->Fetch();
}

Result<std::string> FaultyRepository::Resolve(const std::string& revision) {
  if (auto fault = Count("Resolve")) return std::unexpected(FailureOf(*fault));
  return real_->Resolve(revision);
}

Result<std::vector<TreeDifference>> FaultyRepository::Diff(const std::string& from, const std::string& to) {
  if (auto fault = Count("Diff")) return std::unexpected(FailureOf(*fault));
  return real_->Diff(from, to);
}

Result<std::string_view> FaultyRepository::ReadBlob(const std::string& id) {
  if (auto fault = Count("ReadBlob")) return std::unexpected(FailureOf(*fault));
  return real_->ReadBlob(id);
}

Result<TreeEntry> FaultyRepository::FindFile(const std::string& commit, std::string_view path) {
  if (auto fault = Count("FindFile")) return std::unexpected(FailureOf(*fault));
  return real_->FindFile(commit, path);
}

Result<std::string_view> FaultyRepository::ReadCommit(const std::string& id) {
  if (auto fault = Count("ReadCommit")) return std::unexpected(FailureOf(*fault));
  return real_->ReadCommit(id);
}

Result<void> FaultyRepository::WalkHistory(const std::string& from,
                                           const std::function<bool(const CommitRecord&)>& visit) {
  if (auto fault = Count("WalkHistory")) return std::unexpected(FailureOf(*fault));
  return real_->WalkHistory(from, visit);
}

Result<std::vector<std::string>> FaultyRepository::Publish(const std::string& base,
                                                           const std::vector<CommitDraft>& commits) {
  auto fault = Count("Publish");
  if (!fault) return real_->Publish(base, commits);
  if (fault->mode == Mode::kUnknownOutcome) {
    // What really became of it is just what the caller does not get to know.
    (void)real_->Publish(base, commits);
    return Fail(ErrorKind::kTransient, fmt::format("Publish: the answer to call {} was lost", fault->call));
  }
  return std::unexpected(FailureOf(*fault));
}

}  // namespace lockkeeper
