#include "reconciler/cli/commands/validate_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "reconciler/core/task/due_changes.h"
#include "schemas/manifest/path_rules.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

/// One is where the other is, or within it: setting the outer one takes the inner one along.
bool Overlaps(const FieldPath& a, const FieldPath& b) {
  const size_t steps = std::min(a.steps.size(), b.steps.size());
  return std::equal(a.steps.begin(), a.steps.begin() + static_cast<std::ptrdiff_t>(steps), b.steps.begin());
}

class ChangeJudge {
 public:
  ChangeJudge(const FleetModel& model, Diagnostics& findings)
      : model_(model), findings_(findings), guarded_(model.settings()) {
    for (const Cluster& cluster : model.fleet().clusters) {
      for (const Ref& ref : cluster.refs) refs_[ref.file.str()].emplace_back(&cluster, &ref);
    }
  }

  void Judge(const TaskModel& task) {
    told_.clear();
    for (size_t i = 0; i < task.names.size(); ++i) {
      std::set<std::pair<std::string, std::string>> here;
      const std::string ns = task.is_for_each_cluster ? model_.cluster(task.clusters[i]).ns : "";
      const TaskKey key{.task = task.task->name, .date = {}, .cluster = task.names[i]};
      for (size_t c = 0; c < task.task->changes.size(); ++c) {
        const TaskChange& change = task.task->changes[c];
        ScalarToSet scalar = FillIn(change, key, ns);
        const std::string path = Normal(scalar.path);
        const bool is_first = here.emplace(scalar.file, path).second;
        if (!is_first) {
          Tell(task, c, Severity::kError, "duplicate-change",
               fmt::format("{} {} is set by an earlier change of this task already", scalar.file,
                           scalar.path));
        }
        if (std::string why = WhyForbidden(scalar); !why.empty())
          Tell(task, c, Severity::kError, "forbidden-change", why);
        if (is_first) JudgeShared(task, c, scalar, path);
      }
    }
  }

 private:
  struct Setter {
    const TaskModel* task;
    std::string value;
  };

  static std::string Normal(const std::string& path) {
    auto parsed = ParseFieldPath(path);
    return parsed ? FormatFieldPath(*parsed) : path;
  }

  /// Each thing once for a change, whatever the number of clusters.
  void Tell(const TaskModel& task, size_t change, Severity severity, const char* code,
            std::string_view what) {
    if (!told_.emplace(change, code).second) return;
    findings_.push_back({task.task->origin.file, task.task->changes[change].file.mark, severity, code,
                         fmt::format("spec.changes[{}]: {}", change, what)});
  }

  std::string WhyForbidden(const ScalarToSet& scalar) const {
    if (auto inside = CheckTreePath(scalar.file); !inside) return inside.error().message;
    if (std::string why = guarded_.WhyNot(scalar.file); !why.empty()) return why;
    auto refs = refs_.find(scalar.file);
    auto path = ParseFieldPath(scalar.path);
    if (refs == refs_.end() || !path) return {};
    for (const auto& [cluster, ref] : refs->second) {
      auto place = ParseFieldPath(ref->path.str());
      if (!place || !Overlaps(*place, *path)) continue;
      return fmt::format("{} {}: it holds the release of cluster {}, which only an upgrade may change",
                         scalar.file, scalar.path, cluster->name);
    }
    return {};
  }

  void JudgeShared(const TaskModel& task, size_t change, const ScalarToSet& scalar, const std::string& path) {
    auto [known, is_new] = setters_.try_emplace({scalar.file, path}, Setter{&task, scalar.value});
    if (is_new) return;
    const Setter& first = known->second;
    if (first.task != &task) {
      Tell(
          task, change, Severity::kWarning, "shared-change",
          fmt::format("{} {} is set by task {} too; where both are due, the one whose name comes later stays",
                      scalar.file, scalar.path, first.task->task->name.str()));
    } else if (first.value != scalar.value) {
      Tell(task, change, Severity::kWarning, "shared-change",
           fmt::format("{} {} is set to another value for each cluster; the last one stays: name a file of "
                       "the cluster's own",
                       scalar.file, scalar.path));
    }
  }

  const FleetModel& model_;
  Diagnostics& findings_;
  GuardedFiles guarded_;
  std::map<std::string, std::vector<std::pair<const Cluster*, const Ref*>>, std::less<>> refs_;
  std::map<std::pair<std::string, std::string>, Setter> setters_;  ///< by file and field path
  std::set<std::pair<size_t, std::string>> told_;                  ///< of the task at hand
};

}  // namespace

void JudgeTaskChanges(const FleetModel& model, Diagnostics& findings) {
  auto changes = [](const TaskModel& task) { return !task.task->changes.empty(); };
  if (std::ranges::none_of(model.tasks(), changes)) return;
  ChangeJudge judge{model, findings};
  for (const TaskModel& task : model.tasks()) judge.Judge(task);
}

}  // namespace lockkeeper
