#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands/plan_diff.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

ordered_json CourseJson(const Course& course) {
  auto bumps = ordered_json::array();
  for (const Event& bump : course.bumps) {
    bumps.push_back({{"at", FormatInstant(bump.at)}, {"from", bump.from}, {"to", bump.to}});
  }
  ordered_json end = nullptr;
  if (course.end) end = {{"at", FormatInstant(course.end->at)}, {"outcome", Name(*course.end)}};
  return {{"bumps", std::move(bumps)}, {"end", std::move(end)}};
}

/// The first step in which two courses differ, of one of them; null: it has no more.
const Event* FirstOther(const Course& course, const Course& other) {
  for (size_t i = 0; i < course.bumps.size(); ++i) {
    const Event& bump = course.bumps[i];
    if (i >= other.bumps.size() || other.bumps[i].at != bump.at || other.bumps[i].to != bump.to) return &bump;
  }
  return course.end ? &*course.end : nullptr;
}

std::string StepText(const Event* event) {
  if (event == nullptr) return {};
  if (event->kind == EventKind::kBump) return fmt::format("{} to {}", UtcText(event->at), event->to);
  return fmt::format("{} {}", UtcText(event->at), Name(*event));
}

std::string ChangeText(const Difference& difference) {
  switch (difference.kind) {
    case DifferenceKind::kEarlier:
    case DifferenceKind::kLater:
      return fmt::format("{} {}", LengthText(difference.by), Name(difference.kind));
    case DifferenceKind::kAppears:
      return "moves, did not";
    case DifferenceKind::kDisappears:
      return "does not move any more";
    case DifferenceKind::kOther:
      break;
  }
  return "goes otherwise";
}

Paint PaintOf(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kEarlier:
    case DifferenceKind::kAppears:
      return Paint::kGreen;
    case DifferenceKind::kDisappears:
      return Paint::kRed;
    default:
      return Paint::kYellow;
  }
}

}  // namespace

ordered_json PlanDiffJson(const PlanDiffView& view) {
  auto changes = ordered_json::array();
  for (const Difference& d : view.differences) {
    const bool shifts = d.kind == DifferenceKind::kEarlier || d.kind == DifferenceKind::kLater;
    changes.push_back({{"upgrade", d.upgrade.str()},
                       {"cluster", d.cluster},
                       {"change", Name(d.kind)},
                       {"by", shifts ? ordered_json(FormatDuration(d.by)) : ordered_json(nullptr)},
                       {"before", CourseJson(d.before)},
                       {"after", CourseJson(d.after)},
                       {"message", d.why}});
  }
  return {{"base", view.base.commit},
          {"commit", view.head.commit},
          {"from", FormatInstant(view.head.horizon.start)},
          {"to", FormatInstant(view.head.horizon.end)},
          {"changes", std::move(changes)}};
}

std::string PlanDiffText(const PlanDiffView& view, const Style& style) {
  const Interval& horizon = view.head.horizon;
  std::string text =
      fmt::format("From {} to {}, commit {} beside {} ({}): ", UtcText(horizon.start), UtcText(horizon.end),
                  view.head.commit.substr(0, 12), view.base.commit.substr(0, 12), ForTerminal(view.revision));
  if (view.differences.empty()) return text + style(Paint::kBold, "the same bumps and ends") + "\n";
  text += style(Paint::kBold, fmt::format("{} difference{}", view.differences.size(),
                                          view.differences.size() == 1 ? "" : "s")) +
          "\n";
  std::map<ObjectName, std::vector<const Difference*>> by_upgrade;
  for (const Difference& d : view.differences) by_upgrade[d.upgrade].push_back(&d);
  for (const auto& [upgrade, list] : by_upgrade) {
    TextTable table({"  CLUSTER", "CHANGE", "BEFORE", "AFTER", "WHY"});
    for (const Difference* d : list) {
      table.Add({{"  " + d->cluster, Paint::kCyan},
                 {ChangeText(*d), PaintOf(d->kind)},
                 {StepText(FirstOther(d->before, d->after))},
                 {StepText(FirstOther(d->after, d->before))},
                 {d->why, Paint::kDim}});
    }
    text += fmt::format("\n{}\n", style(Paint::kBold, ForTerminal(upgrade.str()))) + table.Render(style);
  }
  return text;
}

}  // namespace lockkeeper
