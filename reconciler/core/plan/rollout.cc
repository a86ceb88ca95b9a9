#include "reconciler/core/plan/rollout.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/approvals.h"
#include "reconciler/core/plan/contender.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

std::optional<size_t> FindStage(const UpgradePlan& plan, std::string_view name) {
  auto found = std::ranges::find(plan.stages, name, &PlanStage::name);
  if (found == plan.stages.end()) return std::nullopt;
  return static_cast<size_t>(found - plan.stages.begin());
}

/// By the labels that the clusters have now; the first stage that selects one wins.
std::vector<int> AssignByLabels(const FleetModel& model, const UpgradeModel& upgrade) {
  const PlanModel& plan = model.plans()[*upgrade.plan];
  std::vector<int> stage_of;
  stage_of.reserve(upgrade.clusters.size());
  for (uint32_t cluster : upgrade.clusters) {
    auto selects = [&](const std::optional<CompiledMatch>& match) {
      return match && match->Selects(model.cluster(cluster).labels);
    };
    auto found = std::ranges::find_if(plan.matches, selects);
    stage_of.push_back(found == plan.matches.end() ? Rollout::kUnassigned
                                                   : static_cast<int>(found - plan.matches.begin()));
  }
  return stage_of;
}

/// By the record: clusters that are not in it came too late.
std::vector<int> AssignByRecord(const FleetModel& model, const UpgradeModel& upgrade, const UpgradePlan& plan,
                                const UpgradeRecord& record) {
  std::vector<int> stage_of;
  stage_of.reserve(upgrade.clusters.size());
  for (uint32_t cluster : upgrade.clusters) {
    const ClusterRecord* line = record.Find(model.cluster(cluster).name);
    int stage = Rollout::kJoinedLate;
    if (line != nullptr) {
      auto found = FindStage(plan, line->stage);
      bool unassigned = line->outcome == Outcome::kSkipped && line->reason == "unassigned";
      if (found) stage = static_cast<int>(*found);
      if (!found && unassigned) stage = Rollout::kUnassigned;
    }
    stage_of.push_back(stage);
  }
  return stage_of;
}

int Allowed(const Share& share, int clusters) {
  return share.percent ? (clusters * share.value + 99) / 100 : share.value;
}

bool HasFailed(Outcome outcome) { return outcome == Outcome::kFailure || outcome == Outcome::kTimedOut; }
bool HasSucceeded(Outcome outcome) { return outcome == Outcome::kSuccess || outcome == Outcome::kUnverified; }

class Progress {
 public:
  Progress(PlanContext& context, uint32_t upgrade)
      : context_(context), upgrade_(upgrade), rollout_(context.rollouts[upgrade]) {}

  void Run() {
    rollout_.stages.assign(rollout_.plan->stages.size(), {});
    const ObjectName& name = context_.model.upgrades()[upgrade_].upgrade->name;
    auto found = context_.input.book.find(name);
    if (found != context_.input.book.end()) {
      record_ = &found->second;
      const bool changes_now = record_->spec_hash != context_.model.upgrades()[upgrade_].upgrade->spec_hash;
      changed_at_ = changes_now ? now() : record_->spec_changed_at;
    }
    CountContenders();
    CountVanished();
    for (size_t s = 0; s < rollout_.stages.size(); ++s) {
      StageProgress& stage = rollout_.stages[s];
      stage.failures_allowed = Allowed(rollout_.plan->stages[s].max_failures, stage.clusters);
    }
    for (size_t s = 0; s < rollout_.stages.size(); ++s) {
      rollout_.stages[s].budget = JudgeBudget(s);
      rollout_.stages[s].may_start = JudgeStart(s);
    }
  }

 private:
  const PlanStage& stage(size_t s) const { return rollout_.plan->stages[s]; }
  Instant now() const { return context_.now(); }

  void CountContenders() {
    // The contenders of an upgrade stand together, in the order of its clusters.
    const Contender* first = context_.FirstOf(upgrade_);
    for (size_t n = 0; n < rollout_.stage_of.size(); ++n) {
      if (rollout_.stage_of[n] < 0) continue;
      StageProgress& stage = rollout_.stages[static_cast<size_t>(rollout_.stage_of[n])];
      const Contender& c = first[n];
      ++stage.clusters;
      if (c.slot_free) stage.free_at = std::max(stage.free_at, *c.slot_free);
      if (!IsOver(c)) {
        ++stage.left;
      } else if (c.phase == Phase::kEnding) {
        Count(stage, c.ending, now());
      } else {
        Count(stage, c.line->outcome, c.line->finished_at.value_or(now()));
      }
    }
  }

  /// What became of clusters that are not there any more still counts.
  void CountVanished() {
    if (record_ == nullptr || !rollout_.frozen) return;
    const auto& clusters = context_.model.upgrades()[upgrade_].clusters;
    for (const ClusterRecord& line : record_->clusters) {
      auto found = FindStage(*rollout_.plan, line.stage);
      if (!found) continue;
      bool here = std::ranges::binary_search(clusters, std::string_view{line.name}, {}, [&](uint32_t c) {
        return std::string_view{context_.model.cluster(c).name};
      });
      if (here) continue;
      StageProgress& stage = rollout_.stages[*found];
      ++stage.clusters;
      if (line.state == ClusterState::kFinished) {
        Count(stage, line.outcome, line.finished_at.value_or(now()));
      } else if (context_.model.fleet().inventory_incomplete) {
        ++stage.left;  // Nobody is taken for gone.
      } else {
        stage.free_at = std::max(stage.free_at, now() + Seconds{1});  // This very plan records its end.
      }
    }
  }

  void Count(StageProgress& stage, Outcome outcome, Instant at) const {
    bool forgiven = changed_at_ && at < *changed_at_;
    stage.free_at = std::max(stage.free_at, at + Seconds{1});
    if (HasFailed(outcome) && !forgiven) ++stage.failed;
    if (HasSucceeded(outcome) && (!stage.last_success || *stage.last_success < at)) stage.last_success = at;
  }

  /// The stages that `s` depends on, and those that they depend on, as far as `leads_on` says; each once.
  template <class F>
  std::vector<size_t> Before(size_t s, F&& leads_on) const {
    std::vector<size_t> found;
    std::vector<size_t> open{s};
    while (!open.empty()) {
      const size_t next = open.back();
      open.pop_back();
      for (const std::string& name : stage(next).depends_on) {
        auto before = FindStage(*rollout_.plan, name);
        if (!before || std::ranges::find(found, *before) != found.end()) continue;
        found.push_back(*before);
        if (leads_on(*before)) open.push_back(*before);
      }
    }
    std::ranges::sort(found);
    return found;
  }

  /// The failures of a stage stop it, and all that comes after it.
  GateResult JudgeBudget(size_t s) const {
    std::vector<size_t> concerned = Before(s, [](size_t) { return true; });
    concerned.push_back(s);
    for (size_t one : concerned) {
      const StageProgress& of = rollout_.stages[one];
      if (of.failed <= of.failures_allowed) continue;
      return Blocked(fmt::format(
          "stage {}: {} of {} clusters failed, and maxFailures allows {}; the upgrade is stopped until its "
          "spec changes",
          stage(one).name, of.failed, of.clusters, of.failures_allowed));
    }
    return Pass();
  }

  /// Why stages that depend on this one wait; a pass: it is done, and has soaked.
  GateResult AskDone(size_t s) const {
    const StageProgress& own = rollout_.stages[s];
    if (own.left > 0) {
      return Wait(fmt::format("stage {} is not done: {} of {} clusters are left", stage(s).name, own.left,
                              own.clusters));
    }
    const Instant soaked = own.last_success ? *own.last_success + stage(s).soak_time : Instant::min();
    if (now() < own.free_at && soaked <= own.free_at) {
      return WaitUntil(own.free_at,
                       fmt::format("stage {} ends at {}", stage(s).name, FormatInstant(own.free_at)));
    }
    if (now() < soaked) {
      return WaitUntil(soaked,
                       fmt::format("stage {} soaks for {} since its last success at {}", stage(s).name,
                                   FormatDuration(stage(s).soak_time), FormatInstant(*own.last_success)));
    }
    return Pass();
  }

  GateResult AskDependencies(size_t s) const {
    GateResult worst;
    // One without clusters passes on what it waits for itself.
    for (size_t before : Before(s, [&](size_t one) { return rollout_.stages[one].clusters == 0; })) {
      GateResult theirs = AskDone(before);
      if (theirs.verdict == Verdict::kPass) continue;
      // The one that nobody knows the end of, else the one that ends last.
      bool later =
          worst.verdict == Verdict::kPass || !theirs.until || (worst.until && *theirs.until > *worst.until);
      if (later) worst = std::move(theirs);
      if (!worst.until) break;
    }
    return worst;
  }

  GateResult JudgeStart(size_t s) {
    GateResult result = AskDependencies(s);
    const ApprovalRule& rule = stage(s).approval;
    if (!rule.required) return result;
    GateResult approval = JudgeApprovals(context_, upgrade_, s, rule);
    if (approval.verdict == Verdict::kPass) {
      // That it ends is no change while nobody knows when the stages before are done.
      const bool counts = result.verdict == Verdict::kPass || result.until;
      if (counts && approval.changes_at &&
          (!result.changes_at || *approval.changes_at < *result.changes_at)) {
        result.changes_at = approval.changes_at;
      }
      return result;
    }
    if (result.verdict == Verdict::kPass) return approval;
    // Somebody has to say yes as well, so nobody knows when.
    result.message += "; and " + approval.message;
    result.until.reset();
    return result;
  }

  PlanContext& context_;
  uint32_t upgrade_;
  Rollout& rollout_;
  const UpgradeRecord* record_ = nullptr;
  std::optional<Instant> changed_at_;  ///< failures before it are forgiven
};

}  // namespace

std::vector<Rollout> PlansInForce(const FleetModel& model, const StatusBook& book) {
  std::vector<Rollout> rollouts(model.upgrades().size());
  for (size_t u = 0; u < rollouts.size(); ++u) {
    const UpgradeModel& upgrade = model.upgrades()[u];
    Rollout& rollout = rollouts[u];
    if (!upgrade.plan) continue;
    auto record = book.find(upgrade.upgrade->name);
    // A changed spec is a new request, and follows the plan as it is now.
    rollout.frozen =
        record != book.end() && record->second.plan && record->second.spec_hash == upgrade.upgrade->spec_hash;
    if (!rollout.frozen) {
      rollout.plan = model.plans()[*upgrade.plan].plan;
      rollout.stage_of = AssignByLabels(model, upgrade);
      continue;
    }
    auto copy = DecodeUpgradePlanCopy(model.plans()[*upgrade.plan].plan->name, record->second.plan->copy);
    if (!copy) {
      rollout.problem = fmt::format(
          "the frozen plan in its status cannot be read: {}; run 'lockkeeper status "
          "rebuild'",
          copy.error().message);
      continue;
    }
    rollout.copy = std::make_unique<const UpgradePlan>(*std::move(copy));
    rollout.plan = rollout.copy.get();
    rollout.stage_of = AssignByRecord(model, upgrade, *rollout.plan, record->second);
  }
  return rollouts;
}

void MeasureProgress(PlanContext& context) {
  for (uint32_t u = 0; u < context.rollouts.size(); ++u) {
    if (context.rollouts[u].plan != nullptr) Progress{context, u}.Run();
  }
}

PlanFrozen Freeze(const FleetModel& model, uint32_t upgrade, const Rollout& rollout) {
  const UpgradeModel& of = model.upgrades()[upgrade];
  PlanFrozen frozen{
      .upgrade = of.upgrade->name, .hash = rollout.plan->hash, .copy = rollout.plan->copy, .stages = {}};
  for (size_t s = 0; s < rollout.plan->stages.size(); ++s) {
    PlanFrozen::Stage stage{.name = rollout.plan->stages[s].name, .clusters = {}};
    for (size_t n = 0; n < of.clusters.size(); ++n) {
      if (rollout.stage_of[n] == static_cast<int>(s))
        stage.clusters.push_back(model.cluster(of.clusters[n]).name);
    }
    if (!stage.clusters.empty()) frozen.stages.push_back(std::move(stage));
  }
  return frozen;
}

}  // namespace lockkeeper
