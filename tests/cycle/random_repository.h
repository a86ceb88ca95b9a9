#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/support/temp_repository.h"

namespace lockkeeper {

/// The files of a random fleet: clusters of several shapes (some share a ref, some carry their release in a
/// label, some refuse to be edited), schedules, a catalog, a plan with stages, locks, approvals, upgrades,
/// some of which select by what a bump changes, and tasks, some of which change what others select by. The
/// same seed gives the same files.
class RandomRepository {
 public:
  explicit RandomRepository(unsigned seed) : random_(seed) {}

  std::vector<TestFile> Files();
  /// Of Files().
  const std::vector<std::string>& clusters() const { return clusters_; }
  const std::vector<std::string>& upgrades() const { return upgrades_; }

 private:
  int Pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string Version();
  std::string FleetText();
  std::string ReleasesText();
  std::string SchedulesText();
  std::string UpgradeText(int number);
  std::string RolloutText();
  std::string TasksText();
  TestFile TopologyCluster(int number);
  TestFile PairCluster(int number);
  TestFile LabelCluster(int number);
  void AddMembers(std::vector<TestFile>& files);

  std::mt19937 random_;
  std::vector<std::string> clusters_;
  std::vector<std::string> upgrades_;
};

}  // namespace lockkeeper
