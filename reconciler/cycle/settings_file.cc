#include "reconciler/cycle/settings_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reconciler/cycle/fleet_paths.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

Diagnostic Finding(Mark mark, std::string code, std::string message) {
  return {std::string(kSettingsFile), mark, Severity::kError, std::move(code), std::move(message)};
}

SettingsFile NoFleet(std::string_view why) {
  return {{}, {Finding({}, "no-fleet", fmt::format("{}; 'lockkeeper init' writes one", why))}};
}

bool IsGone(const Error& error) {
  return error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kInvalid;
}

InventoryRule WithoutMarks(InventoryRule rule) {
  rule.mark = rule.cluster.mark = rule.cluster_namespace.mark = rule.provider.mark =
      rule.labels_from.mark = {};
  for (RefRule& ref : rule.refs) ref.file.mark = ref.path.mark = ref.format.mark = {};
  return rule;
}

}  // namespace

Result<SettingsFile> ReadSettingsFile(Repository& repository, const std::string& commit) {
  auto entry = repository.FindFile(commit, kSettingsFile);
  if (!entry && entry.error().kind == ErrorKind::kNotFound) {
    return NoFleet("the repository has no such file at its root, so nothing says what it holds");
  }
  if (!entry) return std::unexpected(entry.error());
  if (entry->mode != FileMode::kRegular && entry->mode != FileMode::kExecutable) return SettingsFile{};
  auto text = repository.ReadBlob(entry->id);
  // Whoever reads it as a manifest file tells why it cannot be read.
  if (!text && IsGone(text.error())) return SettingsFile{};
  if (!text) return std::unexpected(text.error());
  DecodedFile decoded = DecodeManifests(kSettingsFile, *text);
  auto broken = std::ranges::count_if(decoded.broken, [](const BrokenObject& object) {
    return object.kind == "Fleet" || object.kind.empty();
  });
  if (decoded.fleets.empty() && broken == 0) return NoFleet("it holds no object of kind Fleet");
  SettingsFile file;
  for (size_t i = 1; i < decoded.fleets.size(); ++i) {
    file.findings.push_back(Finding(
        decoded.fleets[i].origin.mark, "several-fleets",
        fmt::format("a repository has one Fleet, and one stands in line {} already; remove one of them",
                    decoded.fleets.front().origin.mark.line)));
  }
  if (decoded.fleets.size() == 1 && broken == 0) file.settings = std::move(decoded.fleets.front());
  return file;
}

bool SameRules(const std::vector<InventoryRule>& a, const std::vector<InventoryRule>& b) {
  return std::ranges::equal(
      a, b, [](const auto& left, const auto& right) { return WithoutMarks(left) == WithoutMarks(right); });
}

}  // namespace lockkeeper
