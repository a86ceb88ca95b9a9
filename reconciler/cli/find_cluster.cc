#include "reconciler/cli/find_cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/manifest/words.h"

namespace lockkeeper {

CliResult<uint32_t> FindCluster(const Fleet& fleet, std::string_view argument, const std::string& name) {
  auto found = std::ranges::lower_bound(fleet.clusters, name, {}, &Cluster::name);
  if (found != fleet.clusters.end() && found->name == name) {
    return static_cast<uint32_t>(found - fleet.clusters.begin());
  }
  std::vector<std::string> names;
  for (const Cluster& cluster : fleet.clusters) names.push_back(cluster.name);
  std::string near = DidYouMean(name, names);
  if (near.empty()) near = fmt::format("; 'lockkeeper clusters' lists the {} there are", names.size());
  return Stop(ExitCode::kNothingDone,
              fmt::format("{}: there is no cluster {}{}", argument, Quoted(name), near));
}

}  // namespace lockkeeper
