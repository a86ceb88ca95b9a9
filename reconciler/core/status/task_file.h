#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "reconciler/core/status/task_record.h"
#include "schemas/error.h"

namespace lockkeeper {

/// `tasks/<task>/<date>[-<cluster>].yaml`, below the Fleet's status path; `<namespace>%2F<task>` in another
/// namespace than `default`. Names are made fit for files as in StatusFilePath; different keys give different
/// paths.
std::string TaskFilePath(const TaskKey& key);

/// The same record gives the same bytes.
std::string FormatTaskFile(const TaskKey& key, const TaskRecord& record);

/// Reads FormatTaskFile's output (or the same YAML written in another way). kInvalid: it is no such file, as
/// `file:line:column: why`.
Result<std::pair<TaskKey, TaskRecord>> ParseTaskFile(std::string_view file, std::string_view text);

}  // namespace lockkeeper
