#include "schemas/inventory/recognise.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "schemas/assert.h"
#include "schemas/inventory/part_key.h"
#include "schemas/inventory/scan_files.h"
#include "schemas/inventory/tree_path.h"

namespace lockkeeper {
namespace {

constexpr size_t kExcludesMax = 20;

/// Before all others, in this order, where several find the same clusters: what people wrote for lockkeeper,
/// then what Giant Swarm's tools write around the Cluster API.
constexpr std::array<std::string_view, 5> kFirst = {
    "marker", "giantswarm-user-config", "giantswarm-flux-substitute", "giantswarm-app", "giantswarm-label"};

struct FoundCluster {
  std::string name;
  std::string file;
  std::string release;
  bool usable = true;
  std::vector<std::string> groups;  ///< of parts that it needs
};

struct Findings {
  std::vector<std::vector<FoundCluster>> by_rule;
  std::unordered_map<std::string, bool> groups;           ///< whether every part of it is usable
  std::unordered_map<std::string, std::string> releases;  ///< of the first part of a group
  std::set<std::string> unusable_files;                   ///< templates, and what is no YAML
};

size_t Rank(std::string_view profile) {
  return static_cast<size_t>(std::ranges::find(kFirst, profile) - kFirst.begin());
}

FoundCluster Judge(const CompiledRule& rule, const ClusterCandidate& candidate) {
  FoundCluster found;
  found.name = candidate.cluster.name;
  found.file = candidate.cluster.file;
  found.release = candidate.cluster.release;
  auto usable = [](const Ref& ref) { return ref.problem_code.empty(); };
  for (const auto& refs : candidate.refs) {
    found.usable = found.usable && std::ranges::all_of(refs, usable);
    for (const Ref& ref : refs) {
      if (found.release.empty()) found.release = ref.version;
    }
  }
  found.usable = found.usable && std::ranges::all_of(candidate.cluster.refs, usable);
  for (const PendingRef& pending : candidate.pending) {
    if (rule.rule.marker) {
      found.groups.push_back(PartGroup(rule.marker_join, "", pending.key));
    } else if (!rule.refs[pending.ref].rule.optional) {
      found.groups.push_back(PartGroup(rule.refs[pending.ref].join, pending.target, pending.key));
    }
  }
  return found;
}

void Take(const std::vector<CompiledRule>& rules, const std::string& path, const FileScan& scan,
          Findings& findings) {
  for (const RefPart& part : scan.parts) {
    bool marker =
        std::ranges::any_of(rules, [&](const CompiledRule& rule) { return rule.marker_join == part.join; });
    std::string group = PartGroup(part.join, marker ? "" : FolderOf(path), part.key);
    bool usable = part.ref.problem_code.empty();
    if (usable) findings.releases.try_emplace(group, part.ref.version);
    auto [it, added] = findings.groups.try_emplace(std::move(group), usable);
    it->second = it->second && usable;
  }
  for (const ClusterCandidate& candidate : scan.candidates) {
    findings.by_rule[candidate.rule].push_back(Judge(rules[candidate.rule], candidate));
  }
  for (const Diagnostic& diagnostic : scan.diagnostics) {
    if (diagnostic.code == "unreadable" || diagnostic.code == "templated")
      findings.unusable_files.insert(path);
  }
}

Result<Findings> FindAll(const std::vector<CompiledRule>& rules, const std::vector<TreeFile>& files,
                         const ReadBlob& read) {
  Findings findings;
  findings.by_rule.resize(rules.size());
  TextPool texts;
  std::vector<ScanJob> jobs;
  for (const TreeFile& file : files) {
    if (!file.regular) continue;
    ScanRequest request = RequestFor(rules, file.path, ~uint64_t{0});
    request.every_rule = true;
    if (!request.empty()) jobs.push_back({&file, std::move(request)});
  }
  std::ranges::sort(jobs, {}, [](const ScanJob& job) { return std::string_view{job.file->path}; });
  auto done = ScanFiles(rules, jobs, read, texts, [&](const ScanJob& job, FileScan&& scan) {
    Take(rules, job.file->path, scan, findings);
  });
  if (!done) return std::unexpected(done.error());
  return findings;
}

// Marker clusters are found once for each file that has one.
void DropRepeated(std::vector<FoundCluster>& clusters) {
  std::set<std::string> names;
  std::erase_if(clusters, [&](const FoundCluster& cluster) { return !names.insert(cluster.name).second; });
}

RecognisedRule Propose(const Profile& profile, std::vector<FoundCluster>& clusters,
                       const Findings& findings) {
  RecognisedRule proposal;
  proposal.rule.profile = profile.name;
  proposal.rule.name = profile.name;
  proposal.confidence = profile.general ? RecognitionConfidence::kGuess : RecognitionConfidence::kCertain;
  for (FoundCluster& cluster : clusters) {
    for (const std::string& group : cluster.groups) {
      auto found = findings.groups.find(group);
      cluster.usable = cluster.usable && found != findings.groups.end() && found->second;
      auto release = findings.releases.find(group);
      if (cluster.release.empty() && release != findings.releases.end()) cluster.release = release->second;
    }
    proposal.usable += cluster.usable ? 1 : 0;
  }
  std::vector<NamedPath> paths;
  for (const FoundCluster& cluster : clusters) {
    if (proposal.usable == 0 || cluster.usable) paths.push_back({cluster.file, cluster.name});
  }
  proposal.rule.include = ProposeGlobs(paths);
  if (profile.name == "marker") DropRepeated(clusters);
  proposal.clusters = clusters.size();
  for (const FoundCluster& cluster : clusters) {
    if (proposal.examples.size() >= kRecognitionExamplesMax) break;
    if (proposal.usable != 0 && !cluster.usable) continue;
    std::string release = cluster.release.empty() ? "without a release" : cluster.release;
    proposal.examples.push_back(fmt::format("{} {} ({})", cluster.name, release, cluster.file));
  }
  for (const std::string& file : findings.unusable_files) {
    if (proposal.rule.exclude.size() >= kExcludesMax) break;
    bool included =
        std::ranges::any_of(proposal.rule.include, [&](auto& glob) { return GlobMatch(glob, file); });
    bool holds =
        std::ranges::any_of(clusters, [&](const FoundCluster& c) { return c.file == file && c.usable; });
    if (included && !holds) proposal.rule.exclude.push_back(file);
  }
  if (proposal.usable == 0) {
    proposal.note = "none of these has a release that may be changed: they look like templates";
  } else if (profile.general) {
    proposal.note =
        "these need not stand for clusters; keep the rule only where they do, and narrow its include";
  }
  return proposal;
}

}  // namespace

Result<std::vector<RecognisedRule>> RecogniseInventory(const std::vector<TreeFile>& files,
                                                       const ReadBlob& read) {
  std::vector<const Profile*> profiles;
  for (const Profile& profile : BuiltInProfiles()) profiles.push_back(&profile);
  std::ranges::sort(profiles, {}, [](const Profile* profile) {
    return std::pair(Rank(profile->name), std::string_view(profile->name));
  });
  std::vector<CompiledRule> rules;
  int joins = 0;
  for (const Profile* profile : profiles) {
    InventoryRule rule;
    rule.profile = profile->name;
    auto resolved = ResolveProfile(rule);
    LK_ASSERT(resolved);
    auto compiled = CompileRule(*resolved, joins);
    LK_ASSERT(compiled);
    rules.push_back(std::move(*compiled));
  }
  auto findings = FindAll(rules, files, read);
  if (!findings) return std::unexpected(findings.error());
  std::vector<RecognisedRule> proposals;
  std::vector<std::set<std::string>> names;
  for (size_t i = 0; i < rules.size(); ++i) {
    std::vector<FoundCluster>& clusters = findings->by_rule[i];
    if (clusters.empty()) continue;
    proposals.push_back(Propose(*profiles[i], clusters, *findings));
    names.emplace_back();
    for (const FoundCluster& cluster : clusters) {
      if (cluster.usable) names.back().insert(cluster.name);
    }
  }
  auto any = [&](auto condition) { return std::ranges::any_of(proposals, condition); };
  bool some_usable = any([](const RecognisedRule& p) { return p.usable != 0; });
  bool some_certain = any([&](const RecognisedRule& p) {
    return p.confidence == RecognitionConfidence::kCertain && (p.usable != 0 || !some_usable);
  });
  std::set<std::string> known;
  std::vector<RecognisedRule> chosen;
  for (size_t i = 0; i < proposals.size(); ++i) {
    RecognisedRule& proposal = proposals[i];
    if (some_usable && proposal.usable == 0) continue;
    if (some_certain && proposal.confidence == RecognitionConfidence::kGuess) continue;
    bool covered = !names[i].empty() && std::ranges::includes(known, names[i]);
    if (covered) continue;
    known.insert(names[i].begin(), names[i].end());
    chosen.push_back(std::move(proposal));
  }
  return chosen;
}

}  // namespace lockkeeper
