#include "reconciler/core/simulate/moving_fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "schemas/assert.h"
#include "schemas/inventory/naming.h"
#include "schemas/inventory/release_ref.h"
#include "schemas/manifest/decode.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

/// The same scalar, by its path or, where two rules have two paths to it, by its place.
bool IsSameScalar(const Ref& a, const Ref& b) {
  if (a.document == b.document && a.path == b.path) return true;
  return a.mark.line > 0 && a.mark == b.mark;
}

bool IsMeant(const Ref& ref, const RefEdit& edit) {
  return ref.document == edit.document && ref.path == edit.path;
}

/// What the inventory makes of a value that was written by the ref's own format.
void ReadValue(Ref& ref) {
  auto format = ParseVersionFormat(ref.format.str());
  auto core = format ? MatchFormat(*format, ref.value) : std::nullopt;
  ref.version = core && ParseVersion(*core) ? *core : std::string{};
  if (!ref.version.empty()) return;
  ref.problem_code = "unparsable";
  ref.problem = fmt::format("'{}' does not read as {}", ref.value, ref.format);
}

}  // namespace

MovingFleet::MovingFleet(const Fleet& fleet)
    : fleet_(fleet), clusters_(fleet.clusters.begin(), fleet.clusters.end()) {
  LK_ASSERT(fleet.settings.has_value());
  fleet_.clusters = clusters_;
  fleet_.diagnostics.clear();
  for (const InventoryRule& rule : fleet_.settings->inventory) {
    const std::string& written = rule.labels_from.value;
    auto path = ParseFieldPath(written.empty() ? "metadata.labels" : written);
    if (path && std::ranges::find(label_places_, *path) == label_places_.end())
      label_places_.push_back(*std::move(path));
  }
  for (uint32_t c = 0; c < clusters_.size(); ++c) {
    for (uint32_t r = 0; r < clusters_[c].refs.size(); ++r) {
      refs_of_file_[clusters_[c].refs[r].file.str()].emplace_back(c, r);
    }
  }
  if (std::ranges::all_of(fleet_.tasks, [](const MaintenanceTask& task) { return task.changes.empty(); }))
    return;
  for (uint32_t c = 0; c < clusters_.size(); ++c) clusters_of_file_[clusters_[c].file.str()].push_back(c);
}

const FleetModel& MovingFleet::model() {
  if (!model_) model_ = FleetModel::Build(fleet_);
  return *model_;
}

/// A manifest's label may be the very place that holds the release (`giantswarm-label`): then its text is a
/// label of the cluster too, and changes with it.
void MovingFleet::SetCarriedLabel(Cluster& cluster, const Ref& ref, const std::string& value) const {
  if (ref.file != cluster.file) return;
  auto path = ParseFieldPath(ref.path.str());
  if (!path || path->steps.empty() || path->steps.back().kind != FieldPathStep::Kind::kKey) return;
  const std::string key = path->steps.back().key;
  path->steps.pop_back();
  if (std::ranges::find(label_places_, *path) == label_places_.end()) return;
  if (FindLabel(cluster.labels, key) == ref.value) SetLabel(cluster.labels, key, value);
}

void MovingFleet::Set(Cluster& cluster, Ref& ref, const RefEdit& edit) {
  SetCarriedLabel(cluster, ref, edit.value);
  ref.value = edit.value;
  ReadValue(ref);
  const Ref* main = ReleaseRef(cluster.refs);
  cluster.release = main == nullptr ? SharedText{} : SharedText{main->version};
  SetLabel(cluster.labels, "release", cluster.release);
}

/// Null: it is none of a ref.
const std::vector<MovingFleet::RefIndex>* MovingFleet::RefsAt(const RefEdit& edit) const {
  auto found = refs_of_file_.find(edit.file);
  if (found == refs_of_file_.end()) return nullptr;
  const bool is_ref = std::ranges::any_of(found->second, [&](RefIndex index) {
    return IsMeant(clusters_[index.first].refs[index.second], edit);
  });
  return is_ref ? &found->second : nullptr;
}

/// Labels and the names of schedules are what else is read of a cluster's manifest and may change.
void MovingFleet::SetOther(const RefEdit& edit) {
  auto found = clusters_of_file_.find(edit.file);
  auto path = ParseFieldPath(edit.path);
  if (found == clusters_of_file_.end() || !path || path->steps.empty()) return;
  const FieldPathStep last = path->steps.back();
  if (last.kind != FieldPathStep::Kind::kKey) return;
  path->steps.pop_back();
  const bool is_label = std::ranges::find(label_places_, *path) != label_places_.end();
  const bool names_schedules = last.key == "lockkeeper.dev/maintenance-schedule";
  for (uint32_t c : found->second) {
    Cluster& cluster = clusters_[c];
    if (is_label && FindLabel(cluster.labels, last.key) == edit.expected)
      SetLabel(cluster.labels, last.key, edit.value);
    if (names_schedules && cluster.schedule_names == edit.expected) cluster.schedule_names = edit.value;
  }
}

void MovingFleet::Make(const std::vector<RefEdit>& edits) {
  for (const RefEdit& edit : edits) {
    const std::vector<RefIndex>* refs = RefsAt(edit);
    if (refs == nullptr) {
      SetOther(edit);
      continue;
    }
    const std::vector<RefIndex>& there = *refs;
    auto meant = std::ranges::find_if(
        there, [&](RefIndex index) { return IsMeant(clusters_[index.first].refs[index.second], edit); });
    // A copy: the original is among those that change.
    const Ref scalar = clusters_[meant->first].refs[meant->second];
    for (RefIndex index : there) {
      Cluster& cluster = clusters_[index.first];
      Ref& ref = cluster.refs[index.second];
      // What is refused for another reason stays refused.
      if (ref.problem_code.empty() && IsSameScalar(ref, scalar)) Set(cluster, ref, edit);
    }
  }
  if (!edits.empty()) model_.reset();
}

void MovingFleet::Take(const std::vector<Document>& documents) {
  for (const Document& document : documents) {
    if (!document.proposal) continue;
    DecodedFile decoded = DecodeManifests(document.path, document.text);
    std::ranges::move(decoded.upgrades, std::back_inserter(fleet_.upgrades));
    model_.reset();
  }
  if (!model_) std::ranges::sort(fleet_.upgrades, {}, &ClusterUpgrade::name);
}

const ClusterUpgrade* MovingFleet::FindUpgrade(const ObjectName& name) const {
  auto found = std::ranges::lower_bound(fleet_.upgrades, name, {}, &ClusterUpgrade::name);
  return found == fleet_.upgrades.end() || found->name != name ? nullptr : &*found;
}

}  // namespace lockkeeper
