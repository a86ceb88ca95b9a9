#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

/// The clusters, sorted by name, then file, then place; and what is wrong with those of one name.
class ClusterList {
 public:
  struct Key {
    std::string name;
    std::string file;
    auto operator<=>(const Key&) const = default;
  };

  /// Takes out the clusters with these keys, and puts others in. Costs what changes where the keys stay the
  /// same; else one pass over the list, which moves but copies nothing.
  void Replace(std::vector<Key> removed, std::vector<Cluster> added);

  const std::vector<Cluster>& clusters() const { return clusters_; }
  const std::map<std::string, Diagnostics>& duplicates() const { return duplicates_; }

 private:
  using Range = std::pair<size_t, size_t>;
  Range Find(const Key& key) const;
  bool ReplaceInPlace(const std::vector<Key>& removed, std::vector<Cluster>& added);
  void Rebuild(const std::vector<Key>& removed, std::vector<Cluster> added);
  void MarkDuplicates(const std::string& name);

  std::vector<Cluster> clusters_;
  std::map<std::string, Diagnostics> duplicates_;
};

}  // namespace lockkeeper
