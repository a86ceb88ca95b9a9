#include "reconciler/cycle/task_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "gitops/edit/edit.h"
#include "reconciler/core/task/plan_tasks.h"
#include "schemas/yaml/field_path.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kOwnGroup = "lockkeeper.dev/";

/// What a person reads in a trailer and in a file: one line.
std::string OneLine(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

/// `file:line:column: why`, where a place is known.
std::string Placed(const std::string& file, std::string_view why) {
  const bool has_line = !why.empty() && why.front() >= '0' && why.front() <= '9';
  return fmt::format("{}:{}{}", file, has_line ? "" : " ", why);
}

bool IsOwnManifest(const YamlNode& document) {
  const YamlNode* version = document.is_mapping() ? document.Find("apiVersion") : nullptr;
  return version != nullptr && version->is_scalar() && version->value.starts_with(kOwnGroup);
}

class Trials {
 public:
  Trials(const Fleet& fleet, const ReadText& read) : fleet_(fleet), read_(read) {}

  Result<TaskTrials> Run(const std::vector<DueChanges>& due) {
    if (due.empty()) return TaskTrials{};
    FindRefs(due);
    TaskTrials trials;
    for (const DueChanges& one : due) {
      auto trial = Try(one);
      if (!trial) return std::unexpected(trial.error());
      trials.emplace(one.key, *std::move(trial));
    }
    return trials;
  }

 private:
  void FindRefs(const std::vector<DueChanges>& due) {
    for (const DueChanges& one : due) {
      for (const ScalarToSet& scalar : one.scalars) refs_.try_emplace(scalar.file);
    }
    for (const Cluster& cluster : fleet_.clusters) {
      for (const Ref& ref : cluster.refs) {
        if (auto file = refs_.find(ref.file.str()); file != refs_.end())
          file->second.emplace_back(&cluster, &ref);
      }
    }
  }

  Result<TaskTrial> Try(const DueChanges& due) {
    TaskTrial trial;
    std::map<std::string, std::vector<RefEdit>> by_file;
    auto refuse = [&](const std::string& file, std::string_view why) {
      return TaskTrial{.edits = {}, .refusal = OneLine(Placed(file, why))};
    };
    std::map<std::string, std::string> edited;
    for (const ScalarToSet& scalar : due.scalars) {
      auto text = Text(scalar.file);
      if (!text && text.error().kind == ErrorKind::kNotFound)
        return refuse(scalar.file, "there is no such file");
      if (!text && text.error().kind == ErrorKind::kInvalid) return refuse(scalar.file, text.error().message);
      if (!text) return std::unexpected(text.error());
      auto edit = Find(scalar, *text);
      if (!edit) return refuse(scalar.file, edit.error().message);
      by_file[scalar.file].push_back(*edit);
      trial.edits.push_back(*std::move(edit));
    }
    for (const auto& [file, edits] : by_file) {
      auto text = Text(file);
      if (!text) return std::unexpected(text.error());
      std::vector<ScalarEdit> scalars;
      for (const RefEdit& edit : edits) {
        if (edit.expected != edit.value)
          scalars.push_back({edit.document, edit.path, &edit.expected, edit.value});
      }
      auto result = SetScalars(*text, scalars);
      if (!result) return refuse(file, result.error().message);
      if (std::string why = WhyForbidden(file, *text, *result); !why.empty()) return refuse(file, why);
      edited[file] = *std::move(result);
    }
    if (due.is_open) {
      for (auto& [file, text] : edited) made_[file] = std::move(text);
    }
    return trial;
  }

  Result<std::string> Text(const std::string& file) {
    if (auto made = made_.find(file); made != made_.end()) return made->second;
    return read_(file);
  }

  /// In which document it stands, and what.
  static Result<RefEdit> Find(const ScalarToSet& scalar, const std::string& text) {
    auto path = ParseFieldPath(scalar.path);
    if (!path) return std::unexpected(path.error());
    auto stream = ParseUserYaml(text, kUserFileLimits);
    if (!stream)
      return Invalid(fmt::format("{}:{}: {}", stream.error().mark.line, stream.error().mark.column,
                                 stream.error().message));
    std::optional<RefEdit> found;
    for (size_t d = 0; d < stream->documents.size(); ++d) {
      const YamlNode& document = stream->documents[d];
      auto target = Locate(text, document, *path);
      if (!target && target.error().code == "missing") continue;
      if (!target)
        return Invalid(fmt::format("{}:{}: {}: {}", target.error().mark.line, target.error().mark.column,
                                   scalar.path, target.error().message));
      if (IsOwnManifest(document))
        return Invalid("it holds a manifest of lockkeeper's, which no task may change");
      if (found)
        return Invalid(
            fmt::format("{}: it stands in several documents of the file, and it is not plain which is meant",
                        scalar.path));
      found = RefEdit{scalar.file, static_cast<int>(d), scalar.path, target->value, scalar.value};
    }
    if (!found) return Invalid(fmt::format("{}: there is no such value", scalar.path));
    return *std::move(found);
  }

  /// Whatever way a path takes: the releases of clusters are for upgrades alone.
  std::string WhyForbidden(const std::string& file, const std::string& before,
                           const std::string& after) const {
    const auto& refs = refs_.at(file);
    if (refs.empty() || before == after) return {};
    auto old_stream = ParseUserYaml(before, kUserFileLimits);
    auto new_stream = ParseUserYaml(after, kUserFileLimits);
    if (!old_stream || !new_stream) return "it cannot be read any more";
    for (const auto& [cluster, ref] : refs) {
      const auto document = static_cast<size_t>(ref->document);
      auto path = ParseFieldPath(ref->path.str());
      if (!path || document >= old_stream->documents.size()) continue;
      auto was = Locate(before, old_stream->documents[document], *path);
      if (!was) continue;
      auto is = Locate(after, new_stream->documents[document], *path);
      if (is && is->value == was->value) continue;
      return fmt::format("{}: it holds the release of cluster {}, which no task may change", ref->path.str(),
                         cluster->name);
    }
    return {};
  }

  const Fleet& fleet_;
  const ReadText& read_;
  /// By each file that is asked about.
  std::map<std::string, std::vector<std::pair<const Cluster*, const Ref*>>, std::less<>> refs_;
  std::map<std::string, std::string> made_;
};

}  // namespace

Result<TaskTrials> TryTaskChanges(const std::vector<DueChanges>& due, const Fleet& fleet,
                                  const ReadText& read) {
  return Trials{fleet, read}.Run(due);
}

Result<TaskTrials> TryTaskChanges(const FleetModel& model, const TaskStatus& status, FleetReader& reader,
                                  Instant now) {
  auto changes = [](const MaintenanceTask& task) { return !task.changes.empty(); };
  if (std::ranges::none_of(model.fleet().tasks, changes)) return TaskTrials{};
  auto read = [&](const std::string& path) -> Result<std::string> {
    auto text = reader.ReadFile(path);
    if (!text) return std::unexpected(text.error());
    return std::string{*text};
  };
  return TryTaskChanges(PlanTasks(model, status, now).to_try, model.fleet(), read);
}

}  // namespace lockkeeper
