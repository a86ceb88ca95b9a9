#include "schemas/manifest/stage_order.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace lockkeeper {
namespace {

using Edges = std::vector<std::vector<size_t>>;

/// For each stage the ones that it waits for.
Edges DependenciesOf(const std::vector<PlanStage>& stages) {
  std::map<std::string_view, size_t> index;
  for (size_t i = 0; i < stages.size(); ++i) index.try_emplace(stages[i].name, i);
  Edges edges(stages.size());
  for (size_t i = 0; i < stages.size(); ++i) {
    for (const std::string& name : stages[i].depends_on) {
      if (auto found = index.find(name); found != index.end()) edges[i].push_back(found->second);
    }
  }
  return edges;
}

/// True for stages that can never start: they are in a loop, or wait for one.
std::vector<bool> FindStuck(const Edges& dependencies) {
  Edges dependants(dependencies.size());
  std::vector<size_t> missing(dependencies.size());
  std::vector<size_t> ready;
  for (size_t i = 0; i < dependencies.size(); ++i) {
    missing[i] = dependencies[i].size();
    if (missing[i] == 0) ready.push_back(i);
    for (size_t dependency : dependencies[i]) dependants[dependency].push_back(i);
  }
  std::vector<bool> stuck(dependencies.size(), true);
  while (!ready.empty()) {
    size_t done = ready.back();
    ready.pop_back();
    stuck[done] = false;
    for (size_t next : dependants[done]) {
      if (--missing[next] == 0) ready.push_back(next);
    }
  }
  return stuck;
}

}  // namespace

std::vector<size_t> FindStageLoop(const std::vector<PlanStage>& stages) {
  Edges dependencies = DependenciesOf(stages);
  std::vector<bool> stuck = FindStuck(dependencies);
  auto first = std::ranges::find(stuck, true);
  if (first == stuck.end()) return {};
  // What is stuck waits for something stuck, so the way from it meets itself.
  std::vector<size_t> way;
  std::vector<bool> seen(stages.size(), false);
  auto at = static_cast<size_t>(first - stuck.begin());
  while (!seen[at]) {
    seen[at] = true;
    way.push_back(at);
    at = *std::ranges::find_if(dependencies[at], [&](size_t next) { return stuck[next]; });
  }
  way.erase(way.begin(), std::ranges::find(way, at));
  std::ranges::rotate(way, std::ranges::min_element(way));
  return way;
}

}  // namespace lockkeeper
