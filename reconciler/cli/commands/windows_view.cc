#include "reconciler/cli/commands/windows_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

constexpr size_t kDateBytes = 10;
constexpr size_t kMinuteBytes = 16;  // of `2026-03-11 07:00`

/// `Wed 2026-03-11 08:00 - 18:00 CET`; with the second date where it is another day.
std::string SpanText(Interval span, const std::string& zone) {
  std::string start = FormatInZone(span.start, zone);
  std::string end = span.end == Instant::max() ? "for ever" : FormatInZone(span.end, zone);
  const bool same_zone = start.substr(start.rfind(' ')) == end.substr(std::min(end.size(), end.rfind(' ')));
  if (start.substr(0, kDateBytes) == end.substr(0, kDateBytes)) {
    end.erase(0, kDateBytes + 1);
  } else if (span.end != Instant::max()) {
    end = Weekday(end) + " " + end;
  }
  const std::string day = Weekday(start);
  if (same_zone) start.erase(start.rfind(' '));
  return fmt::format("{} {} - {}", day, start, end);
}

const std::string& ZoneOf(const WindowsQuestion& question, const ScheduleView& view) {
  return question.zone.empty() ? view.schedule->time_zone.value : question.zone;
}

/// Why the schedule is open or closed.
std::string Reason(const ScheduleView& view, Instant at) {
  if (auto exclusion = view.calendar->ExclusionAt(at, kEveryScope))
    return fmt::format("exclusion '{}'", *exclusion);
  const bool has_windows = !view.schedule->windows.empty() ||
                           std::ranges::any_of(view.schedule->calendars, &CalendarReference::allows);
  if (!has_windows) return "no windows: open except in exclusions";
  if (auto window = view.calendar->WindowAt(at)) return fmt::format("window '{}'", *window);
  return "outside all windows";
}

std::string StateText(const WindowsQuestion& question, const ScheduleView& view, Instant at,
                      const Style& style) {
  const std::string& zone = ZoneOf(question, view);
  const std::string reason = ForTerminal(Reason(view, at));
  if (auto around = view.calendar->Around(at, kEveryScope)) {
    const std::string closes = around->interval.end == Instant::max()
                                   ? "never closes"
                                   : "closes " + WhenText(around->interval.end, question.now, zone);
    return fmt::format("{} ({}), {}", style(Paint::kGreen, "open"), reason, closes);
  }
  const auto next = view.calendar->NextOpen(at, kEveryScope);
  return fmt::format("{} ({}), {}", style(Paint::kYellow, "closed"), reason,
                     next ? "opens " + WhenText(*next, question.now, zone) : "never opens again");
}

void AddRows(const std::vector<Interval>& open, const std::string& zone, Instant now, const Style& style,
             std::string& out) {
  const bool is_utc = zone == "UTC" || zone.empty();
  TextTable table({is_utc ? "OPEN (UTC)" : fmt::format("OPEN ({})", zone), "UTC", "LASTS", ""});
  for (const Interval& interval : open) {
    const bool is_now = interval.start <= now && now < interval.end;
    const std::string lasts =
        interval.end == Instant::max() ? "for ever" : LengthText(interval.end - interval.start);
    table.Add({{SpanText(interval, is_utc ? "UTC" : zone), is_now ? Paint::kGreen : Paint::kPlain},
               {is_utc ? "" : SpanText(interval, "UTC"), Paint::kDim},
               {lasts},
               {is_now ? "now" : RelativeText(interval.start, now), Paint::kDim}});
  }
  out += table.Render(style);
}

/// Not clipped to the span: people want to know when a window really ends.
std::vector<Interval> WholeIntervals(const ScheduleCalendar& calendar, Interval span) {
  std::vector<Interval> open = calendar.Intervals(span.start, span.end, kEveryScope);
  for (Interval& interval : open) {
    if (interval.start != span.start && interval.end != span.end) continue;
    if (auto around = calendar.Around(interval.start, kEveryScope)) interval = around->interval;
  }
  return open;
}

/// Where all lists are open.
std::vector<Interval> Together(const std::vector<std::vector<Interval>>& lists) {
  std::vector<Interval> all = lists.front();
  for (size_t i = 1; i < lists.size(); ++i) {
    std::vector<Interval> both;
    for (size_t a = 0, b = 0; a < all.size() && b < lists[i].size();) {
      const Interval& other = lists[i][b];
      const Interval common{std::max(all[a].start, other.start), std::min(all[a].end, other.end)};
      if (common.start < common.end) both.push_back(common);
      if (all[a].end < other.end) {
        ++a;
      } else {
        ++b;
      }
    }
    all = std::move(both);
  }
  return all;
}

bool IsAlwaysOpen(const std::vector<Interval>& open) {
  constexpr Instant kLongAgo = std::chrono::sys_days{std::chrono::year{2} / 1 / 1};
  return open.size() == 1 && open[0].start < kLongAgo && open[0].end == Instant::max();
}

std::string Heading(const WindowsQuestion& question, const ScheduleView& view, const Style& style) {
  std::string out = style(Paint::kBold, view.schedule->name.str());
  out += fmt::format(", time zone {}\n", ForTerminal(view.schedule->time_zone.value));
  out += fmt::format("now {}\n", StateText(question, view, question.now, style));
  return out;
}

ordered_json OptionalInstant(std::optional<Instant> at) {
  if (!at || *at == Instant::max()) return nullptr;
  return FormatInstant(*at);
}

}  // namespace

ordered_json WindowsJson(const WindowsQuestion& question, Interval span) {
  auto list = ordered_json::array();
  for (const ScheduleView& view : question.schedules) {
    auto open = ordered_json::array();
    for (const Interval& interval : view.calendar->Intervals(span.start, span.end, kEveryScope)) {
      open.push_back({FormatInstant(interval.start), FormatInstant(interval.end)});
    }
    list.push_back({{"schedule", view.schedule->name.str()},
                    {"timeZone", view.schedule->time_zone.value},
                    {"open", std::move(open)}});
  }
  return {
      {"from", FormatInstant(span.start)}, {"to", FormatInstant(span.end)}, {"schedules", std::move(list)}};
}

std::string WindowsText(const WindowsQuestion& question, Interval span, const Style& style) {
  std::string out;
  if (!question.ungoverned.empty()) out += ForTerminal(question.ungoverned) + "\n";
  std::vector<std::vector<Interval>> lists;
  for (const ScheduleView& view : question.schedules) {
    if (!out.empty()) out += '\n';
    out += Heading(question, view, style);
    lists.push_back(WholeIntervals(*view.calendar, span));
    if (lists.back().empty()) {
      out += fmt::format("no opening from {} to {}\n", UtcText(span.start), UtcText(span.end));
    } else if (!IsAlwaysOpen(lists.back())) {
      AddRows(lists.back(), ZoneOf(question, view), question.now, style, out);
    }
  }
  if (question.cluster.empty() || lists.size() < 2) return out;
  // All of them must be open, so this is what the cluster has.
  const std::vector<Interval> together = Together(lists);
  out += fmt::format("\n{}\n", style(Paint::kBold, fmt::format("all {} together, for cluster {}",
                                                               lists.size(), ForTerminal(question.cluster))));
  if (together.empty()) {
    out += fmt::format("never open together from {} to {}\n", UtcText(span.start), UtcText(span.end));
  } else {
    AddRows(together, question.zone, question.now, style, out);
  }
  return out;
}

ordered_json WindowsAtJson(const WindowsQuestion& question, Instant at) {
  auto list = ordered_json::array();
  for (const ScheduleView& view : question.schedules) {
    const auto around = view.calendar->Around(at, kEveryScope);
    list.push_back({{"schedule", view.schedule->name.str()},
                    {"open", around.has_value()},
                    {"reason", Reason(view, at)},
                    {"closes", OptionalInstant(around ? std::optional(around->interval.end) : std::nullopt)},
                    {"nextOpen", OptionalInstant(view.calendar->NextOpen(at, kEveryScope))}});
  }
  return {{"at", FormatInstant(at)}, {"schedules", std::move(list)}};
}

std::string WindowsAtText(const WindowsQuestion& question, Instant at, const Style& style) {
  std::string out = fmt::format("at {}\n", WhenText(at, question.now, question.zone));
  if (!question.ungoverned.empty()) out += ForTerminal(question.ungoverned) + "\n";
  size_t width = 0;
  for (const ScheduleView& view : question.schedules)
    width = std::max(width, DisplayWidth(view.schedule->name.str()));
  for (const ScheduleView& view : question.schedules) {
    const std::string name = view.schedule->name.str();
    out += fmt::format("{}{}  {}\n", style(Paint::kBold, name), std::string(width - DisplayWidth(name), ' '),
                       StateText(question, view, at, style));
  }
  return out;
}

}  // namespace lockkeeper
