#include "reconciler/cycle/manifest_trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lockkeeper {
namespace {

Result<CommitRecord> ReadRecord(Repository& repository, const std::string& commit) {
  CommitRecord found;
  auto walked = repository.WalkHistory(commit, [&](const CommitRecord& record) {
    found = record;
    return false;
  });
  if (!walked) return std::unexpected(walked.error());
  return found;
}

}  // namespace

Result<bool> ManifestTrust::Refresh() {
  auto changed = verifier_.Refresh();
  if (changed && *changed) signers_.clear();
  return changed;
}

// Calendars may stand anywhere; they are part of the schedules that name them.
bool ManifestTrust::Wants(const std::string& path) const {
  if (path.ends_with(".ics")) return true;
  for (const bool regular : {true, false}) {
    const TreeFile file{.path = path, .blob = {}, .regular = regular};
    if (paths_->RoleOf(file) != FileRole::kNone) return true;
    if (default_paths_.RoleOf(file) != FileRole::kNone) return true;
  }
  return false;
}

Result<void> ManifestTrust::Follow(Repository& repository, const std::string& commit,
                                   const std::optional<FleetPaths>& paths) {
  if (paths) {
    if (!paths_ || !paths->SameManifests(*paths_) || !paths->SameStatus(*paths_)) history_.Forget();
    paths_ = paths;
  }
  return history_.Follow(repository, commit, [&](const TreeEntry& entry) { return Wants(entry.path); });
}

Result<const SignedBy*> ManifestTrust::Signed(Repository& repository, const std::string& commit) {
  auto known = signers_.find(commit);
  if (known != signers_.end()) return &known->second;
  auto record = ReadRecord(repository, commit);
  if (!record) return std::unexpected(record.error());
  auto bytes = repository.ReadCommit(commit);
  if (!bytes) return std::unexpected(bytes.error());
  auto verified = verifier_.Verify(*bytes, record->time);
  if (!verified) {
    return Fail(verified.error().kind, fmt::format("the signature of commit {} cannot be verified: {}",
                                                   commit.substr(0, 12), verified.error().message));
  }
  return &signers_.emplace(commit, std::move(*verified)).first->second;
}

Result<std::string> ManifestTrust::SignerOf(Repository& repository, const CommitRecord& commit) {
  auto verified = Signed(repository, commit.id);
  if (!verified) return std::unexpected(verified.error());
  return (*verified)->principal;
}

Result<FileTrust> ManifestTrust::Judge(Repository& repository, const std::string& path) {
  const std::vector<const FileChange*> changes = history_.ChangesOf(path);
  if (changes.empty()) {
    return FileTrust{.state = FileTrust::State::kNeverSigned,
                     .why = "no commit is known that brought it, so nobody signed it",
                     .signed_blob = {},
                     .signed_by = {}};
  }
  const FileChange* newest = nullptr;
  for (const FileChange* change : changes) {
    auto verified = Signed(repository, history_.commit(change->commit).id);
    if (!verified) return std::unexpected(verified.error());
    if ((*verified)->principal.empty()) continue;
    newest = change;
    break;
  }
  if (newest == nullptr || newest->entry != changes.front()->entry)
    return Untrusted(repository, changes, newest);
  std::vector<uint32_t> others;
  for (const FileChange* change : changes) {
    // Another one that left the same is of one mind with it.
    if (change->entry != newest->entry) others.push_back(change->commit);
  }
  for (uint32_t place : history_.NotBehind(newest->commit, others)) {
    auto verified = Signed(repository, history_.commit(place).id);
    if (!verified) return std::unexpected(verified.error());
    if (!(*verified)->principal.empty()) return Untrusted(repository, changes, newest);
  }
  return FileTrust{};
}

Result<FileTrust> ManifestTrust::Untrusted(Repository& repository,
                                           const std::vector<const FileChange*>& changes,
                                           const FileChange* newest_signed) {
  FileTrust trust{.state = FileTrust::State::kNeverSigned, .why = {}, .signed_blob = {}, .signed_by = {}};
  // Merges are seldom whom to ask.
  auto by_one = std::ranges::find_if(changes, [&](const FileChange* change) {
    return change->entry == changes.front()->entry && history_.commit(change->commit).parents.size() < 2;
  });
  const FileChange& last = by_one == changes.end() ? *changes.front() : **by_one;
  const std::string& id = history_.commit(last.commit).id;
  auto record = ReadRecord(repository, id);
  if (!record) return std::unexpected(record.error());
  auto verified = Signed(repository, id);
  if (!verified) return std::unexpected(verified.error());
  trust.why = fmt::format("{} by {} of {} <{}>", last.entry.empty() ? "removed" : "last changed",
                          id.substr(0, 12), record->author_name, record->author_email);
  if ((*verified)->principal.empty()) {
    trust.why += fmt::format(", which is not signed by an allowed signer: {}", (*verified)->problem);
  } else {
    trust.why += fmt::format(
        ", and then merged into another signed change by {}, which is not signed by an "
        "allowed signer",
        Short(changes.front()->commit));
  }
  if (newest_signed == nullptr || newest_signed->entry.empty()) return trust;
  auto signer = Signed(repository, history_.commit(newest_signed->commit).id);
  if (!signer) return std::unexpected(signer.error());
  trust.state = FileTrust::State::kAltered;
  if (newest_signed->entry.starts_with("100")) trust.signed_blob = newest_signed->blob;
  trust.signed_by = fmt::format("{} of {}", Short(newest_signed->commit), (*signer)->principal);
  return trust;
}

}  // namespace lockkeeper
