#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/shared_text.h"

namespace lockkeeper {

/// Sorted by key; small, so a vector beats a map at 100,000 clusters. Keys and values are mostly the same in
/// many clusters, so they are shared.
using Labels = std::vector<std::pair<SharedText, SharedText>>;

/// The value of a label; a missing one equals the empty string (SPEC 2.1).
std::string_view FindLabel(const Labels& labels, std::string_view key);

/// One found ref. `problem_code` is empty where the value is a release that may be changed.
struct Ref {
  SharedText file;
  int document = 0;   ///< in `file`, counted from 0
  SharedText path;    ///< the field path as SetScalar takes it; for a marker found by line it is concrete too
  Mark mark;          ///< of the value
  std::string value;  ///< the decoded scalar, as it stands in the file
  std::string version;  ///< what `format` finds in it: the release without prefix, e.g. 33.4.0
  SharedText format;
  RefRole role = RefRole::kRelease;
  /// floating | templated | encrypted | alias | duplicate-key | missing | unparsable | shared-ref |
  /// unreadable
  SharedText problem_code;
  SharedText problem;
};

struct ClusterProblem {
  std::string code;
  std::string message;
};

/// One entry of the inventory.
struct Cluster {
  std::string name;
  std::string ns;
  SharedText file;  ///< the manifest that named it
  Mark mark;
  Labels labels;  ///< with the rule's and the built-in ones (cluster, cluster_id, namespace, path, provider,
                  ///< release)
  SharedText time_zone;
  SharedText schedule_names;  ///< of the label or annotation lockkeeper.dev/maintenance-schedule; empty: none
  std::vector<Ref> refs;
  std::vector<ClusterProblem> problems;
  MaxSkip max_skip;
  /// The version that the default-role refs (else the first ones) hold now; empty where no ref can be read.
  SharedText release;
};

}  // namespace lockkeeper
