#include "reconciler/cycle/approval_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/plan/cluster_set.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/render/manifest_text.h"
#include "reconciler/cycle/manifest_folder.h"
#include "reconciler/cycle/suspend_change.h"
#include "schemas/manifest/decode.h"
#include "schemas/manifest/words.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

constexpr size_t kClustersNamedMax = 20;

/// What is to be approved: an upgrade, or a stage of it.
struct Subject {
  const ClusterUpgrade* upgrade = nullptr;
  const UpgradePlan* plan = nullptr;  ///< null: it follows none
  size_t stage = 0;                   ///< index in the plan; past its stages: the upgrade as a whole
  const ApprovalRule* rule = nullptr;
};

std::vector<std::string> StageNames(const UpgradePlan& plan) {
  std::vector<std::string> names;
  for (const PlanStage& stage : plan.stages) names.push_back(stage.name);
  return names;
}

Result<const UpgradePlan*> FindPlan(const Fleet& fleet, const ClusterUpgrade& upgrade) {
  if (!upgrade.plan) return nullptr;
  auto plan = std::ranges::find(fleet.plans, upgrade.plan->value, &UpgradePlan::name);
  if (plan != fleet.plans.end()) return &*plan;
  return Invalid(fmt::format("{}:{}: the UpgradePlan {} of upgrade {} is missing or has errors",
                             upgrade.origin.file, upgrade.plan->mark.line, upgrade.plan->value.str(),
                             upgrade.name.str()));
}

Result<void> FindStage(const std::string& wanted, Subject& subject) {
  const std::string upgrade = subject.upgrade->name.str();
  if (subject.plan == nullptr)
    return NotFound(fmt::format("--stage: upgrade {} follows no UpgradePlan, so it has no stages", upgrade));
  auto stage = std::ranges::find(subject.plan->stages, wanted, &PlanStage::name);
  if (stage == subject.plan->stages.end()) {
    const std::vector<std::string> names = StageNames(*subject.plan);
    std::string near = DidYouMean(wanted, names);
    if (near.empty()) near = "; its stages are " + Listed(names);
    return NotFound(fmt::format("--stage: the UpgradePlan {} of upgrade {} has no stage {}{}",
                                subject.plan->name.str(), upgrade, Quoted(wanted), near));
  }
  subject.stage = static_cast<size_t>(stage - subject.plan->stages.begin());
  if (stage->approval.required) subject.rule = &stage->approval;
  return {};
}

/// Which rule asks for the approval, or that none does.
Result<void> RequireRule(const std::string& stage, const Subject& subject) {
  if (subject.rule->required) return {};
  const std::string upgrade = subject.upgrade->name.str();
  if (!stage.empty())
    return Invalid(fmt::format("neither upgrade {} nor its stage {} requires an approval", upgrade, stage));
  std::vector<std::string> stages;
  for (size_t i = 0; subject.plan != nullptr && i < subject.plan->stages.size(); ++i) {
    if (subject.plan->stages[i].approval.required) stages.push_back(subject.plan->stages[i].name);
  }
  if (stages.empty()) return Invalid(fmt::format("upgrade {} requires no approval", upgrade));
  return Invalid(
      fmt::format("upgrade {} as a whole requires no approval, but {} of its stages: say --stage {}", upgrade,
                  stages.size() == 1 ? "one" : "some", fmt::join(stages, " or ")));
}

Result<Subject> FindSubject(const Fleet& fleet, const ApprovalRequest& request) {
  auto upgrade = FindUpgrade(fleet, request.upgrade);
  if (!upgrade) return std::unexpected(std::move(upgrade.error()));
  auto plan = FindPlan(fleet, **upgrade);
  if (!plan) return std::unexpected(std::move(plan.error()));
  Subject subject{*upgrade, *plan, *plan == nullptr ? 0 : (*plan)->stages.size(), &(*upgrade)->approval};
  if (!request.stage.empty()) {
    if (auto found = FindStage(request.stage, subject); !found) return std::unexpected(found.error());
  }
  if (auto required = RequireRule(request.stage, subject); !required)
    return std::unexpected(required.error());
  return subject;
}

/// Names of the clusters that the upgrade, or the stage of it, selects; sorted.
Result<std::vector<std::string>> ClustersOf(const FleetModel& model, const Subject& subject) {
  auto upgrade = std::ranges::find(model.upgrades(), subject.upgrade, &UpgradeModel::upgrade);
  std::vector<CompiledMatch> stages;
  const bool whole = subject.plan == nullptr || subject.stage == subject.plan->stages.size();
  for (size_t i = 0; !whole && i <= subject.stage; ++i) {
    Diagnostics findings;
    auto match = CompiledMatch::Compile(subject.plan->stages[i].match, EmptyMatch::kEverythingIfWritten,
                                        subject.plan->origin.file, findings);
    if (!match) return Invalid(FormatDiagnostic(findings.front()));
    stages.push_back(std::move(*match));
  }
  std::vector<std::string> names;
  for (uint32_t index : upgrade->clusters) {
    const Cluster& cluster = model.cluster(index);
    auto first =
        std::ranges::find_if(stages, [&](const CompiledMatch& m) { return m.Selects(cluster.labels); });
    if (whole || (first != stages.end() && first == stages.end() - 1)) names.push_back(cluster.name);
  }
  if (!names.empty()) return names;
  return Invalid(fmt::format("{} of upgrade {} selects no cluster, so there is nothing to approve",
                             whole ? "the selector" : "stage " + subject.plan->stages[subject.stage].name,
                             subject.upgrade->name.str()));
}

std::vector<ApprovedMove> MovesOf(const FleetState& state, const FleetModel& model,
                                  const ClusterUpgrade& upgrade, const std::vector<std::string>& clusters,
                                  Instant now) {
  const EditRefusals refusals;
  const Plan plan = MakePlan(
      model, {.book = state.book, .broken_status = state.broken_status, .refusals = refusals, .now = now});
  std::vector<ApprovedMove> moves;
  for (const Decision& d : plan.decisions) {
    if (d.upgrade != upgrade.name || !std::ranges::binary_search(clusters, d.cluster)) continue;
    moves.push_back({d.cluster, d.from, d.hop, d.action == Action::kSkip || d.action == Action::kFinish});
  }
  return moves;
}

std::vector<std::pair<std::string, std::string>> NotesOf(const FleetModel& model,
                                                         const std::vector<ApprovedMove>& moves,
                                                         const std::string& to) {
  auto target = ParseReleaseName(to);
  if (!target) return {};
  std::optional<Version> lowest;
  for (const ApprovedMove& move : moves) {
    auto from = ParseReleaseName(move.from);
    if (from && !move.over && (!lowest || from->version < *lowest)) lowest = from->version;
  }
  std::vector<std::pair<std::string, std::string>> notes;
  for (const Release* release : model.catalog().OfProvider(target->provider)) {
    auto name = ParseReleaseName(release->name);
    if (!name || release->notes_url.empty() || target->version < name->version) continue;
    if (lowest ? *lowest < name->version : name->version == target->version)
      notes.emplace_back(release->name, release->notes_url);
  }
  return notes;
}

std::vector<std::pair<std::string, std::string>> ChecklistOf(const Subject& subject) {
  std::vector<std::pair<std::string, std::string>> items;
  if (subject.plan == nullptr) return items;
  const std::vector<PlanStage>& stages = subject.plan->stages;
  for (size_t i = 0; i < stages.size(); ++i) {
    if (subject.stage != stages.size() && subject.stage != i) continue;
    for (const std::string& item : stages[i].checklist_before) items.emplace_back(stages[i].name, item);
  }
  return items;
}

bool SameSubject(const UpgradeApproval& a, const UpgradeApproval& b) {
  return a.upgrade.value == b.upgrade.value && a.stage == b.stage;
}

/// Takes the place of what the file holds only if that is an approval of the same thing, and nothing else.
Result<bool> MayReplace(const Fleet& fleet, FleetReader& reader, const UpgradeApproval& approval,
                        const std::string& path) {
  auto other = std::ranges::find(fleet.approvals, approval.name, &UpgradeApproval::name);
  if (other != fleet.approvals.end() && other->origin.file != path) return false;
  auto text = reader.ReadFile(path);
  if (!text && text.error().kind == ErrorKind::kNotFound) {
    return std::ranges::none_of(fleet.broken, [&](const BrokenObject& object) {
      return object.kind == "UpgradeApproval" && object.name == approval.name;
    });
  }
  if (!text && text.error().kind == ErrorKind::kInvalid) return false;
  if (!text) return std::unexpected(text.error());
  const DecodedFile file = DecodeManifests(path, *text);
  return file.approvals.size() == 1 && file.broken.empty() && !text->contains("\n---") &&
         SameSubject(file.approvals[0], approval);
}

/// Two upgrades may come to one name: `a-b`, and stage `b` of `a`. The second gets a hash behind it.
Result<void> ChoosePlace(const FleetState& state, FleetReader& reader, ApprovalChange& change) {
  UpgradeApproval& approval = change.approval;
  const ObjectName& upgrade = approval.upgrade.value;
  const std::string words =
      approval.stage.empty() ? upgrade.name : upgrade.name + "-" + NameFromWords(approval.stage);
  const std::string hash = Sha256Hex(upgrade.str() + "\n" + approval.stage).substr(0, 8);
  const std::string folder = upgrade.ns == "default" ? "approvals" : "approvals/" + upgrade.ns;
  for (const std::string& name : {words, words + "-" + hash}) {
    approval.name = {upgrade.ns, name};
    auto path = NewManifestPath(*state.fleet.settings, folder, name);
    if (!path) return std::unexpected(std::move(path.error()));
    change.path = *path;
    auto free = MayReplace(state.fleet, reader, approval, *path);
    if (!free) return std::unexpected(std::move(free.error()));
    if (*free) return {};
  }
  return Invalid(fmt::format("{}: this file is there and holds something else; move that away", change.path));
}

bool StandsAlready(const Fleet& fleet, const ApprovalChange& change, const ApprovalRequest& request) {
  auto stands = std::ranges::find(fleet.approvals, change.approval.name, &UpgradeApproval::name);
  if (stands == fleet.approvals.end() || stands->origin.file != change.path) return false;
  const UpgradeApproval& wanted = change.approval;
  const bool counts = !stands->expires_at || request.now < *stands->expires_at;
  return counts && !request.expires_after && stands->to_release == wanted.to_release &&
         stands->clusters == wanted.clusters && stands->by == wanted.by;
}

std::string ApprovalMessage(const ApprovalChange& change, const ApprovalRequest& request) {
  const UpgradeApproval& approval = change.approval;
  std::string text =
      fmt::format("Approve upgrade {}{} to {}\n\n", approval.upgrade.value.str(),
                  approval.stage.empty() ? "" : ", stage " + approval.stage + ",", approval.to_release);
  if (!request.note.empty()) text += fmt::format("Note: {}\n", request.note);
  std::vector<std::string> names;
  for (const ApprovedMove& move : change.moves) {
    if (names.size() < kClustersNamedMax) names.push_back(move.cluster);
  }
  const size_t more = change.moves.size() - names.size();
  return text +
         fmt::format("Clusters: {}{}\n", Listed(names), more == 0 ? "" : fmt::format(" and {} more", more));
}

}  // namespace

Result<ApprovalChange> DecideApproval(const FleetState& state, FleetReader& reader,
                                      const ApprovalRequest& request) {
  auto subject = FindSubject(state.fleet, request);
  if (!subject) return std::unexpected(std::move(subject.error()));
  const FleetModel model = FleetModel::Build(state.fleet);
  auto clusters = ClustersOf(model, *subject);
  if (!clusters) return std::unexpected(std::move(clusters.error()));

  ApprovalChange change;
  UpgradeApproval& approval = change.approval;
  approval.upgrade.value = subject->upgrade->name;
  approval.stage = request.stage;
  approval.to_release = subject->upgrade->release.name.value;
  approval.clusters = HashClusterSet(*clusters);
  approval.by = request.by;
  approval.at = request.now;
  const std::optional<Seconds> counts_for =
      request.expires_after ? request.expires_after : subject->rule->expires_after;
  if (counts_for) approval.expires_at = request.now + *counts_for;
  change.approvers = subject->rule->approvers;
  change.moves = MovesOf(state, model, *subject->upgrade, *clusters, request.now);
  change.notes = NotesOf(model, change.moves, approval.to_release);
  change.checklist = ChecklistOf(*subject);
  if (auto place = ChoosePlace(state, reader, change); !place) return std::unexpected(place.error());
  if (StandsAlready(state.fleet, change, request)) return change;

  const std::string content = ApprovalManifest(approval);
  const DecodedFile decoded = DecodeManifests(change.path, content);
  auto wrong = std::ranges::find(decoded.diagnostics, Severity::kError, &Diagnostic::severity);
  if (wrong != decoded.diagnostics.end()) return Invalid(wrong->message);
  change.changes.writes.push_back({.path = change.path, .content = content, .remove = false});
  change.changes.message = ApprovalMessage(change, request);
  return change;
}

bool IsApprover(const std::vector<std::string>& approvers, const Identity& author) {
  return approvers.empty() || std::ranges::any_of(approvers, [&](const std::string& approver) {
           return approver == author.name || approver == author.email;
         });
}

}  // namespace lockkeeper
