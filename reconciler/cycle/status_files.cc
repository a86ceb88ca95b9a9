#include "reconciler/cycle/status_files.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "reconciler/core/status/status_file.h"
#include "reconciler/cycle/split_place.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kExtension = ".yaml";
/// Folders below the status path with files of other kinds.
constexpr std::string_view kClusters = "clusters";
constexpr std::string_view kTasks = "tasks";

/// %XX becomes the byte; anything else stays.
std::string Unescaped(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    unsigned value = 0;
    const char* digits = name.data() + i + 1;
    if (name[i] == '%' && name.size() - i > 2 &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += name[i];
    }
  }
  return out;
}

}  // namespace

std::optional<ObjectName> UpgradeOfStatusFile(std::string_view name) {
  if (!name.ends_with(kExtension)) return std::nullopt;
  name.remove_suffix(kExtension.size());
  size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size()) return std::nullopt;
  std::string_view ns = name.substr(0, slash);
  std::string_view upgrade = name.substr(slash + 1);
  if (upgrade.find('/') != std::string_view::npos || ns == kClusters || ns == kTasks) return std::nullopt;
  return ObjectName{.ns = Unescaped(ns), .name = Unescaped(upgrade)};
}

Result<bool> StatusFiles::Update(const std::vector<TreeChange>& changes, const FleetPaths& paths,
                                 const ReadBlob& read, StatusBook& book) {
  bool changed = false;
  for (const TreeChange& change : changes) {
    auto name = paths.StatusName(change.file.path);
    if (!name) continue;
    auto upgrade = UpgradeOfStatusFile(*name);
    if (!upgrade) continue;
    changed = true;
    auto known = files_.find(change.file.path);
    if (known != files_.end()) {
      if (known->second.problem.empty()) book.erase(known->second.upgrade);
      files_.erase(known);
    }
    if (change.removed) continue;
    if (auto taken = Take(change.file, *name, std::move(*upgrade), read, book); !taken)
      return std::unexpected(taken.error());
  }
  if (changed) Tell(paths);
  return changed;
}

Result<void> StatusFiles::Take(const TreeFile& file, std::string_view name, ObjectName upgrade,
                               const ReadBlob& read, StatusBook& book) {
  File& entry = files_[file.path];
  entry.upgrade = std::move(upgrade);
  if (!file.regular) {
    entry.problem =
        "it is a symbolic link or a submodule, which is never followed; run 'lockkeeper status rebuild'";
    return {};
  }
  auto text = read(file);
  if (!text) {
    if (text.error().kind != ErrorKind::kInvalid && text.error().kind != ErrorKind::kNotFound) {
      return std::unexpected(text.error());
    }
    entry.problem = text.error().message;
    return {};
  }
  auto record = ParseStatusFile(file.path, *text);
  if (!record) {
    std::tie(entry.mark, entry.problem) = SplitPlace(file.path, record.error().message);
    return {};
  }
  if (StatusFilePath(record->upgrade) != name) {
    entry.problem = fmt::format(
        "it says that it is the status of {}, which has its place in {}; move it back, or run "
        "'lockkeeper status rebuild'",
        record->upgrade.str(), StatusFilePath(record->upgrade));
    entry.claim = std::move(record->upgrade);
    return {};
  }
  entry.upgrade = record->upgrade;
  book.insert_or_assign(entry.upgrade, std::move(*record));
  return {};
}

void StatusFiles::Tell(const FleetPaths& paths) {
  broken_.clear();
  unnamed_.clear();
  findings_.clear();
  for (const auto& [path, file] : files_) {
    if (file.problem.empty()) continue;
    findings_.push_back({path, file.mark, Severity::kError, "broken-status",
                         fmt::format("status of {}: {}", file.upgrade.str(), file.problem)});
    std::string place =
        file.mark.line == 0 ? path : fmt::format("{}:{}:{}", path, file.mark.line, file.mark.column);
    std::string why = fmt::format("{}: {}", place, file.problem);
    broken_.try_emplace(file.upgrade, why);
    if (paths.StatusPathOf(file.upgrade) != path) unnamed_.emplace(*paths.StatusName(path), why);
    if (file.claim && !files_.contains(paths.StatusPathOf(*file.claim)))
      broken_.try_emplace(*file.claim, why);
  }
}

}  // namespace lockkeeper
