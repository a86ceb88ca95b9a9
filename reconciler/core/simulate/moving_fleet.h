#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/plan/fleet_model.h"
#include "schemas/kinds/fleet.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {

/// A copy of a fleet whose refs move as bumps move them in the repository, with all that a reader would find
/// otherwise after such a commit: versions, the release, the labels that matchers test.
class MovingFleet {
 public:
  /// `fleet` must have settings; nothing of it is kept.
  explicit MovingFleet(const Fleet& fleet);
  MovingFleet(const MovingFleet&) = delete;
  MovingFleet& operator=(const MovingFleet&) = delete;

  /// Of the fleet as it stands; valid until the next Make.
  const FleetModel& model();
  /// The same edits in the repository's files would be found by the inventory as this. What a task changes
  /// may be no ref, but a label of a cluster, or nothing that a fleet knows of.
  void Make(const std::vector<RefEdit>& edits);
  /// Takes up the manifests among them.
  void Take(const std::vector<Document>& documents);
  /// Null: there is none of that name. Valid until the next Take.
  const ClusterUpgrade* FindUpgrade(const ObjectName& name) const;

 private:
  using RefIndex = std::pair<uint32_t, uint32_t>;  ///< cluster, and which of its refs

  void Set(Cluster& cluster, Ref& ref, const RefEdit& edit);
  const std::vector<RefIndex>* RefsAt(const RefEdit& edit) const;
  void SetOther(const RefEdit& edit);
  void SetCarriedLabel(Cluster& cluster, const Ref& ref, const std::string& value) const;

  Fleet fleet_;
  std::vector<Cluster> clusters_;
  std::vector<FieldPath> label_places_;  ///< where manifests have the labels that the rules take
  std::unordered_map<std::string_view, std::vector<RefIndex>> refs_of_file_;
  std::unordered_map<std::string_view, std::vector<uint32_t>>
      clusters_of_file_;  ///< where tasks change files
  std::optional<FleetModel> model_;
};

}  // namespace lockkeeper
