#include "reconciler/cycle/calendar_reader.h"

#include <algorithm>
#include <utility>

#include "schemas/calendar/decode_calendar.h"

namespace lockkeeper {
namespace {

CalendarFile WithProblem(std::string_view why) {
  CalendarFile file;
  file.problem = why;
  return file;
}

Result<CalendarFile> ReadCalendar(Repository& repository, const std::string& commit,
                                  const std::string& path) {
  // Another attempt may not meet an error of the other kinds, so that these are the caller's.
  auto is_lasting = [](const Error& error) {
    return error.kind == ErrorKind::kInvalid || error.kind == ErrorKind::kNotFound;
  };
  auto entry = repository.FindFile(commit, path);
  if (!entry && entry.error().kind == ErrorKind::kNotFound)
    return WithProblem("there is no such file in the repository");
  if (!entry && is_lasting(entry.error())) return WithProblem(entry.error().message);
  if (!entry) return std::unexpected(entry.error());
  if (entry->mode != FileMode::kRegular && entry->mode != FileMode::kExecutable) {
    return WithProblem("it is no file: a symbolic link or a submodule is never followed");
  }
  auto text = repository.ReadBlob(entry->id);
  if (!text && is_lasting(text.error())) return WithProblem("it cannot be read: " + text.error().message);
  if (!text) return std::unexpected(text.error());
  return DecodeCalendar(path, *text);
}

}  // namespace

Result<void> CalendarReader::Update(Repository& repository, const std::string& commit,
                                    const std::vector<TreeChange>& changes, bool schedules_changed,
                                    Fleet& fleet, const JudgeFile& judge) {
  if (schedules_changed) {
    wanted_.clear();
    for (const MaintenanceSchedule& schedule : fleet.schedules) {
      for (const CalendarReference& calendar : schedule.calendars) wanted_.insert(calendar.path.value);
    }
    std::erase_if(fleet.calendars, [&](const auto& known) { return !wanted_.contains(known.first); });
  }
  if (wanted_.empty()) return {};
  for (const TreeChange& change : changes) fleet.calendars.erase(change.file.path);
  for (const std::string& path : wanted_) {
    if (fleet.calendars.contains(path)) continue;
    auto file = ReadCalendar(repository, commit, path);
    if (!file) return std::unexpected(file.error());
    if (judge && file->problem.empty()) {
      auto trust = judge(path);
      if (!trust) return std::unexpected(trust.error());
      if (trust->state != FileTrust::State::kCounts) *file = WithProblem("it was " + trust->why);
    }
    fleet.calendars.emplace(path, std::move(*file));
  }
  return {};
}

}  // namespace lockkeeper
