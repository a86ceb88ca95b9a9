// Gates 1 to 4: is it clear what is asked for, and can it be done at all.

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/ways.h"

namespace lockkeeper {

GateResult JudgeManifest(PlanContext& context, const Contender& c) {
  const UpgradeModel& upgrade = context.upgrade(c);
  if (!upgrade.manifest_problem.empty()) return Blocked(upgrade.manifest_problem);
  auto broken = context.input.broken_status.find(upgrade.upgrade->name);
  if (broken != context.input.broken_status.end()) {
    return Blocked(
        fmt::format("its status cannot be read, so nobody knows what was done already: {}; "
                    "`lockkeeper status rebuild` writes it anew from the history",
                    broken->second));
  }
  if (!context.rollout(c).problem.empty()) return Blocked(context.rollout(c).problem);
  if (!c.schedules->named_problem.empty()) return Blocked(c.schedules->named_problem);
  if (!context.Speaks(c)) return Pass();
  const Origin& origin = upgrade.upgrade->origin;
  return Pass(fmt::format("{} in {}:{} asks for {}", upgrade.upgrade->name.str(), origin.file,
                          origin.mark.line, upgrade.target->str()));
}

GateResult JudgeSuspend(PlanContext& context, const Contender& c) {
  if (!context.manifest(c).suspend) return Pass();
  return Blocked(fmt::format("{} says suspend: true", context.manifest(c).origin.file));
}

namespace {

std::string PlaceOf(const Ref& ref) {
  if (ref.mark.line == 0) return ref.file.str();
  return fmt::format("{}:{}:{}", ref.file, ref.mark.line, ref.mark.column);
}

/// A ref that takes a component's version needs a release that names the component.
std::string ComponentProblem(const Contender& c, const Ref& ref) {
  if (!ref.format.contains("{component.") || c.way->hop.empty()) return {};
  std::string component = ComponentOf(ref);
  if (c.way->release == nullptr) {
    return fmt::format(
        "{}: takes the version of component {}, and there is no catalog to look it up in; "
        "name a folder of Releases in Fleet spec.releases",
        PlaceOf(ref), component);
  }
  if (FindComponent(*c.way->release, component) != nullptr) return {};
  return fmt::format("{}: takes the version of component {}, which release {} ({}) does not name",
                     PlaceOf(ref), component, c.way->release->name, c.way->release->origin.file);
}

/// SPEC 2.2: what several clusters share moves only where all of them move.
std::string SharedProblem(const PlanContext& context, const Contender& c) {
  if (IsOver(c)) return {};
  for (uint32_t other : context.model.SharedWith(c.cluster)) {
    const std::string& name = context.model.cluster(other).name;
    const Contender* sibling = other == c.cluster ? &c : context.Sibling(c, other);
    if (sibling == nullptr) {
      return fmt::format("cluster {} too, which this upgrade does not select; they can only move together",
                         name);
    }
    if (IsOver(*sibling) && sibling != &c) {
      return fmt::format("cluster {} too, which has finished this upgrade; they can only move together",
                         name);
    }
    if (sibling->way->version != c.way->version) {
      return fmt::format(
          "cluster {} too, which by its other refs runs {}; set them to the same release first", name,
          sibling->way->from.empty() ? "what nobody can read" : sibling->way->from);
    }
  }
  return {};
}

}  // namespace

GateResult JudgeRef(PlanContext& context, const Contender& c) {
  const Cluster& cluster = context.cluster(c);
  if (!cluster.problems.empty()) return Blocked(cluster.problems.front().message);
  const Ref* first = nullptr;
  for (const Ref& ref : cluster.refs) {
    if (!InScope(ref.role, context.manifest(c).scope)) continue;
    if (!ref.problem_code.empty()) return Blocked(fmt::format("{}: {}", PlaceOf(ref), ref.problem));
    if (std::string problem = ComponentProblem(c, ref); !problem.empty()) return Blocked(std::move(problem));
    if (first == nullptr) first = &ref;
  }
  if (first == nullptr) {
    return Blocked(
        context.manifest(c).scope == UpgradeScope::kAll
            ? fmt::format("{}: no ref was found that holds the release", cluster.file)
            : fmt::format("{}: the upgrade's scope covers none of the cluster's refs", cluster.file));
  }
  auto refused = context.input.refusals.find(cluster.name);
  if (refused != context.input.refusals.end()) return Blocked(refused->second);
  if (std::string problem = SharedProblem(context, c); !problem.empty()) {
    return Blocked(fmt::format("shared-ref: {} is the release of {}", PlaceOf(*first), problem));
  }
  if (!context.Speaks(c)) return Pass();
  return Pass(fmt::format("{} in {}", first->value, PlaceOf(*first)));
}

GateResult JudgeVersion(PlanContext& context, const Contender& c) {
  const Way& way = *c.way;
  if (way.at_target) return Ends(Outcome::kSkipped, "already-at-target", way.no_way);
  if (way.hop.empty()) return Blocked(way.no_way);
  if (!context.Speaks(c)) return Pass();
  if (way.hops_after == 0) return Pass(fmt::format("{} -> {}", way.from, way.hop));
  return Pass(fmt::format("{} -> {} now, then {} more hop{} to {}", way.from, way.hop, way.hops_after,
                          way.hops_after == 1 ? "" : "s", context.upgrade(c).target->str()));
}

}  // namespace lockkeeper
