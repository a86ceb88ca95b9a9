#include <algorithm>

#include "gitops/repository/sha1.h"
#include "reconciler/cycle/audit_parts.h"
#include "reconciler/cycle/rebuild_status.h"

namespace lockkeeper {
namespace {

/// Whether the file, as it stands now, is what a write makes of the one in `parent`.
Result<bool> IsWritten(Repository& repository, const std::string& parent, const TreeDifference& actual,
                       const FileWrite& expected) {
  if (actual.removed || expected.remove) return actual.removed == expected.remove;
  if (actual.entry.id != HashObject("blob", expected.content).Hex()) return false;
  if (actual.entry.mode == FileMode::kRegular) return true;
  auto before = repository.FindFile(parent, expected.path);
  if (before) return before->mode == actual.entry.mode;
  if (before.error().kind == ErrorKind::kNotFound) return false;
  return std::unexpected(before.error());
}

/// A write that changes nothing makes no difference.
Result<bool> IsThere(Repository& repository, const std::string& commit, const FileWrite& expected) {
  auto entry = repository.FindFile(commit, expected.path);
  if (!entry && entry.error().kind == ErrorKind::kNotFound) return expected.remove;
  if (!entry) return std::unexpected(entry.error());
  return !expected.remove && entry->id == HashObject("blob", expected.content).Hex();
}

}  // namespace

Result<std::vector<FileMismatch>> CompareWrites(Repository& repository, const std::string& parent,
                                                const std::string& commit,
                                                const std::vector<FileWrite>& expected,
                                                std::vector<std::string>* changed) {
  auto differences = repository.Diff(parent, commit);
  if (!differences) return std::unexpected(differences.error());
  std::map<std::string_view, const TreeDifference*> actual;
  for (const TreeDifference& difference : *differences) {
    actual.emplace(difference.entry.path, &difference);
    if (changed != nullptr) changed->push_back(difference.entry.path);
  }
  std::vector<FileMismatch> mismatches;
  for (const FileWrite& write : expected) {
    auto found = actual.find(write.path);
    const bool missing = found == actual.end();
    auto same =
        missing ? IsThere(repository, commit, write) : IsWritten(repository, parent, *found->second, write);
    if (!same) return std::unexpected(same.error());
    if (!*same) mismatches.push_back({write.path, missing ? FileFault::kMissing : FileFault::kDiffers});
    if (!missing) actual.erase(found);
  }
  for (const auto& [path, difference] : actual)
    mismatches.push_back({std::string{path}, FileFault::kUnexpected});
  std::ranges::sort(mismatches, {}, &FileMismatch::path);
  return mismatches;
}

bool IsRecordFile(const FleetSettings& settings, std::string_view path) {
  if (!path.starts_with(settings.status.path)) return false;
  return IsStatusFile(path.substr(settings.status.path.size()));
}

}  // namespace lockkeeper
