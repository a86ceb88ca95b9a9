#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/object.h"
#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

enum class RefRole : uint8_t { kRelease, kControlPlane, kNodes };

/// One place where a cluster's release stands.
struct RefRule {
  /// Relative to the manifest, may hold {cluster} and {namespace}; empty: the manifest. Wildcards in the last
  /// part
  /// (`*.yaml`) mean the documents of all those files, the manifest among them; then `where` says which are
  /// meant.
  Field<std::string> file;
  /// apiVersion/kind globs of the document in `file` (or in the manifest) that holds the ref; empty: the
  /// document that named the cluster, or, in another file, the first in which the path is found.
  std::string select_api_version;
  std::string select_kind;
  /// The document must say so itself: field path -> template that must equal it, e.g. spec.clusterName:
  /// {cluster}.
  std::map<std::string, std::string> where;
  Field<std::string> path;  ///< Kustomize field path; a step `[*]` looks at every element of a list
  /// SPEC 2.2, and two placeholders more, which take what stands in the file and keep it: `{v}` an optional
  /// v,
  /// `{*}`, first or last, any text. Empty: `{v}{version}`. A found ref has neither, only what they stood
  /// for.
  Field<std::string> format;
  /// Paths that take precedence over `path` in the tool that reads the file (spec.ref.semver): where one of
  /// them is set the ref floats.
  std::vector<std::string> floating;
  RefRole role = RefRole::kRelease;
  bool optional = false;  ///< a cluster without it is no problem (a cluster may have no MachineDeployment)
  bool repeated = false;  ///< every matching document of the file holds one
  bool operator==(const RefRule&) const = default;
};

/// Limits one bump, SPEC 2.5. Absent: no limit.
struct MaxSkip {
  std::optional<int> major;
  std::optional<int> minor;
  bool operator==(const MaxSkip&) const = default;
};

/// One rule of `spec.inventory`, its profile already merged in.
struct InventoryRule {
  std::string name;                  ///< for messages: the rule's name, or its profile's
  std::string profile;               ///< empty: none
  std::vector<std::string> include;  ///< globs over paths, `**` crosses folders; empty: every file
  std::vector<std::string> exclude;
  std::vector<std::string>
      files;  ///< globs that must match too: file names that the profile's tool prescribes
  std::string select_api_version;  ///< globs; empty: any
  std::string select_kind;
  std::map<std::string, std::string> where;  ///< field path -> glob that its text must match; `**`: it exists
  bool require_ref =
      false;  ///< a document that holds none of the refs is no cluster, rather than one without its ref
  std::string needle;  ///< bytes that a file must hold to be worth parsing; empty: parse all
  /// Field path, or template of field paths in braces: "{metadata.namespace}/{metadata.name}". In braces also
  /// `a|b` (the first that is there), `path[1]` and `path[-2]` (a part of the file's path, from the front or
  /// the back), `path[group_vars-1]` (the part before the last one of that name) and `file` (its name, no
  /// extension).
  Field<std::string> cluster;
  Field<std::string> cluster_namespace;  ///< likewise; empty: metadata.namespace
  /// Likewise; the built-in label `provider` where neither manifest nor `labels` have one. Of a kind or chart
  /// name what is left without `Cluster` or `cluster-`: AWSCluster is aws.
  Field<std::string> provider;
  Field<std::string> labels_from;  ///< field path of a mapping; empty: metadata.labels
  std::map<std::string, std::string> labels;
  std::string time_zone;  ///< empty: UTC
  std::vector<RefRule> refs;
  MaxSkip max_skip;
  bool marker = false;  ///< refs are the lines that carry the `$lockkeeper` comment
  Mark mark;
  bool operator==(const InventoryRule&) const = default;
};

enum class Unscheduled : uint8_t { kRequireStartTime, kOpen, kClosed };
enum class GroupBy : uint8_t { kCluster, kStage, kUpgrade };
enum class MergeBy : uint8_t { kLockkeeper, kPeople };

struct DeliverySettings {
  Field<DeliveryMode> mode;
  GroupBy group_by = GroupBy::kCluster;
  std::string branch_prefix = "lockkeeper/";
  std::optional<Seconds> open_before;  ///< absent: merge requests are opened at once
  MergeBy merge = MergeBy::kLockkeeper;
};

struct StatusSettings {
  std::string path = "status/";  ///< ends in '/'
  Field<std::string> branch;     ///< empty: the same branch
};

struct LimitSettings {  ///< 0 = none
  int open_merge_requests = 0;
  int bumps_per_hour = 0;
  int max_concurrency = 0;
};

struct CommitSettings {
  std::string author_name = "lockkeeper";
  std::string author_email = "lockkeeper@localhost";
  Field<std::string> signing{"none", {}};
};

enum class ForgeType : uint8_t { kGitlab, kGithub, kGitea, kForgejo };

/// Where merge requests live.
struct ForgeSettings {
  ForgeType type = ForgeType::kGitlab;
  Field<std::string> url;
  Field<std::string> project;
  Mark mark;
};

/// SPEC 2.2: the Fleet object, `lockkeeper.yaml` at the repository's root.
struct FleetSettings {
  ObjectName name;
  Origin origin;
  std::vector<std::string> manifests{"upgrades/"};
  std::vector<std::string> releases;
  bool has_catalog() const { return !releases.empty(); }
  std::vector<InventoryRule> inventory;
  Unscheduled unscheduled = Unscheduled::kRequireStartTime;
  DeliverySettings delivery;
  StatusSettings status;
  LimitSettings limits;
  CommitSettings commit;
  std::optional<ForgeSettings> forge;
  std::vector<Check> checks_before;  ///< defaults of `checks`, SPEC 2.12
  std::vector<Check> checks_after;
};

}  // namespace lockkeeper
