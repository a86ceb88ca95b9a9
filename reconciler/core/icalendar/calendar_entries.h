#pragma once

#include <vector>

#include "reconciler/core/icalendar/calendar_text.h"
#include "reconciler/core/plan/decision.h"
#include "reconciler/core/task/plan_tasks.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/kinds/schedule.h"
#include "schemas/kinds/task.h"

namespace lockkeeper {

/// Nobody imports more, and our own reader takes no more from one file.
inline constexpr size_t kCalendarEntriesMax = 20'000;

/// The open intervals of a schedule that overlap `span`, whole: what began before it or ends after it is not
/// cut off, so that an interval has the same UID in every export. But one that reaches more than 400 days out
/// of the span is cut to it.
void AddWindows(const MaintenanceSchedule& schedule, const ScheduleCalendar& calendar, Interval span,
                std::vector<CalendarEntry>& out);

/// The bumps of a plan that are due in `span`, as far as is known: those that can be made now, and those of
/// which it is known when they may. Each is a moment. One that is put off keeps its UID.
void AddBumps(const Plan& plan, Interval span, std::vector<CalendarEntry>& out);

/// When a task falls due in `span`, once a date. kInvalid: its zone or its recurrence cannot be read.
Result<void> AddTask(const MaintenanceTask& task, Interval span, std::vector<CalendarEntry>& out);

/// The changes of tasks that a plan at `now` makes, or that wait for an instant that is known. Each is a
/// moment.
void AddTaskChanges(const TaskPlan& plan, Instant now, Interval span, std::vector<CalendarEntry>& out);

}  // namespace lockkeeper
