#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "reconciler/cycle/fleet_reader.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {

/// A fleet of three clusters (`a1` and `a2` in stage dev, `b1` in prod) and one upgrade of all of them.
inline std::vector<TestFile> PeopleFiles() {
  auto cluster = [](const std::string& name, const std::string& stage) -> TestFile {
    return {"clusters/" + name + ".yaml",
            fmt::format("apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {{name: {}, labels: "
                        "{{stage: {}}}}}\nspec: {{topology: {{class: c, version: v1.31.0}}}}\n",
                        name, stage)};
  };
  return {{"lockkeeper.yaml",
           "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: acme}\nspec:\n"
           "  inventory:\n  - profile: capi-topology\n    include: [\"clusters/**\"]\n"},
          {"upgrades/up.yaml",
           "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: up}\nspec:\n"
           "  matchers: [{name: stage, value: .+, isRegex: true}]\n  releaseRef: {name: v1.32.0}\n"
           "  approval: {required: true}\n"},
          cluster("a1", "dev"),
          cluster("a2", "dev"),
          cluster("b1", "prod")};
}

/// A repository on the disk and a reader of it.
struct PeopleRepository {
  explicit PeopleRepository(const std::vector<TestFile>& more = {}) {
    temp.Commit(PeopleFiles());
    if (!more.empty()) temp.Commit(more);
    repository = *OpenLocalRepository({.location = temp.path(), .branch = "main"});
    reader = std::make_unique<FleetReader>(*repository);
  }
  const FleetState& Read() { return **reader->Read(*repository->Fetch()); }

  TempRepository temp;
  std::unique_ptr<Repository> repository;
  std::unique_ptr<FleetReader> reader;
};

}  // namespace lockkeeper
