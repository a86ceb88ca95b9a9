#include "reconciler/core/reach/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "reconciler/core/plan/joint_windows.h"
#include "reconciler/core/plan/make_plan.h"

namespace lockkeeper {
namespace {

constexpr std::chrono::days kHorizon{400};
constexpr size_t kNamesMax = 5;
/// A change of no scope passes all exclusions: only the windows count.
constexpr ChangeScopes kNoScope = 0;

std::string NamesText(const std::vector<std::string>& names) {
  std::string text = fmt::format("{} cluster{} (", names.size(), names.size() == 1 ? "" : "s");
  for (size_t i = 0; i < names.size() && i < kNamesMax; ++i) text += (i > 0 ? ", " : "") + names[i];
  return text + (names.size() > kNamesMax ? ", ...)" : ")");
}

class Reach {
 public:
  Reach(const FleetModel& model, const StatusBook& book,
        const std::map<ObjectName, std::string>& broken_status, Instant now)
      : model_(model), book_(book), broken_status_(broken_status), now_(now) {}

  Diagnostics Run() {
    for (const ScheduleModel& schedule : model_.schedules()) {
      if (schedule.calendar) JudgeSchedule(*schedule.schedule, *schedule.calendar);
    }
    for (const UpgradeModel& upgrade : model_.upgrades()) {
      JudgeNoticePeriod(upgrade);
      JudgeStages(upgrade);
    }
    Tell();
    JudgeDecisions();
    JudgeIdle();
    return std::move(findings_);
  }

 private:
  struct Group {
    Origin origin;
    std::vector<std::string> clusters;
  };
  /// What holds for several clusters is said once: code, words before and after the names.
  using GroupKey = std::tuple<std::string, std::string, std::string>;

  void Warn(const Origin& origin, std::string_view code, std::string message) {
    findings_.push_back(
        {origin.file, origin.mark, Severity::kWarning, std::string{code}, std::move(message)});
  }

  void JudgeSchedule(const MaintenanceSchedule& schedule, const ScheduleCalendar& calendar) {
    const std::vector<Interval> open = calendar.Intervals(now_, now_ + kHorizon, kEveryScope);
    if (open.empty()) {
      if (calendar.Intervals(now_, now_ + kHorizon, kNoScope).empty()) return;  // The lint says so.
      return Warn(
          schedule.origin, "always-excluded",
          fmt::format("spec.maintenanceExclusions: they cover every window of schedule {} in the 400 days "
                      "after {}, so that nothing that they block can ever start",
                      schedule.name.str(), FormatInstant(now_)));
    }
    const Seconds runway = schedule.runway.value_or(Seconds{0});
    Seconds longest{0};
    for (const Interval& interval : open) {
      auto around = calendar.Around(interval.start, kEveryScope);
      if (around && around->interval.end == Instant::max()) return;
      longest = std::max(
          longest, around ? around->interval.end - around->interval.start : interval.end - interval.start);
    }
    if (longest >= runway) return;
    Warn(schedule.origin, "runway-never-fits",
         fmt::format(
             "spec.runway: {} is longer than every opening of schedule {}, of which the longest has {}: "
             "nothing can ever start",
             FormatDuration(runway), schedule.name.str(), FormatDuration(longest)));
  }

  void JudgeNoticePeriod(const UpgradeModel& upgrade) {
    const ClusterUpgrade& manifest = *upgrade.upgrade;
    if (upgrade.broken || !manifest.notice_period || !manifest.start_deadline) return;
    if (now_ >= *manifest.start_deadline) return;
    auto record = book_.find(manifest.name);
    if (record != book_.end() && record->second.notice) return;
    const Instant start = now_ + *manifest.notice_period;
    if (start < *manifest.start_deadline) return;
    Warn(manifest.origin, "notice-too-long",
         fmt::format(
             "spec.noticePeriod: a notice of {} that is sent now ends at {}, and the startDeadline of {} is "
             "{}: it cannot start in time",
             FormatDuration(*manifest.notice_period), FormatInstant(start), manifest.name.str(),
             FormatInstant(*manifest.start_deadline)));
  }

  /// SPEC 2.6: the first stage wins, and who is in none is never bumped.
  void JudgeStages(const UpgradeModel& upgrade) {
    if (!upgrade.plan) return;
    const PlanModel& plan = model_.plans()[*upgrade.plan];
    const std::string name = plan.plan->name.str();
    for (uint32_t c : upgrade.clusters) {
      std::vector<std::string> stages;
      for (size_t s = 0; s < plan.matches.size(); ++s) {
        if (plan.matches[s] && plan.matches[s]->Selects(model_.cluster(c).labels)) {
          stages.push_back(plan.plan->stages[s].name);
        }
      }
      const std::string& cluster = model_.cluster(c).name;
      if (stages.empty()) {
        Add("in-no-stage", upgrade.upgrade->origin, fmt::format("upgrade {}: ", upgrade.upgrade->name.str()),
            fmt::format(" will never be bumped: no stage of plan {} selects them", name), cluster);
      } else if (stages.size() > 1) {
        Add("in-several-stages", plan.plan->origin, fmt::format("plan {}: ", name),
            fmt::format(" are in stage {}, though {} would select them too", stages.front(),
                        fmt::join(stages.begin() + 1, stages.end(), ", ")),
            cluster);
      }
    }
  }

  /// Of the release that a cluster runs; `prefix` is that of the releases it could be.
  const Release* ReleaseOf(const Cluster& cluster) const {
    auto version = ParseVersion(cluster.release);
    if (!version) return nullptr;
    std::string_view provider = FindLabel(cluster.labels, "provider");
    for (std::string_view of : {provider, std::string_view{}}) {
      const auto& releases = model_.catalog().OfProvider(of);
      auto found = std::ranges::find_if(releases, [&](const Release* release) {
        auto name = ParseReleaseName(release->name);
        return name && name->version == *version;
      });
      if (found != releases.end()) return *found;
    }
    return nullptr;
  }

  std::optional<Instant> EndOfLifeOf(const Cluster& cluster) {
    auto [known, added] =
        ends_of_life_.try_emplace({cluster.release, std::string{FindLabel(cluster.labels, "provider")}});
    if (added) {
      const Release* release = ReleaseOf(cluster);
      if (release != nullptr) known->second = release->end_of_life;
    }
    return known->second;
  }

  void JudgeDecisions() {
    const EditRefusals refusals;
    const Plan plan =
        MakePlan(model_, {.book = book_, .broken_status = broken_status_, .refusals = refusals, .now = now_});
    auto clusters = model_.fleet().clusters;
    for (const Decision& decision : plan.decisions) {
      if (decision.action == Action::kFinish || decision.action == Action::kSkip) continue;
      auto cluster = std::ranges::lower_bound(clusters, decision.cluster, {}, &Cluster::name);
      busy_.insert(decision.cluster);
      auto upgrade = std::ranges::lower_bound(model_.upgrades(), decision.upgrade, {},
                                              [](const UpgradeModel& m) { return m.upgrade->name; });
      const Origin& origin = upgrade->upgrade->origin;
      const GateResult& window = decision.gate(Gate::kWindow);
      if (window.verdict == Verdict::kBlocked) {
        const auto index = static_cast<uint32_t>(cluster - clusters.begin());
        const ScheduleSet set = model_.Governing(index, upgrade->schedule);
        // Of what is broken there is an error already.
        if (!set.broken.empty() || !set.named_problem.empty()) continue;
        Add("never-starts", origin, fmt::format("upgrade {}: ", decision.upgrade.str()),
            fmt::format(" can never start: {}", window.message), decision.cluster);
        continue;
      }
      auto end = EndOfLifeOf(*cluster);
      if (!end || !decision.until || *decision.until < *end || decision.action != Action::kWait) continue;
      Add("too-late", origin, fmt::format("upgrade {}: ", decision.upgrade.str()),
          fmt::format(" may start at {} at the earliest, and the end of life of {} is {}",
                      FormatInstant(*decision.until), decision.from, FormatInstant(*end)),
          decision.cluster);
    }
    Tell();
  }

  /// Clusters that no upgrade is about to move.
  void JudgeIdle() {
    auto clusters = model_.fleet().clusters;
    for (uint32_t c = 0; c < clusters.size(); ++c) {
      const Cluster& cluster = clusters[c];
      if (busy_.contains(cluster.name)) continue;
      auto end = EndOfLifeOf(cluster);
      if (!end) continue;
      const ScheduleSet set = model_.Governing(c, std::nullopt);
      if (set.schedules.empty() || !set.broken.empty() || !set.named_problem.empty()) continue;
      auto start = FirstStart(set);
      if (start && *start < *end) continue;
      Add("no-way-out", {cluster.file.str(), 0, cluster.mark}, "",
          fmt::format(": no upgrade selects them, the end of life of {} is {}, and their schedules {}",
                      cluster.release, FormatInstant(*end),
                      start ? fmt::format("open at {} only", FormatInstant(*start)) : "never open again"),
          cluster.name);
    }
    Tell();
  }

  std::optional<Instant> FirstStart(const ScheduleSet& set) {
    auto [known, added] = starts_.try_emplace(set.schedules);
    if (!added) return known->second;
    std::vector<NamedCalendar> calendars;
    Seconds runway{0};
    for (uint32_t s : set.schedules) {
      const ScheduleModel& schedule = model_.schedules()[s];
      calendars.push_back({schedule.schedule->name.str(), &*schedule.calendar});
      runway = std::max(runway, schedule.schedule->runway.value_or(Seconds{0}));
    }
    const JointWindows joint{std::move(calendars), kEveryScope};
    known->second = joint.FirstStart(now_, runway, Seconds{0});
    return known->second;
  }

  void Add(std::string code, const Origin& origin, std::string before, std::string after,
           std::string cluster) {
    Group& group = groups_[{std::move(code), std::move(before), std::move(after)}];
    if (group.clusters.empty()) group.origin = origin;
    group.clusters.push_back(std::move(cluster));
  }

  void Tell() {
    for (auto& [key, group] : groups_) {
      const auto& [code, before, after] = key;
      Warn(group.origin, code, before + NamesText(group.clusters) + after);
    }
    groups_.clear();
  }

  const FleetModel& model_;
  const StatusBook& book_;
  const std::map<ObjectName, std::string>& broken_status_;
  Instant now_;
  Diagnostics findings_;
  std::set<std::string> busy_;
  std::map<GroupKey, Group> groups_;
  std::map<std::pair<std::string, std::string>, std::optional<Instant>> ends_of_life_;
  std::map<std::vector<uint32_t>, std::optional<Instant>> starts_;
};

}  // namespace

Diagnostics JudgeReach(const FleetModel& model, const StatusBook& book,
                       const std::map<ObjectName, std::string>& broken_status, Instant now) {
  return Reach{model, book, broken_status, now}.Run();
}

}  // namespace lockkeeper
