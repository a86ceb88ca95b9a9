#include <fmt/format.h>

#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/path_rules.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

const std::initializer_list<std::string_view> kFilledIn{"cluster", "namespace", "task", "date"};

Result<void> CheckTaskFile(std::string_view text) {
  if (auto known = CheckPlaceholders(text, kFilledIn); !known) return known;
  if (text.ends_with('/')) return Invalid("ends in '/'; it must name a file");
  return CheckTreePath(text);
}

Result<void> CheckTaskValue(std::string_view text) { return CheckPlaceholders(text, kFilledIn); }

Result<void> CheckTaskPath(std::string_view text) {
  for (std::string_view name : kFilledIn) {
    if (text.find(fmt::format("{{{}}}", name)) == std::string_view::npos) continue;
    return Invalid(fmt::format("{{{}}} is not filled in here, only in file and value", name));
  }
  auto path = ParseFieldPath(text);
  if (!path) return std::unexpected(path.error());
  return {};
}

/// A task that is one for the fleet has no cluster whose name could be filled in.
void RefuseClusterNames(const Place& place, FieldReader& read) {
  if (!place.has_text()) return;
  for (std::string_view name : {"{cluster}", "{namespace}"}) {
    if (place.node().value.find(name) == std::string::npos) continue;
    read.findings().Fallback(
        place, "bad-template",
        fmt::format("{} cannot be filled in: without matchers the task is one for the whole fleet; "
                    "'matchers: []' makes one for each cluster",
                    name));
    return;
  }
}

void DecodeChanges(const Place& list, MaintenanceTask& task, FieldReader& read) {
  for (const Place& place : list.Items()) {
    TaskChange change;
    Place file = place["file"];
    Place value = place["value"];
    read.Parsed(file, "bad-path", change.file, CheckTaskFile);
    read.Parsed(place["path"], "bad-field-path", change.path, CheckTaskPath);
    Field<std::string> text;
    read.Parsed(value, "bad-template", text, CheckTaskValue);
    change.value = std::move(text.value);
    if (!task.match.written) {
      RefuseClusterNames(file, read);
      RefuseClusterNames(value, read);
    }
    task.changes.push_back(std::move(change));
  }
}

}  // namespace

MaintenanceTask DecodeTask(const Place& document, FieldReader& read) {
  MaintenanceTask task;
  read.Metadata(document["metadata"], task.name);
  Place spec = document["spec"];
  DecodeTime(spec["startTime"], task.start, read);
  read.Line(spec["recurrence"], task.recurrence);
  read.Line(spec["timeZone"], task.time_zone);
  read.Duration(spec["dueWithin"], task.due_within);
  task.match = DecodeMatch(spec, read);
  read.Lines(spec["checklist"], task.checklist);
  DecodeChanges(spec["changes"], task, read);
  return task;
}

}  // namespace lockkeeper
