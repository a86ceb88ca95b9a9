#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/plan/make_plan.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {

/// A repository whose policies are followed: clusters, releases, and what passes have made of them.
struct PolicyFleet {
  std::vector<Cluster> clusters;
  Fleet fleet;
  StatusBook book;
  std::map<ObjectName, std::string> broken_status;
  EditRefusals refusals;

  PolicyFleet() {
    fleet.settings.emplace();
    fleet.settings->releases = {"releases/"};
    // Nothing opens, so that upgrades wait as they were made.
    fleet.settings->unscheduled = Unscheduled::kClosed;
  }

  void AddCluster(const std::string& name, const std::string& version, const std::string& provider = "") {
    Cluster cluster{.name = name, .ns = "default", .file = fmt::format("clusters/{}.yaml", name)};
    cluster.labels = {{"cluster", name}, {"fleet", "all"}};
    if (!provider.empty()) cluster.labels.emplace_back("provider", provider);
    cluster.refs.push_back({.file = cluster.file,
                            .path = "spec.version",
                            .value = version,
                            .version = version,
                            .format = "{version}"});
    cluster.release = version;
    clusters.push_back(std::move(cluster));
    std::ranges::sort(clusters, {}, &Cluster::name);
    fleet.clusters = clusters;
  }

  void AddRelease(const std::string& name, const std::string& fields = "") {
    Add(fmt::format(
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: Release\nmetadata: {{name: {}}}\nspec: {{{}}}\n", name,
        fields.contains("state") ? fields : "state: active" + (fields.empty() ? "" : ", " + fields)));
  }

  void AddPolicy(const std::string& fields, const std::string& name = "follow") {
    Add(
        fmt::format("apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradePolicy\nmetadata: {{name: {}}}\n"
                    "spec: {{matchers: [{{key: fleet, value: all}}]{}{}}}\n",
                    name, fields.empty() ? "" : ", ", fields));
  }

  void Add(const std::string& text) {
    DecodedFile file = DecodeManifests("file.yaml", text);
    for (const Diagnostic& finding : file.diagnostics)
      ADD_FAILURE() << FormatDiagnostic(finding) << "\n" << text;
    std::ranges::move(file.releases, std::back_inserter(fleet.releases));
    std::ranges::move(file.policies, std::back_inserter(fleet.policies));
    std::ranges::move(file.upgrades, std::back_inserter(fleet.upgrades));
    std::ranges::sort(fleet.releases, {}, &Release::name);
    std::ranges::sort(fleet.policies, {}, &UpgradePolicy::name);
    std::ranges::sort(fleet.upgrades, {}, &ClusterUpgrade::name);
  }

  Plan PlanAt(Instant now) const {
    return MakePlan(FleetModel::Build(fleet),
                    {.book = book, .broken_status = broken_status, .refusals = refusals, .now = now});
  }

  /// One pass: the documents of its plan, whose manifests then stand in the repository.
  std::vector<Document> PassAt(Instant now) {
    Plan plan = PlanAt(now);
    Record record{.at = now, .decided_on = {}, .transitions = plan.transitions};
    for (const Decision& d : plan.decisions) {
      record.transitions.insert(record.transitions.end(), d.transitions.begin(), d.transitions.end());
      for (const RefEdit& edit : d.edits) {
        for (Cluster& cluster : clusters) {
          if (cluster.name != d.cluster) continue;
          cluster.refs[0].value = cluster.refs[0].version = edit.value;
          cluster.release = edit.value;
        }
      }
    }
    Apply(record, book);
    for (const Document& document : plan.documents) {
      if (!document.proposal) continue;
      DecodedFile file = DecodeManifests(document.path, document.text);
      EXPECT_TRUE(file.diagnostics.empty()) << FormatDiagnostic(file.diagnostics.front()) << document.text;
      std::ranges::move(file.upgrades, std::back_inserter(fleet.upgrades));
    }
    std::ranges::sort(fleet.upgrades, {}, &ClusterUpgrade::name);
    return plan.documents;
  }

  const ClusterUpgrade& Upgrade(std::string_view name) const {
    static const ClusterUpgrade kNone;
    auto found = std::ranges::find(fleet.upgrades, name, [](const ClusterUpgrade& u) { return u.name.name; });
    if (found != fleet.upgrades.end()) return *found;
    ADD_FAILURE() << "there is no upgrade " << name;
    return kNone;
  }

  void Remove(std::string_view name) {
    std::erase_if(fleet.upgrades, [&](const ClusterUpgrade& u) { return u.name.name == name; });
  }
};

inline std::vector<std::string> Paths(const std::vector<Document>& documents) {
  std::vector<std::string> paths;
  for (const Document& document : documents) paths.push_back(document.path);
  return paths;
}

}  // namespace lockkeeper
