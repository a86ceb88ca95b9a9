#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// Sorted by key; small, so a vector beats a map at 100,000 clusters.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// The value of a label; a missing one equals the empty string (SPEC 2.1).
std::string_view FindLabel(const Labels& labels, std::string_view key);

/// One found ref. `problem_code` is empty where the value is a release that may be changed.
struct Ref {
  std::string file;
  int document = 0;       ///< in `file`, counted from 0
  std::string path;       ///< the field path as SetScalar takes it; for a marker found by line it is concrete too
  Mark mark;              ///< of the value
  std::string value;      ///< the decoded scalar, as it stands in the file
  std::string version;    ///< what `format` finds in it: the release without prefix, e.g. 33.4.0
  std::string format;
  RefRole role = RefRole::kRelease;
  /// floating | templated | encrypted | alias | duplicate-key | missing | unparsable | shared-ref | unreadable
  std::string problem_code;
  std::string problem;
};

struct ClusterProblem {
  std::string code;
  std::string message;
};

/// One entry of the inventory.
struct Cluster {
  std::string name;
  std::string ns;
  std::string file;     ///< the manifest that named it
  Mark mark;
  Labels labels;        ///< with the rule's and the built-in ones (cluster, cluster_id, namespace, path, provider, release)
  std::string time_zone;
  std::string schedule_names;  ///< of the label or annotation lockkeeper.dev/maintenance-schedule; empty: none
  std::vector<Ref> refs;
  std::vector<ClusterProblem> problems;
  MaxSkip max_skip;
  /// The version that the default-role refs (else the first ones) hold now; empty where no ref can be read.
  std::string release;
};

}  // namespace lockkeeper
