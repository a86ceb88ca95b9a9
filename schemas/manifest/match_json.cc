#include "schemas/manifest/match_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace lockkeeper {

nlohmann::json MatchersJson(const ClusterMatch& match) {
  nlohmann::json list = nlohmann::json::array();
  for (const Matcher& matcher : match.matchers) {
    nlohmann::json item{{"key", matcher.key}, {"value", matcher.value}};
    if (matcher.is_regex) item["isRegex"] = true;
    if (!matcher.is_equal) item["isEqual"] = false;
    list.push_back(std::move(item));
  }
  return list;
}

std::vector<SelectorRequirement> SortedRequirements(const ClusterMatch& match) {
  std::vector<SelectorRequirement> requirements = match.selector;
  std::ranges::sort(requirements, {},
                    [](const SelectorRequirement& r) { return std::tie(r.key, r.op, r.values); });
  return requirements;
}

}  // namespace lockkeeper
