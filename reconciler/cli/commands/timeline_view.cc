#include "reconciler/cli/commands/timeline_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "reconciler/cli/output/display_width.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kLabelWidthMax = 32;
constexpr size_t kColumnsMin = 10;
constexpr size_t kTickColumns = 7;
constexpr std::string_view kIndent = "  ";

using Day = std::chrono::local_days;

/// The day on the wall of a zone.
Day DayOf(Instant at, const std::string& zone) {
  constexpr size_t kDateBytes = 10;
  auto day = ParseDate(FormatInZone(at, zone).substr(0, kDateBytes));
  return day ? *day : Day{};  // FormatInZone begins with a date.
}

/// Where days stand in the chart.
struct Axis {
  Day first;
  size_t days = 0;
  size_t days_per_column = 1;
  size_t columns() const { return (days + days_per_column - 1) / days_per_column; }
  size_t ColumnOf(Day day) const { return static_cast<size_t>((day - first).count()) / days_per_column; }
};

/// What happened to one cluster of one upgrade in one column.
struct Row {
  std::string label;
  std::string cells;
};

bool IsBad(const Event& event) {
  return event.kind == EventKind::kEnd &&
         (event.outcome == Outcome::kFailure || event.outcome == Outcome::kTimedOut ||
          event.outcome == Outcome::kRejected || event.outcome == Outcome::kExpired);
}

bool IsGood(const Event& event) {
  return event.outcome == Outcome::kSuccess || event.outcome == Outcome::kUnverified;
}

Paint PaintOf(char cell) {
  switch (cell) {
    case '.':
      return Paint::kDim;
    case 'x':
      return Paint::kRed;
    case '-':
      return Paint::kCyan;
    default:
      return Paint::kGreen;
  }
}

class Timeline {
 public:
  Timeline(const SimulateView& view, size_t width, const Style& style)
      : view_(view), width_(width), style_(style) {}

  std::string Run() {
    for (const Event& event : view_.future.events) {
      if (event.kind != EventKind::kHold && event.kind != EventKind::kTask &&
          view_.is_meant(event.upgrade, event.cluster)) {
        courses_[{event.upgrade, event.cluster}].push_back(&event);
      }
    }
    if (courses_.empty()) return "Nothing happens in that time.\n";
    const bool by_cluster = courses_.size() <= kTimelineRowsMax;
    MeasureLabels(by_cluster);
    std::map<ObjectName, std::vector<Row>> rows = by_cluster ? ClusterRows() : StageRows();
    std::string text = Line("", Ticks(), Paint::kDim);
    for (const auto& [upgrade, list] : rows) {
      text += style_(Paint::kBold, ForTerminal(upgrade.str())) + "\n";
      for (const Row& row : list) text += Line(row.label, row.cells, Paint::kPlain);
    }
    return text + Legend(by_cluster);
  }

 private:
  using Course = std::vector<const Event*>;

  void MeasureLabels(bool by_cluster) {
    for (const auto& [who, course] : courses_) {
      const std::string label = by_cluster ? who.second : StageLabel(who.first, who.second);
      label_width_ = std::max(label_width_, std::min(DisplayWidth(ForTerminal(label)), kLabelWidthMax));
    }
    const Interval& horizon = view_.future.horizon;
    axis_.first = DayOf(horizon.start, view_.zone);
    axis_.days = static_cast<size_t>((DayOf(horizon.end - Seconds{1}, view_.zone) - axis_.first).count()) + 1;
    const size_t taken = kIndent.size() + label_width_ + 2;
    const size_t room = std::max(width_, taken + kColumnsMin) - taken;
    axis_.days_per_column = (axis_.days + room - 1) / room;
  }

  /// `Mar 02 Mar 09 ...`, at Mondays where a column is a day.
  std::string Ticks() const {
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    size_t column = 0;
    if (axis_.days_per_column == 1) {
      const std::chrono::weekday weekday{axis_.first};
      column = (std::chrono::Monday - weekday).count() % 7;
    }
    std::string ticks;
    for (; column + 6 <= axis_.columns(); column += kTickColumns) {
      const std::chrono::year_month_day date{axis_.first + std::chrono::days{column * axis_.days_per_column}};
      ticks.resize(column, ' ');
      ticks += fmt::format("{} {:02}", kMonths[static_cast<unsigned>(date.month()) - 1],
                           static_cast<unsigned>(date.day()));
    }
    return ticks;
  }

  size_t ColumnOf(const Event& event) const { return axis_.ColumnOf(DayOf(event.at, view_.zone)); }

  std::map<ObjectName, std::vector<Row>> ClusterRows() const {
    std::map<ObjectName, std::vector<Row>> rows;
    for (const auto& [who, course] : courses_) {
      rows[who.first].push_back({who.second, CellsOf(course)});
    }
    return rows;
  }

  std::string CellsOf(const Course& course) const {
    std::string cells(axis_.columns(), '.');
    const Event* bump = nullptr;
    for (const Event* event : course) {
      const size_t column = ColumnOf(*event);
      if (bump != nullptr) {
        for (size_t i = ColumnOf(*bump) + 1; i < column; ++i) cells[i] = '-';
      }
      char& cell = cells[column];
      if (event->kind == EventKind::kBump) {
        if (cell != 'x') cell = '#';
        bump = event;
      } else {
        if (IsBad(*event)) cell = 'x';
        if (IsGood(*event) && cell == '.') cell = 'o';
        bump = nullptr;
      }
    }
    // Begun, and not at its end by then.
    if (bump != nullptr)
      std::fill(cells.begin() + static_cast<ptrdiff_t>(ColumnOf(*bump)) + 1, cells.end(), '-');
    return cells;
  }

  std::string StageLabel(const ObjectName& upgrade, const std::string& cluster) const {
    auto key = [](const Decision& d) { return std::pair{d.upgrade, std::string_view{d.cluster}}; };
    const std::pair wanted{upgrade, std::string_view{cluster}};
    const auto& decisions = view_.future.last.decisions;
    auto found = std::ranges::lower_bound(decisions, wanted, {}, key);
    const bool known = found != decisions.end() && key(*found) == wanted && !found->stage.empty();
    return known ? "stage " + found->stage : "all clusters";
  }

  /// How many bumps there are; `+` is ten and more, `x` that some end badly.
  std::map<ObjectName, std::vector<Row>> StageRows() const {
    struct Sums {
      std::vector<size_t> bumps;
      std::vector<bool> bad;
    };
    std::map<std::pair<ObjectName, std::string>, Sums> stages;
    for (const auto& [who, course] : courses_) {
      Sums& sums = stages[{who.first, StageLabel(who.first, who.second)}];
      sums.bumps.resize(axis_.columns());
      sums.bad.resize(axis_.columns());
      for (const Event* event : course) {
        if (event->kind == EventKind::kBump) ++sums.bumps[ColumnOf(*event)];
        if (IsBad(*event)) sums.bad[ColumnOf(*event)] = true;
      }
    }
    std::map<ObjectName, std::vector<Row>> rows;
    for (const auto& [stage, sums] : stages) {
      Row row{stage.second, std::string(axis_.columns(), '.')};
      for (size_t i = 0; i < row.cells.size(); ++i) {
        if (sums.bumps[i] > 0)
          row.cells[i] = sums.bumps[i] > 9 ? '+' : static_cast<char>('0' + sums.bumps[i]);
        if (sums.bad[i]) row.cells[i] = 'x';
      }
      rows[stage.first].push_back(std::move(row));
    }
    return rows;
  }

  /// The cells are painted by what they are, unless `paint` says otherwise.
  std::string Line(const std::string& label, std::string_view cells, Paint paint) const {
    std::string shown = ForTerminal(label);
    if (DisplayWidth(shown) > kLabelWidthMax) shown = Shortened(shown, kLabelWidthMax - 3);
    const size_t pad = label_width_ - std::min(label_width_, DisplayWidth(shown));
    std::string text = fmt::format("{}{}{}  ", kIndent, style_(Paint::kCyan, shown), std::string(pad, ' '));
    for (size_t begin = 0; begin < cells.size();) {
      const char cell = cells[begin];
      size_t end = paint == Paint::kPlain ? std::min(cells.find_first_not_of(cell, begin), cells.size())
                                          : cells.size();
      text += style_(paint == Paint::kPlain ? PaintOf(cell) : paint, cells.substr(begin, end - begin));
      begin = end;
    }
    return text + "\n";
  }

  std::string Legend(bool by_cluster) const {
    std::string column = axis_.days_per_column == 1 ? "a day" : fmt::format("{} days", axis_.days_per_column);
    if (view_.zone != "UTC") column += fmt::format(" in {}", view_.zone);
    const char* signs = by_cluster
                            ? "# bump, - under way, o at its end, x failed, timed out, expired or rejected"
                            : "1-9 bumps, + more, x some failed, timed out, expired or rejected";
    return style_(Paint::kDim, fmt::format("A column is {}. {}", column, signs)) + "\n";
  }

  const SimulateView& view_;
  size_t width_;
  const Style& style_;
  std::map<std::pair<ObjectName, std::string>, Course> courses_;
  size_t label_width_ = 0;
  Axis axis_;
};

}  // namespace

std::string TimelineText(const SimulateView& view, size_t width, const Style& style) {
  return SimulateHeading(view, style) + "\n" + Timeline{view, width, style}.Run() + HeldText(view, style);
}

}  // namespace lockkeeper
