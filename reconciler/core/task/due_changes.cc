#include "reconciler/core/task/due_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "schemas/assert.h"
#include "schemas/manifest/path_rules.h"

namespace lockkeeper {
namespace {

std::vector<Glob> Compile(const std::vector<std::string>& patterns) {
  std::vector<Glob> globs;
  for (const std::string& pattern : patterns) {
    auto glob = Glob::Compile(pattern);
    LK_ASSERT(glob.has_value());  // The decoder of the Fleet refuses others.
    globs.push_back(*std::move(glob));
  }
  return globs;
}

bool MatchesAny(const std::vector<Glob>& globs, std::string_view path) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.Matches(path); });
}

using Names = std::array<std::pair<std::string_view, std::string_view>, 4>;

/// In one go: what is filled in is never looked at again.
std::string Filled(std::string_view text, const Names& names) {
  std::string out;
  while (!text.empty()) {
    auto name = std::ranges::find_if(names, [&](const auto& one) { return text.starts_with(one.first); });
    if (name == names.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += name->second;
      text.remove_prefix(name->first.size());
    }
  }
  return out;
}

}  // namespace

GuardedFiles::GuardedFiles(const FleetSettings& settings)
    : manifests_(Compile(settings.manifests)),
      releases_(Compile(settings.releases)),
      status_path_(settings.status.path) {}

std::string GuardedFiles::WhyNot(std::string_view file) const {
  const char* what = nullptr;
  if (file == "lockkeeper.yaml") what = "the Fleet's own file";
  if (MatchesAny(manifests_, file)) what = "in the Fleet's folders for manifests";
  if (MatchesAny(releases_, file)) what = "in the Fleet's folders for releases";
  if (file.starts_with(status_path_)) what = "below the status path";
  return what == nullptr ? ""
                         : fmt::format("{}: it is {}, and no task may change anything there", file, what);
}

ScalarToSet FillIn(const TaskChange& change, const TaskKey& key, std::string_view ns) {
  const std::string date = FormatDate(key.date);
  const Names names{
      {{"{cluster}", key.cluster}, {"{namespace}", ns}, {"{task}", key.task.name}, {"{date}", date}}};
  return {.file = Filled(change.file.value, names),
          .path = change.path.value,
          .value = Filled(change.value, names)};
}

Result<std::vector<ScalarToSet>> FillIn(const MaintenanceTask& task, const TaskKey& key, std::string_view ns,
                                        const GuardedFiles& guarded) {
  std::vector<ScalarToSet> scalars;
  for (const TaskChange& change : task.changes) {
    ScalarToSet scalar = FillIn(change, key, ns);
    // A cluster's name is anybody's text.
    if (auto inside = CheckTreePath(scalar.file); !inside) return std::unexpected(inside.error());
    if (std::string why = guarded.WhyNot(scalar.file); !why.empty()) return Invalid(std::move(why));
    scalars.push_back(std::move(scalar));
  }
  return scalars;
}

}  // namespace lockkeeper
