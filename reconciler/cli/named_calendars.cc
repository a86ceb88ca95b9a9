#include "reconciler/cli/named_calendars.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "gitops/repository/folder_repository.h"
#include "reconciler/cli/input_file.h"
#include "schemas/calendar/decode_calendar.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

CalendarFile WithProblem(std::string why) {
  CalendarFile file;
  file.problem = std::move(why);
  return file;
}

CalendarFile ReadCalendarOf(const std::string& path, const fs::path& root) {
  fs::path place = root;
  std::error_code error;
  for (const fs::path& part : fs::path(path)) {
    place /= part;
    const fs::file_status status = fs::symlink_status(place, error);
    if (!fs::exists(status)) return WithProblem(fmt::format("there is no such file in {}", root.string()));
    if (fs::is_symlink(status)) return WithProblem("a symbolic link leads to it, and is never followed");
  }
  if (!fs::is_regular_file(place, error)) return WithProblem("it is no file");
  auto text = ReadInput(place.string(), kCalendarBytesMax);
  return text ? DecodeCalendar(path, *text) : WithProblem(text.error().message);
}

}  // namespace

CalendarFiles ReadNamedCalendars(const std::vector<MaintenanceSchedule>& schedules,
                                 const std::string& folder) {
  CalendarFiles files;
  std::string root;
  for (const MaintenanceSchedule& schedule : schedules) {
    for (const CalendarReference& calendar : schedule.calendars) {
      if (root.empty()) {
        auto place = FindRepository(folder);
        const bool in_work_tree = place && *place && !(*place)->work_tree.empty();
        root = in_work_tree ? (*place)->work_tree : folder;
      }
      const std::string& path = calendar.path.value;
      if (!files.contains(path)) files.emplace(path, ReadCalendarOf(path, root));
    }
  }
  return files;
}

std::string FolderOfFile(const std::string& path) {
  const std::string folder = path == "-" ? "" : fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace lockkeeper
