#include "reconciler/cycle/approval_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reconciler/core/plan/auto_approve.h"
#include "reconciler/core/plan/cluster_set.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/plan/rollout.h"
#include "reconciler/core/render/manifest_text.h"
#include "reconciler/cycle/manifest_folder.h"
#include "reconciler/cycle/suspend_change.h"
#include "schemas/assert.h"
#include "schemas/manifest/decode.h"
#include "schemas/manifest/words.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

constexpr size_t kClustersNamedMax = 20;

/// What is to be approved: an upgrade, or a stage of it.
struct Subject {
  const UpgradeModel* upgrade = nullptr;
  const Rollout* rollout = nullptr;
  std::optional<size_t> stage;  ///< index in the plan; absent: the upgrade as a whole
  const ApprovalRule* rule = nullptr;
  std::string name() const { return upgrade->upgrade->name.str(); }
  const UpgradePlan* plan() const { return rollout->plan; }
};

Result<void> FindStage(const std::string& wanted, Subject& subject) {
  if (subject.plan() == nullptr)
    return NotFound(
        fmt::format("--stage: upgrade {} follows no UpgradePlan, so it has no stages", subject.name()));
  const std::vector<PlanStage>& stages = subject.plan()->stages;
  auto stage = std::ranges::find(stages, wanted, &PlanStage::name);
  if (stage == stages.end()) {
    std::vector<std::string> names;
    for (const PlanStage& one : stages) names.push_back(one.name);
    std::string near = DidYouMean(wanted, names);
    if (near.empty()) near = "; its stages are " + Listed(names);
    return NotFound(fmt::format("--stage: the UpgradePlan {} of upgrade {} has no stage {}{}",
                                subject.plan()->name.str(), subject.name(), Quoted(wanted), near));
  }
  subject.stage = static_cast<size_t>(stage - stages.begin());
  if (stage->approval.required) subject.rule = &stage->approval;
  return {};
}

/// That somebody has to approve it at all.
Result<void> RequireRule(const FleetModel& model, const Subject& subject) {
  if (subject.rule->required) return {};
  const auto& clusters = subject.upgrade->clusters;
  for (size_t n = 0; n < clusters.size(); ++n) {
    if (subject.stage && subject.rollout->stage_of[n] != static_cast<int>(*subject.stage)) continue;
    auto runs = ParseVersion(model.cluster(clusters[n]).release.str());
    if (NeedsApproval(*subject.upgrade, runs ? std::optional{*runs} : std::nullopt)) return {};
  }
  if (subject.stage) {
    return Invalid(fmt::format("neither upgrade {} nor its stage {} requires an approval", subject.name(),
                               subject.plan()->stages[*subject.stage].name));
  }
  std::vector<std::string> stages;
  for (size_t i = 0; subject.plan() != nullptr && i < subject.plan()->stages.size(); ++i) {
    if (subject.plan()->stages[i].approval.required) stages.push_back(subject.plan()->stages[i].name);
  }
  if (stages.empty()) return Invalid(fmt::format("upgrade {} requires no approval", subject.name()));
  return Invalid(
      fmt::format("upgrade {} as a whole requires no approval, but {} of its stages: say --stage {}",
                  subject.name(), stages.size() == 1 ? "one" : "some", fmt::join(stages, " or ")));
}

Result<Subject> FindSubject(const FleetModel& model, const std::vector<Rollout>& rollouts,
                            const ApprovalRequest& request) {
  auto upgrade = FindUpgrade(model.fleet(), request.upgrade);
  if (!upgrade) return std::unexpected(std::move(upgrade.error()));
  auto found = std::ranges::find(model.upgrades(), *upgrade, &UpgradeModel::upgrade);
  LK_ASSERT(found != model.upgrades().end());
  Subject subject{.upgrade = &*found,
                  .rollout = &rollouts[static_cast<size_t>(found - model.upgrades().begin())],
                  .stage = {},
                  .rule = &(*upgrade)->approval};
  // Nobody can approve what cannot be read: neither the target, nor who belongs to which stage.
  if (!found->target || (found->upgrade->plan && subject.plan() == nullptr)) {
    const std::string& why =
        subject.rollout->problem.empty() ? found->manifest_problem : subject.rollout->problem;
    return Invalid(fmt::format("upgrade {} cannot be approved as it is: {}", subject.name(), why));
  }
  if (!request.stage.empty()) {
    if (auto stage = FindStage(request.stage, subject); !stage) return std::unexpected(stage.error());
  }
  if (auto required = RequireRule(model, subject); !required) return std::unexpected(required.error());
  return subject;
}

/// Names of the clusters that the upgrade, or the stage of it, selects; sorted. The gate takes the same.
Result<std::vector<std::string>> ClustersOf(const FleetModel& model, const Subject& subject) {
  std::vector<std::string> names;
  for (size_t n = 0; n < subject.upgrade->clusters.size(); ++n) {
    if (subject.stage && subject.rollout->stage_of[n] != static_cast<int>(*subject.stage)) continue;
    names.push_back(model.cluster(subject.upgrade->clusters[n]).name);
  }
  if (!names.empty()) return names;
  return Invalid(fmt::format(
      "{} {} has no cluster, so there is nothing to approve",
      subject.stage ? fmt::format("stage {} of upgrade", subject.plan()->stages[*subject.stage].name)
                    : "upgrade",
      subject.name()));
}

std::vector<ApprovedMove> MovesOf(const FleetState& state, const FleetModel& model, const ObjectName& upgrade,
                                  const std::vector<std::string>& clusters, Instant now) {
  const EditRefusals refusals;
  const Plan plan = MakePlan(
      model, {.book = state.book, .broken_status = state.broken_status, .refusals = refusals, .now = now});
  std::vector<ApprovedMove> moves;
  for (const Decision& d : plan.decisions) {
    if (d.upgrade != upgrade || !std::ranges::binary_search(clusters, d.cluster)) continue;
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
  for (size_t i = 0; subject.plan() != nullptr && i < subject.plan()->stages.size(); ++i) {
    const PlanStage& stage = subject.plan()->stages[i];
    if (subject.stage && *subject.stage != i) continue;
    for (const std::string& item : stage.checklist_before) items.emplace_back(stage.name, item);
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
  const bool counts = stands->expires_at ? request.now < *stands->expires_at : !wanted.expires_at;
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
  const FleetModel model = FleetModel::Build(state.fleet);
  const std::vector<Rollout> rollouts = PlansInForce(model, state.book);
  auto subject = FindSubject(model, rollouts, request);
  if (!subject) return std::unexpected(std::move(subject.error()));
  auto clusters = ClustersOf(model, *subject);
  if (!clusters) return std::unexpected(std::move(clusters.error()));

  ApprovalChange change;
  UpgradeApproval& approval = change.approval;
  approval.upgrade.value = subject->upgrade->upgrade->name;
  approval.stage = request.stage;
  approval.to_release = subject->upgrade->target->str();
  approval.clusters = HashClusterSet(*clusters);
  approval.by = request.by;
  approval.at = request.now;
  std::optional<Seconds> counts_for = subject->rule->expires_after;
  if (request.expires_after && (!counts_for || *request.expires_after < *counts_for))
    counts_for = request.expires_after;
  if (counts_for) approval.expires_at = request.now + *counts_for;
  if (approval.expires_at && !IsWritable(*approval.expires_at))
    return Invalid("the approval would expire after the year 9999");
  change.approvers = subject->rule->approvers;
  change.moves = MovesOf(state, model, approval.upgrade.value, *clusters, request.now);
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

}  // namespace lockkeeper
