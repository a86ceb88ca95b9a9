#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "schemas/inventory/inventory.h"
#include "schemas/manifest/decode.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

inline std::string ReadTestFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// A repository's tree in memory: sets files, and tells what changed since it was last asked.
class FakeTree {
 public:
  void Set(const std::string& path, std::string text) {
    files_[path] = std::move(text);
    changed_.insert(path);
  }
  void Remove(const std::string& path) {
    files_.erase(path);
    links_.erase(path);
    changed_.insert(path);
  }
  void SetSymlink(const std::string& path) {
    files_[path] = "target";
    links_.insert(path);
    changed_.insert(path);
  }
  void AddFolder(const std::filesystem::path& root, const std::string& prefix = "") {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      Set(prefix + entry.path().lexically_relative(root).string(), ReadTestFile(entry.path()));
    }
  }

  std::vector<TreeChange> TakeChanges() {
    std::vector<TreeChange> changes;
    for (const std::string& path : changed_) {
      bool removed = !files_.contains(path);
      changes.push_back({{path, removed ? "" : BlobOf(path), !links_.contains(path)}, removed});
    }
    changed_.clear();
    return changes;
  }
  std::vector<TreeChange> Everything() const {
    std::vector<TreeChange> changes;
    for (const auto& [path, text] : files_)
      changes.push_back({{path, BlobOf(path), !links_.contains(path)}, false});
    return changes;
  }
  /// Fails as a remote would for a path in `unreachable`; counts what is read.
  ReadBlob Reader() {
    return [this](const TreeFile& file) -> Result<std::string_view> {
      ++reads;
      if (unreachable.contains(file.path)) return Fail(unreachable_kind, "the test says so");
      auto found = files_.find(file.path);
      if (found == files_.end()) return NotFound(file.path);
      if (BlobOf(file.path) != file.blob)
        return Invalid(fmt::format("{} was asked for by an old id", file.path));
      last_ = found->second;  // Each call spoils the view that the one before gave.
      return std::string_view{last_};
    };
  }
  const std::map<std::string, std::string>& files() const { return files_; }

  size_t reads = 0;
  std::set<std::string> unreachable;
  ErrorKind unreachable_kind = ErrorKind::kTransient;

 private:
  std::string BlobOf(const std::string& path) const {
    return fmt::format("{:016x}", std::hash<std::string>{}(files_.at(path)));
  }
  std::map<std::string, std::string> files_;
  std::set<std::string> links_;
  std::set<std::string> changed_;
  std::string last_;
};

inline std::string Describe(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += FormatDiagnostic(diagnostic) + "\n";
  return text;
}

/// The inventory rules of a YAML list, as they would stand in a Fleet, their profiles merged in.
inline std::vector<InventoryRule> Rules(const std::string& yaml) {
  std::string fleet =
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: test}\nspec:\n  inventory:\n";
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) fleet += "    " + line + "\n";
  DecodedFile decoded = DecodeManifests("lockkeeper.yaml", fleet);
  if (!decoded.diagnostics.empty() || decoded.fleets.size() != 1) {
    throw std::runtime_error(Describe(decoded.diagnostics) + fleet);
  }
  std::vector<InventoryRule> rules;
  for (const InventoryRule& written : decoded.fleets[0].inventory) {
    auto rule = ResolveProfile(written);
    if (!rule) throw std::runtime_error(rule.error().message);
    rules.push_back(std::move(*rule));
  }
  return rules;
}

/// One line for each cluster and, indented, each ref and problem: what a person would compare.
inline std::string Describe(const std::vector<Cluster>& clusters) {
  std::string text;
  for (const Cluster& cluster : clusters) {
    text += fmt::format("{} ns={} release={} at {}:{}:{}\n", cluster.name, cluster.ns, cluster.release,
                        cluster.file, cluster.mark.line, cluster.mark.column);
    for (const Ref& ref : cluster.refs) {
      constexpr const char* kRoles[] = {"release", "controlPlane", "nodes"};
      text += fmt::format("  {} {}:{}:{} #{} {} = '{}' [{}] {}", kRoles[static_cast<size_t>(ref.role)],
                          ref.file, ref.mark.line, ref.mark.column, ref.document, ref.path, ref.value,
                          ref.format, ref.version);
      text += ref.problem_code.empty() ? "\n" : fmt::format("!{}\n", ref.problem_code);
    }
    for (const ClusterProblem& problem : cluster.problems) text += fmt::format("  !{}\n", problem.code);
  }
  return text;
}

inline std::string DescribeLabels(const Cluster& cluster) {
  std::string text;
  for (const auto& [key, value] : cluster.labels) text += fmt::format("{}={}\n", key, value);
  return text;
}

inline Inventory ColdStart(const std::string& rules, FakeTree& tree) {
  Inventory inventory(Rules(rules));
  auto done = inventory.Update(tree.Everything(), tree.Reader());
  if (!done) throw std::runtime_error(done.error().message);
  tree.TakeChanges();
  return inventory;
}

}  // namespace lockkeeper
