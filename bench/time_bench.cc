// What a schedule costs: compile and first answer, then answers. All rules began years before they are asked
// about.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "reconciler/core/time/schedule_calendar.h"

namespace lockkeeper {
namespace {

struct Rule {
  const char* name;
  const char* recurrence;
  int hours;
};

constexpr std::array<Rule, 14> kRules{{
    {"weekly", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 10},
    {"daily", "FREQ=DAILY", 4},
    {"daily-24h", "FREQ=DAILY", 24},
    {"biweekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", 8},
    {"second-tuesday", "FREQ=MONTHLY;BYDAY=2TU", 6},
    {"last-workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 6},
    {"yearly", "FREQ=YEARLY", 100},
    {"week-20", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO,TU", 6},
    {"every-17-days", "FREQ=DAILY;INTERVAL=17;BYDAY=MO,TU,WE,TH", 6},
    {"count", "FREQ=DAILY;COUNT=10000", 6},
    {"count-weekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYSETPOS=1;COUNT=1000", 6},
    {"friday-13", "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", 6},
    {"never", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 6},
    {"hourly",
     "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,30", 0},
}};

const Instant kNow = *ParseInstant("2026-03-26T12:34:56Z");

WindowItem Item(const Rule& rule, const char* start) {
  WindowItem item;
  item.name = rule.name;
  item.start.value = *ParseWrittenTime(start);
  item.duration = {rule.hours > 0 ? Seconds{rule.hours * 3600} : Seconds{600}, {}};
  item.recurrence.value = rule.recurrence;
  return item;
}

/// One window, and as in RFC 0015 the first days of each month excluded.
MaintenanceSchedule Schedule(const Rule& rule) {
  MaintenanceSchedule schedule;
  schedule.time_zone.value = "Europe/Stockholm";
  schedule.windows.push_back(Item(rule, "2016-03-01T07:00:00"));
  schedule.exclusions.push_back(Item({"month-start", "FREQ=MONTHLY", 96}, "2016-03-01T00:00:00"));
  return schedule;
}

ScheduleCalendar Compile(const MaintenanceSchedule& schedule) {
  Diagnostics findings;
  auto calendar = ScheduleCalendar::Compile(schedule, findings);
  if (!calendar) std::abort();
  return std::move(*calendar);
}

void CompileOnly(benchmark::State& state) {
  const Rule& rule = kRules[static_cast<size_t>(state.range(0))];
  const MaintenanceSchedule schedule = Schedule(rule);
  for (auto _ : state) benchmark::DoNotOptimize(Compile(schedule));
  state.SetLabel(rule.name);
}

void CompileAndFirstAnswer(benchmark::State& state) {
  const Rule& rule = kRules[static_cast<size_t>(state.range(0))];
  const MaintenanceSchedule schedule = Schedule(rule);
  for (auto _ : state) {
    const ScheduleCalendar calendar = Compile(schedule);
    benchmark::DoNotOptimize(calendar.NextOpen(kNow, kEveryScope));
  }
  state.SetLabel(rule.name);
}

void IsOpen(benchmark::State& state) {
  const Rule& rule = kRules[static_cast<size_t>(state.range(0))];
  const ScheduleCalendar calendar = Compile(Schedule(rule));
  int64_t minutes = 0;
  for (auto _ : state) {
    minutes = (minutes + 37) % 10'000;
    benchmark::DoNotOptimize(calendar.Open(kNow + std::chrono::minutes{minutes}, kEveryScope));
  }
  state.SetLabel(rule.name);
}

void NextOpening(benchmark::State& state) {
  const Rule& rule = kRules[static_cast<size_t>(state.range(0))];
  const ScheduleCalendar calendar = Compile(Schedule(rule));
  int64_t minutes = 0;
  for (auto _ : state) {
    minutes = (minutes + 37) % 10'000;
    benchmark::DoNotOptimize(calendar.NextOpen(kNow + std::chrono::minutes{minutes}, kEveryScope));
  }
  state.SetLabel(rule.name);
}

/// Compiled and a year of it listed, as `windows` does.
void CompileAndListYear(benchmark::State& state) {
  const Rule& rule = kRules[static_cast<size_t>(state.range(0))];
  const MaintenanceSchedule schedule = Schedule(rule);
  for (auto _ : state) {
    const ScheduleCalendar calendar = Compile(schedule);
    benchmark::DoNotOptimize(calendar.Intervals(kNow, kNow + std::chrono::days{365}, kEveryScope));
  }
  state.SetLabel(rule.name);
}

constexpr int kLast = static_cast<int>(kRules.size()) - 1;
BENCHMARK(CompileOnly)->DenseRange(0, kLast);
BENCHMARK(CompileAndFirstAnswer)->DenseRange(0, kLast);
BENCHMARK(IsOpen)->DenseRange(0, kLast);
BENCHMARK(NextOpening)->DenseRange(0, kLast);
BENCHMARK(CompileAndListYear)->DenseRange(0, 1);

}  // namespace
}  // namespace lockkeeper
