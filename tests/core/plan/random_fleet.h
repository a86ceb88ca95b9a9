#pragma once

#include <random>
#include <string>
#include <vector>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/plan/make_plan.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// A fleet that can be changed as commits would change it: a model of the repository and its record.
class World {
 public:
  /// The same seed makes the same world.
  World(unsigned seed, size_t clusters);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Plan MakePlanAt(Instant now, Detail detail = Detail::kReasons) const;
  /// What the plan's commits would do: the refs change, the record is kept.
  void CarryOut(const Plan& plan);
  /// What people do between two passes: change a ref, a manifest, remove or add something.
  void Disturb();

  const Fleet& fleet() const { return fleet_; }
  const StatusBook& book() const { return book_; }
  static Instant Start();

 private:
  void AddSchedules();
  void AddReleases();
  void AddClusters(size_t count);
  Cluster MakeCluster(size_t number);
  void AddUpgrade(size_t number);
  void AddPlans();
  void AddLock();
  void AddApproval();
  void AddPolicy();
  void Observe();
  void SetRelease(Cluster& cluster, Ref& ref, const std::string& version);
  int Pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  /// For policies and what only they ask of releases: the worlds without them are what they were.
  int PickForPolicies(int below) { return static_cast<int>(policy_random_() % static_cast<unsigned>(below)); }

  std::mt19937 random_;
  std::mt19937 policy_random_;
  std::vector<Cluster> clusters_;
  Fleet fleet_;
  StatusBook book_;
  Observations observations_;
  int changes_ = 0;
};

/// All that a plan says, as text to compare.
std::string Describe(const Plan& plan);

/// What people see of a decision: who, what, why. Without instants and words.
std::string Gist(const Plan& plan);

}  // namespace lockkeeper
