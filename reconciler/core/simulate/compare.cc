#include "reconciler/core/simulate/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, 5> kKindNames{"earlier", "later", "appears", "disappears", "other"};

using Courses = std::map<std::pair<ObjectName, std::string>, Course>;

Courses CoursesOf(const Future& future) {
  Courses courses;
  for (const Event& event : future.events) {
    if (event.kind == EventKind::kHold || event.kind == EventKind::kTask) continue;
    Course& course = courses[{event.upgrade, event.cluster}];
    if (event.kind == EventKind::kBump) course.bumps.push_back(event);
    if (event.kind == EventKind::kEnd) course.end = event;
  }
  return courses;
}

bool SameStep(const Event& a, const Event& b) {
  return a.from == b.from && a.to == b.to && a.outcome == b.outcome;
}

/// By how much the one is later than the other, if they take the same steps as far as both are known: what is
/// moved may have its last steps beyond the horizon.
std::optional<Seconds> ShiftOf(const Course& before, const Course& after) {
  const size_t common = std::min(before.bumps.size(), after.bumps.size());
  std::optional<Seconds> shift;
  for (size_t i = 0; i < common; ++i) {
    if (!SameStep(before.bumps[i], after.bumps[i])) return std::nullopt;
    if (!shift && before.bumps[i].at != after.bumps[i].at) shift = after.bumps[i].at - before.bumps[i].at;
  }
  if (before.end && after.end) {
    if (before.end->outcome != after.end->outcome || before.bumps.size() != after.bumps.size())
      return std::nullopt;
    if (!shift) shift = after.end->at - before.end->at;
  }
  return shift;
}

/// Where the cluster stands at the end of a future that does not move it.
std::string WhyNot(const Future& future, const ObjectName& upgrade, const std::string& cluster) {
  auto key = [](const Decision& d) { return std::pair{d.upgrade, std::string_view{d.cluster}}; };
  auto found =
      std::ranges::lower_bound(future.last.decisions, std::pair{upgrade, std::string_view{cluster}}, {}, key);
  if (found == future.last.decisions.end() || key(*found) != std::pair{upgrade, std::string_view{cluster}})
    return "no upgrade of this name selects it";
  for (const auto& [gate, result] : found->gates) {
    if (Name(gate) == found->reason) return fmt::format("{}: {}", Name(gate), result.message);
  }
  return found->action == Action::kFinish ? fmt::format("it has finished: {}", found->reason) : found->reason;
}

Difference Judge(const Course& before, const Course& after) {
  Difference difference{.before = before, .after = after};
  if (before.bumps.empty() && !after.bumps.empty()) {
    difference.kind = DifferenceKind::kAppears;
  } else if (!before.bumps.empty() && after.bumps.empty()) {
    difference.kind = DifferenceKind::kDisappears;
  } else if (auto shift = ShiftOf(before, after); shift && *shift != Seconds{0}) {
    difference.kind = *shift < Seconds{0} ? DifferenceKind::kEarlier : DifferenceKind::kLater;
    difference.by = std::chrono::abs(*shift);
  }
  return difference;
}

bool IsSame(const Course& a, const Course& b) {
  auto same = [](const Event& x, const Event& y) { return x.at == y.at && SameStep(x, y); };
  if (a.end.has_value() != b.end.has_value()) return false;
  return std::ranges::equal(a.bumps, b.bumps, same) && (!a.end || same(*a.end, *b.end));
}

}  // namespace

std::string_view Name(DifferenceKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

std::vector<Difference> Compare(const Future& before, const Future& after) {
  Courses old_courses = CoursesOf(before);
  Courses new_courses = CoursesOf(after);
  for (const auto& [who, course] : old_courses) new_courses.try_emplace(who);
  std::vector<Difference> differences;
  for (const auto& [who, course] : new_courses) {
    const Course& old = old_courses[who];
    if (IsSame(old, course)) continue;
    Difference difference = Judge(old, course);
    difference.upgrade = who.first;
    difference.cluster = who.second;
    if (difference.kind == DifferenceKind::kDisappears) difference.why = WhyNot(after, who.first, who.second);
    differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace lockkeeper
