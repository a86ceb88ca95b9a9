#include "reconciler/cycle/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reconciler/cycle/audit_parts.h"

namespace lockkeeper {
namespace {

bool SamePass(const Record& a, const Record& b) { return a.at == b.at && a.decided_on == b.decided_on; }

class Run {
 public:
  explicit Run(AuditWork& work) : work_(work), commits_(work.commits) {}

  Result<void> Prepare(const std::string& since) {
    commits_.resize(work_.graph.commits().size());
    if (auto place = work_.graph.Find(since)) {
      const std::vector<bool> old = work_.graph.ReachableFrom(*place);
      for (size_t i = 0; i < old.size(); ++i) commits_[i].looked_at = !old[i];
    } else if (!since.empty()) {
      // It was never merged; what it has in common with this history is behind it all the same.
      auto old = CommitGraph::Read(work_.repository, since);
      if (!old) return std::unexpected(old.error());
      for (uint32_t i = 0; i < commits_.size(); ++i) commits_[i].looked_at = !old->Find(work_.graph[i].id);
    }
    for (uint32_t i = 0; i < commits_.size(); ++i) ReadRecord(i);
    LeaveOutCopies();
    for (uint32_t i = 0; i < commits_.size(); ++i) {
      FindPass(i);
      const auto& parents = work_.graph[i].parents;
      commits_[i].begun = commits_[i].record.has_value() ||
                          std::ranges::any_of(parents, [&](uint32_t p) { return commits_[p].begun; });
    }
    return {};
  }

  Result<void> Judge() {
    for (uint32_t i = 0; i < commits_.size(); ++i) {
      Count(i);
      if (commits_[i].pass) {
        const AuditPass& pass = work_.passes[*commits_[i].pass];
        const bool wanted =
            std::ranges::any_of(pass.commits, [&](uint32_t c) { return commits_[c].looked_at; });
        if (pass.commits.front() != i || !wanted) continue;
        if (auto done = AuditRecordedPass(work_, pass); !done) return done;
      } else if (commits_[i].looked_at) {
        if (!commits_[i].problem.empty()) {
          work_.Report(i, {work_.graph[i].id, "", "", AuditCode::kUnreadableTrailers, commits_[i].problem});
        }
        if (auto done = AuditOtherCommit(work_, i); !done) return done;
      }
    }
    return {};
  }

  void Finish() {
    AuditResult& result = work_.result;
    std::ranges::stable_sort(result.violations, {},
                             [&](const Violation& v) { return *work_.graph.Find(v.commit); });
    for (const Violation& violation : result.violations) {
      auto upgrade =
          std::ranges::find_if(upgrades_, [&](const auto& u) { return u.first.str() == violation.upgrade; });
      if (upgrade != upgrades_.end()) ++upgrade->second.violations;
    }
    for (auto& [name, upgrade] : upgrades_) result.upgrades.push_back(std::move(upgrade));
  }

 private:
  void ReadRecord(uint32_t i) {
    const GraphCommit& commit = work_.graph[i];
    if (commit.message.empty()) return;
    auto record = ParseTrailers(commit.message);
    if (record) {
      commits_[i].record = std::move(*record);
    } else {
      commits_[i].problem = record.error().message;
    }
  }

  /// Of commits whose records say the same the one counts that looks most like lockkeeper's, else the first.
  void LeaveOutCopies() {
    std::map<std::string, uint32_t> first;
    for (uint32_t i = 0; i < commits_.size(); ++i) {
      if (!commits_[i].record) continue;
      auto [known, is_new] = first.try_emplace(RecordId(*commits_[i].record), i);
      if (is_new) continue;
      uint32_t& original = known->second;
      uint32_t copy = i;
      if (Likeness(i) > Likeness(original)) std::swap(original, copy);
      commits_[copy].record.reset();
    }
  }

  /// Whoever copies a commit leaves a date or a name in it, or has it stand elsewhere.
  int Likeness(uint32_t i) const {
    const GraphCommit& commit = work_.graph[i];
    const Record& record = *commits_[i].record;
    int likeness = commit.time == record.at ? 1 : 0;
    if (commit.author_name == commit.committer_name && commit.author_email == commit.committer_email)
      ++likeness;
    if (commit.parents.size() != 1) return likeness;
    const uint32_t parent = commit.parents.front();
    const auto& below = commits_[parent].record;
    if (work_.graph[parent].id == record.decided_on || (below && SamePass(*below, record))) ++likeness;
    return likeness;
  }

  void FindPass(uint32_t i) {
    if (!commits_[i].record) return;
    const Record& record = *commits_[i].record;
    const auto& parents = work_.graph[i].parents;
    if (parents.size() == 1) {
      const AuditedCommit& below = commits_[parents.front()];
      if (below.pass && SamePass(*below.record, record) &&
          work_.passes[*below.pass].commits.back() == parents.front()) {
        commits_[i].pass = below.pass;
        work_.passes[*below.pass].commits.push_back(i);
        return;
      }
    }
    commits_[i].pass = static_cast<uint32_t>(work_.passes.size());
    AuditPass& pass = work_.passes.emplace_back();
    pass.commits.push_back(i);
    if (!parents.empty()) pass.base = parents.front();
    std::string problem = BaseProblem(i);
    if (!problem.empty()) {
      work_.Report(i, About({work_.graph[i].id, &record}, AuditCode::kWrongBase, std::move(problem)));
    }
  }

  std::string BaseProblem(uint32_t i) const {
    const std::string& on = commits_[i].record->decided_on;
    const auto& parents = work_.graph[i].parents;
    if (parents.size() > 1) return "it is a merge, and lockkeeper makes none";
    if (on.empty()) return "it does not say on which commit it was decided";
    if (parents.empty()) return fmt::format("it was decided on {}, and stands on nothing", on);
    if (on == work_.graph[parents.front()].id) return {};
    return fmt::format("it was decided on {}, {}and stands on {}", on,
                       work_.graph.Find(on) ? "" : "which is not in this history, ",
                       work_.graph[parents.front()].id);
  }

  void Count(uint32_t i) {
    if (!commits_[i].looked_at) return;
    ++work_.result.commits;
    if (!commits_[i].record) return;
    ++work_.result.records;
    for (const Transition& t : commits_[i].record->transitions) {
      const auto* bump = std::get_if<Bumped>(&t);
      if (bump == nullptr) continue;
      ++work_.result.checked;
      const Instant at = commits_[i].record->at;
      auto [entry, is_new] = upgrades_.try_emplace(
          bump->upgrade, AuditedUpgrade{.upgrade = bump->upgrade, .first = at, .last = at});
      AuditedUpgrade& upgrade = entry->second;
      ++upgrade.bumps;
      upgrade.first = std::min(upgrade.first, at);
      upgrade.last = std::max(upgrade.last, at);
    }
  }

  AuditWork& work_;
  std::vector<AuditedCommit>& commits_;
  std::map<ObjectName, AuditedUpgrade> upgrades_;
};

}  // namespace

Result<AuditResult> Audit(Repository& repository, const AuditOptions& options) {
  auto graph = CommitGraph::Read(repository, options.head);
  if (!graph) return std::unexpected(graph.error());
  AuditWork work{.repository = repository,
                 .reader = FleetReader(repository, options.allowed_signers),
                 .graph = std::move(*graph)};
  work.result.head = options.head;
  work.result.since = options.since;
  Run run(work);
  if (auto prepared = run.Prepare(options.since); !prepared) return std::unexpected(prepared.error());
  if (auto done = run.Judge(); !done) return std::unexpected(done.error());
  run.Finish();
  return std::move(work.result);
}

}  // namespace lockkeeper
