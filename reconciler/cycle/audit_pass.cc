#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "reconciler/cycle/audit_parts.h"
#include "reconciler/cycle/compose.h"
#include "reconciler/cycle/task_trials.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

using ContenderName = std::pair<ObjectName, std::string>;

void AddEdits(const Decision& decision, Change& change) {
  change.edits.insert(change.edits.end(), decision.edits.begin(), decision.edits.end());
  for (const RefEdit& edit : decision.edits) change.clusters.emplace_back(edit.file, decision.cluster);
}

/// As RenderChanges leaves it: clusters that share a ref ask for the same edit.
void Tidy(Change& change) {
  auto tidy = [](auto& list) {
    std::ranges::sort(list);
    auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
  };
  tidy(change.edits);
  tidy(change.clusters);
}

class PassAudit {
 public:
  PassAudit(AuditWork& work, const AuditPass& pass) : work_(work), pass_(pass) {
    for (uint32_t commit : pass.commits) {
      records_.push_back({work.graph[commit].id, &*work.commits[commit].record});
      for (const Transition& t : records_.back().record->transitions) {
        if (const auto* bump = std::get_if<Bumped>(&t)) recorded_.insert({bump->upgrade, bump->cluster});
      }
    }
  }

  Result<void> Run() {
    Result<const FleetState*> state = nullptr;
    if (pass_.base) state = work_.reader.Read(work_.graph[*pass_.base].id);
    if (!state) return std::unexpected(state.error());
    if (*state == nullptr || !(*state)->fleet.settings) {
      for (size_t i = 0; i < records_.size(); ++i) {
        Report(i, About(records_[i], AuditCode::kNotAllowed,
                        "there was no Fleet to decide about: gate manifest"));
      }
      return {};
    }
    settings_ = *(*state)->fleet.settings;
    for (size_t i = 0; i < records_.size(); ++i) {
      const GraphCommit& commit = work_.graph[pass_.commits[i]];
      for (Violation& violation : JudgeIdentity(records_[i],
                                                {.author_name = commit.author_name,
                                                 .author_email = commit.author_email,
                                                 .committer_name = commit.committer_name,
                                                 .committer_email = commit.committer_email,
                                                 .time = commit.time},
                                                settings_.commit)) {
        Report(i, std::move(violation));
      }
    }
    auto composition = Decide(**state);
    if (!composition) return std::unexpected(composition.error());
    for (size_t i = 0; i < records_.size(); ++i) {
      if (auto done = CompareFiles(i, composition->drafts[i].writes); !done) return done;
    }
    return Explain();
  }

 private:
  /// What stands in a file where more or something else than the edit of a bump may have happened.
  struct Doubt {
    size_t record;
    const Bumped* bump;
    std::string path;
    FileFault fault;
    std::optional<std::string> value;  ///< what the plan's edit puts there; absent: the plan has none
  };

  void Report(size_t record, Violation violation) {
    work_.Report(pass_.commits[record], std::move(violation));
  }

  /// The plan, and what it makes of the records' commits. Bumps whose bytes refuse were held then as well,
  /// and others took their places: that is found out only where plan and records are not of one mind.
  Result<Composition> Decide(const FleetState& state) {
    const FleetModel model = FleetModel::Build(state.fleet);
    const Observations seen = BelievedObservations(records_);
    EditRefusals refusals;
    auto trials = TryTaskChanges(model, state.tasks, work_.reader, records_.front().record->at);
    if (!trials) return std::unexpected(trials.error());
    while (true) {
      const Plan plan = MakePlan(model, {.book = state.book,
                                         .broken_status = state.broken_status,
                                         .refusals = refusals,
                                         .now = records_.front().record->at,
                                         .observations = &seen,
                                         .tasks = &state.tasks,
                                         .task_trials = &*trials});
      auto composition = Compose(Recorded(plan), state, work_.reader);
      if (!composition) return composition;
      EditRefusals refused = std::move(composition->refused);
      if (refused.empty() && !AgreesOnBumps(plan)) {
        auto all = Compose({Everything(plan)}, state, work_.reader);
        if (!all) return all;
        refused = std::move(all->refused);
      }
      const size_t before = refusals.size();
      refusals.merge(refused);
      // Each round holds one cluster more, which then asks for no edit.
      if (refusals.size() != before) continue;
      TakeDoubts(plan, state);
      for (Violation& violation : JudgeRecords(model, plan, records_)) {
        auto record = std::ranges::find(records_, violation.commit, &AuditedRecord::commit);
        Report(static_cast<size_t>(record - records_.begin()), std::move(violation));
      }
      return composition;
    }
  }

  bool AgreesOnBumps(const Plan& plan) const {
    std::set<ContenderName> planned;
    for (const Decision& d : plan.decisions) {
      if (d.action == Action::kBump) planned.insert({d.upgrade, d.cluster});
    }
    return planned == recorded_;
  }

  Change Everything(const Plan& plan) const {
    Change change{.edits = {},
                  .record = {.at = plan.at, .decided_on = {}, .transitions = {}},
                  .documents = {},
                  .clusters = {}};
    for (const Decision& d : plan.decisions) {
      if (d.action == Action::kBump) AddEdits(d, change);
    }
    change.documents = plan.documents;
    Tidy(change);
    return change;
  }

  std::vector<Change> Recorded(const Plan& plan) {
    std::vector<Change> changes;
    for (const AuditedRecord& audited : records_) {
      Change& change = changes.emplace_back(
          Change{.edits = {}, .record = *audited.record, .documents = {}, .clusters = {}});
      if (std::ranges::any_of(audited.record->transitions, [](const Transition& t) {
            return std::holds_alternative<NoticeSent>(t) || std::holds_alternative<ReminderSent>(t);
          }))
        change.documents = plan.documents;
      for (const Transition& t : audited.record->transitions) {
        const auto* bump = std::get_if<Bumped>(&t);
        if (bump == nullptr) continue;
        if (const Decision* planned = PlannedBump(plan, *bump)) AddEdits(*planned, change);
      }
      for (const TaskEdits& made : plan.task_edits) {
        const auto& told = audited.record->tasks;
        if (std::ranges::find(told, made.transition) == told.end()) continue;
        change.edits.insert(change.edits.end(), made.edits.begin(), made.edits.end());
        for (const RefEdit& edit : made.edits) task_files_.insert(edit.file);
      }
      // Only for what it says that it did; a manifest that it brings besides is found as unexpected.
      for (const Document& document : plan.documents) {
        if (Mentions(*audited.record, document)) change.documents.push_back(document);
        if (document.proposal) manifests_.insert(document.path);
      }
      Tidy(change);
    }
    return changes;
  }

  static bool Mentions(const Record& record, const Document& document) {
    return std::ranges::any_of(record.transitions, [&](const Transition& t) {
      const auto* target = std::get_if<TargetSet>(&t);
      const auto* notice = std::get_if<NoticeSent>(&t);
      const auto* reminder = std::get_if<ReminderSent>(&t);
      if (document.proposal) return target != nullptr && target->upgrade == document.upgrade;
      return (notice != nullptr && notice->upgrade == document.upgrade) ||
             (reminder != nullptr && reminder->upgrade == document.upgrade);
    });
  }

  static const Decision* PlannedBump(const Plan& plan, const Bumped& bump) {
    const Decision* decision = FindDecision(plan, bump.upgrade, bump.cluster);
    if (decision == nullptr || decision->action != Action::kBump) return nullptr;
    return decision->from == bump.from && decision->hop == bump.to ? decision : nullptr;
  }

  /// Which files each recorded bump may have touched.
  void TakeDoubts(const Plan& plan, const FleetState& state) {
    for (size_t i = 0; i < records_.size(); ++i) {
      for (const Transition& t : records_[i].record->transitions) {
        const auto* bump = std::get_if<Bumped>(&t);
        if (bump == nullptr) continue;
        if (const Decision* planned = PlannedBump(plan, *bump)) {
          for (const RefEdit& edit : planned->edits) files_.push_back({i, bump, edit.file, {}, edit.value});
          continue;
        }
        auto clusters = state.fleet.clusters;
        auto cluster = std::ranges::lower_bound(clusters, bump->cluster, {}, &Cluster::name);
        if (cluster == clusters.end() || cluster->name != bump->cluster) continue;
        for (const Ref& ref : cluster->refs) files_.push_back({i, bump, ref.file.str(), {}, {}});
      }
    }
  }

  Result<void> CompareFiles(size_t i, const std::vector<FileWrite>& writes) {
    const uint32_t commit = pass_.commits[i];
    const std::string& parent = work_.graph[work_.graph[commit].parents.front()].id;
    std::vector<std::string>& changed = work_.touched[commit];
    auto mismatches = CompareWrites(work_.repository, parent, records_[i].commit, writes, &changed);
    if (!mismatches) return std::unexpected(mismatches.error());
    // A bump that the plan does not have has no edits to compare with: whether it did what it says is asked
    // of its files.
    std::set<const Bumped*> in_diff;
    for (Doubt& file : files_) {
      if (file.record != i || file.value || std::ranges::find(changed, file.path) == changed.end()) continue;
      file.fault = FileFault::kDiffers;
      in_diff.insert(file.bump);
      doubts_.push_back(file);
    }
    for (Doubt& file : files_) {
      if (file.record != i || file.value || !in_diff.insert(file.bump).second) continue;
      file.fault = FileFault::kMissing;
      doubts_.push_back(file);
    }
    for (const FileMismatch& mismatch : *mismatches) TakeMismatch(i, mismatch);
    return {};
  }

  void TakeMismatch(size_t i, const FileMismatch& mismatch) {
    if (IsRecordFile(settings_, mismatch.path)) {
      Report(i, About(records_[i], AuditCode::kAlteredStatus,
                      fmt::format("{}: it is not what this commit's trailers say", mismatch.path)));
      return;
    }
    if (manifests_.contains(mismatch.path)) {
      const bool missing = mismatch.fault == FileFault::kMissing;
      Report(i, About(records_[i], missing ? AuditCode::kNotInDiff : AuditCode::kUnexpectedChange,
                      fmt::format("{}: {}", mismatch.path,
                                  missing ? "its trailers record the upgrade, and its manifest is not there"
                                          : "it is not the manifest that the policy asks for")));
      return;
    }
    if (task_files_.contains(mismatch.path)) {
      const bool missing = mismatch.fault == FileFault::kMissing;
      Report(i,
             About(records_[i], missing ? AuditCode::kNotInDiff : AuditCode::kUnexpectedChange,
                   fmt::format("{}: {}", mismatch.path,
                               missing ? "its trailers record a task's changes, and the file is not changed"
                                       : "it is not what the task's changes make of it")));
      return;
    }
    bool known = false;
    for (const Doubt& file : files_) {
      if (file.record != i || file.path != mismatch.path) continue;
      known = true;
      if (!file.value) continue;
      doubts_.push_back(file);
      doubts_.back().fault = mismatch.fault;
    }
    if (known) return;
    Report(i, About(records_[i], AuditCode::kUnexpectedChange,
                    fmt::format("{}: it is changed, and no bump of this commit has its release there",
                                mismatch.path)));
  }

  /// Looks at what the doubtful commits made of their clusters. The reader moves on with it, so it comes
  /// last.
  Result<void> Explain() {
    std::set<std::pair<const Bumped*, std::string>> told;
    for (const Doubt& doubt : doubts_) {
      auto tell = [&](AuditCode code, std::string message) {
        if (!told.insert({doubt.bump, doubt.path}).second) return;
        Report(doubt.record, {records_[doubt.record].commit, doubt.bump->upgrade.str(), doubt.bump->cluster,
                              code, std::move(message)});
      };
      const std::string bump =
          fmt::format("its trailers record a bump from {} to {}", doubt.bump->from, doubt.bump->to);
      auto after = work_.reader.Read(records_[doubt.record].commit);
      if (!after) return std::unexpected(after.error());
      const std::string holds = ReleaseIn((*after)->fleet, doubt);
      if (holds.empty()) {
        if (doubt.value)
          tell(AuditCode::kUnexpectedChange, fmt::format("{}: it changes more than the release", doubt.path));
      } else if (doubt.fault == FileFault::kMissing) {
        tell(AuditCode::kNotInDiff, fmt::format("{}: {}, and the file is not changed", doubt.path, bump));
      } else {
        tell(AuditCode::kNotInDiff, fmt::format("{}: {}, and the file holds {}", doubt.path, bump, holds));
      }
    }
    return {};
  }

  /// What the bump's cluster has in the file in place of its release; empty: the release.
  static std::string ReleaseIn(const Fleet& fleet, const Doubt& doubt) {
    const auto wanted = ParseReleaseName(doubt.bump->to);
    auto cluster = std::ranges::lower_bound(fleet.clusters, doubt.bump->cluster, {}, &Cluster::name);
    if (cluster == fleet.clusters.end() || cluster->name != doubt.bump->cluster)
      return "no such cluster any more";
    std::string other = "no release any more";
    for (const Ref& ref : cluster->refs) {
      if (ref.file != doubt.path) continue;
      if (doubt.value) {
        if (ref.value == *doubt.value) return {};
      } else if (auto version = ParseVersion(ref.version); wanted && version && *version == wanted->version) {
        return {};
      }
      other = ref.value;
    }
    return other;
  }

  AuditWork& work_;
  const AuditPass& pass_;
  std::vector<AuditedRecord> records_;
  std::set<ContenderName> recorded_;
  FleetSettings settings_;
  std::vector<Doubt> files_;
  std::vector<Doubt> doubts_;
  std::set<std::string> task_files_;  ///< that tasks change
  std::set<std::string> manifests_;   ///< paths of those that policies ask for
};

}  // namespace

Result<void> AuditRecordedPass(AuditWork& work, const AuditPass& pass) { return PassAudit{work, pass}.Run(); }

}  // namespace lockkeeper
