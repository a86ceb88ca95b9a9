// Reads status files back. They are the repository's memory, so what does not make sense is an error, never
// skipped.

#include <fmt/format.h>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/status_lines.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

/// Status files grow with the fleet, by about 350 bytes and 40 nodes (of 200 bytes each) for each cluster.
/// More than that is read where it is written as we write it; a person who formats such a file otherwise is
/// told that it is too big.
constexpr size_t kBytesMax = size_t{256} << 20;
constexpr YamlLimits kYamlLimits{
    .bytes_max = size_t{32} << 20, .documents_max = 1, .nodes_max = 4'000'000, .depth_max = 10};

/// What makes no sense about a cluster's line; `before` is the one above it.
std::string_view ProblemOf(const ClusterRecord& line, const ClusterRecord* before) {
  if (line.name.empty()) return "a cluster without a name";
  if (before != nullptr && before->name >= line.name) return "clusters must be sorted by name, each once";
  const bool finished = line.state == ClusterState::kFinished;
  if (finished && line.outcome == Outcome::kNone) return "a finished cluster must have an outcome";
  if (!finished && line.outcome != Outcome::kNone) return "only a finished cluster can have an outcome";
  return {};
}

bool IsSound(const UpgradeRecord& record) {
  const ClusterRecord* before = nullptr;
  for (const ClusterRecord& line : record.clusters) {
    if (!ProblemOf(line, before).empty()) return false;
    before = &line;
  }
  return !record.upgrade.name.empty() && !record.upgrade.ns.empty();
}

class StatusReader {
 public:
  explicit StatusReader(std::string_view file) : file_(file) {}

  Result<UpgradeRecord> Read(const YamlNode& root) {
    UpgradeRecord record;
    const YamlNode* metadata = root.Find("metadata");
    const YamlNode* status = root.Find("status");
    if (Text(root, "kind") != "ClusterUpgrade" || metadata == nullptr || status == nullptr ||
        !status->is_mapping()) {
      Fail(root, "this is no status file of a ClusterUpgrade");
    } else {
      record.upgrade.name = Text(*metadata, "name");
      record.upgrade.ns = Text(*metadata, "namespace");
      if (record.upgrade.name.empty() || record.upgrade.ns.empty())
        Fail(*metadata, "name and namespace must not be empty");
      record.target = Text(*status, "toRelease");
      record.spec_hash = Text(*status, "specHash");
      record.spec_changed_at = Time(*status, "specChangedAt");
      if (const YamlNode* notice = status->Find("notice")) ReadNotice(*notice, record.notice.emplace());
      if (const YamlNode* plan = status->Find("plan")) {
        record.plan = FrozenPlan{.hash = Text(*plan, "hash"), .copy = Text(*plan, "copy")};
      }
      ReadClusters(*status, record);
    }
    if (!error_.empty()) return Invalid(error_);
    return record;
  }

 private:
  void Fail(const YamlNode& at, std::string_view what) {
    if (error_.empty()) {
      error_ = fmt::format("{}:{}:{}: {}; run 'lockkeeper status rebuild'", file_, at.mark.line,
                           at.mark.column, what);
    }
  }

  std::string Text(const YamlNode& parent, std::string_view key) {
    const YamlNode* node = parent.Find(key);
    if (node == nullptr) return "";
    if (!node->is_scalar()) {
      Fail(*node, fmt::format("{} must be text", key));
      return "";
    }
    return node->value;
  }

  std::optional<Instant> Time(const YamlNode& parent, std::string_view key) {
    std::string text = Text(parent, key);
    if (text.empty()) return std::nullopt;
    auto instant = ParseInstant(text);
    if (!instant) {
      Fail(*parent.Find(key), instant.error().message);
      return std::nullopt;
    }
    return *instant;
  }

  void ReadClusters(const YamlNode& status, UpgradeRecord& record) {
    const YamlNode* clusters = status.Find("clusters");
    if (clusters == nullptr || !clusters->is_sequence())
      return Fail(status, "status.clusters must be a list");
    record.clusters.reserve(clusters->children.size());
    for (const YamlNode& item : clusters->children) {
      record.clusters.push_back(ReadLine(item));
      const size_t n = record.clusters.size();
      auto problem = ProblemOf(record.clusters[n - 1], n > 1 ? &record.clusters[n - 2] : nullptr);
      if (!problem.empty()) return Fail(item, problem);
      if (!error_.empty()) return;
    }
  }

  ClusterRecord ReadLine(const YamlNode& item) {
    ClusterRecord line;
    line.name = Text(item, "name");
    line.stage = Text(item, "stage");
    auto state = ParseClusterState(Text(item, "state"));
    auto outcome = ParseOutcome(Text(item, "outcome"));
    if (!state) Fail(item, fmt::format("cluster {} has no valid state", line.name));
    if (!outcome) Fail(item, fmt::format("cluster {} has no valid outcome", line.name));
    line.state = state.value_or(ClusterState::kPending);
    line.outcome = outcome.value_or(Outcome::kNone);
    line.reason = Text(item, "reason");
    line.until = Time(item, "until");
    line.message = Text(item, "message");
    line.from = Text(item, "fromRelease");
    line.to = Text(item, "toRelease");
    line.triggered_at = Time(item, "triggeredAt");
    line.finished_at = Time(item, "finishedAt");
    line.decided_on = Text(item, "decidedOn");
    line.overran = Text(item, "overran") == "true";
    ReadHops(item, line);
    ReadEarlierBumps(item, line);
    if (const YamlNode* window = item.Find("window")) {
      line.window = WindowRecord{.schedule = Text(*window, "schedule"),
                                 .name = Text(*window, "name"),
                                 .start = Time(*window, "start").value_or(Instant::min()),
                                 .end = Time(*window, "end").value_or(Instant::max())};
    }
    if (const YamlNode* override_ = item.Find("override")) {
      line.override_ = OverrideRecord{.by = Text(*override_, "by"), .reason = Text(*override_, "reason")};
    }
    return line;
  }

  void ReadNotice(const YamlNode& node, NoticeRecord& notice) {
    auto sent_at = Time(node, "sentAt");
    auto planned = Time(node, "for");
    if (!sent_at || !planned) return Fail(node, "a notice must say sentAt and for");
    notice.sent_at = *sent_at;
    notice.planned = *planned;
    notice.to_release = Text(node, "toRelease");
    const YamlNode* clusters = node.Find("clusters");
    if (clusters == nullptr || !clusters->is_sequence()) return Fail(node, "notice.clusters must be a list");
    for (const YamlNode& name : clusters->children) notice.clusters.push_back(name.value);
    const YamlNode* reminders = node.Find("reminders");
    if (reminders == nullptr) return;
    for (const YamlNode& item : reminders->children) {
      auto before = ParseDuration(item.value);
      if (!before) return Fail(item, before.error().message);
      notice.reminders.push_back(*before);
    }
  }

  void ReadHops(const YamlNode& item, ClusterRecord& line) {
    const YamlNode* hops = item.Find("hops");
    if (hops == nullptr) {
      // A single hop is not written; it says nothing that the line does not.
      if (line.triggered_at) line.hops.push_back({.to = line.to, .triggered_at = *line.triggered_at});
      return;
    }
    if (!hops->is_sequence()) return Fail(*hops, "hops must be a list");
    for (const YamlNode& hop : hops->children) {
      auto at = Time(hop, "triggeredAt");
      if (!at) return Fail(hop, "a hop without triggeredAt");
      line.hops.push_back({.to = Text(hop, "to"), .triggered_at = *at});
    }
  }

  void ReadEarlierBumps(const YamlNode& item, ClusterRecord& line) {
    const YamlNode* bumps = item.Find("earlierBumps");
    if (bumps == nullptr) return;
    if (!bumps->is_sequence()) return Fail(*bumps, "earlierBumps must be a list");
    for (const YamlNode& bump : bumps->children) {
      auto at = ParseInstant(bump.value);
      if (!at) return Fail(bump, at.error().message);
      line.earlier_bumps.push_back(*at);
    }
  }

  std::string_view file_;
  std::string error_;
};

}  // namespace

Result<UpgradeRecord> ParseStatusYaml(std::string_view file, std::string_view text) {
  auto stream = ParseUserYaml(text, kYamlLimits);
  if (!stream) {
    return Invalid(fmt::format("{}:{}:{}: {}; run 'lockkeeper status rebuild'", file,
                               stream.error().mark.line, stream.error().mark.column, stream.error().message));
  }
  if (stream->documents.size() != 1) {
    return Invalid(
        fmt::format("{}:1:1: a status file is one document; run 'lockkeeper status rebuild'", file));
  }
  return StatusReader{file}.Read(stream->documents.front());
}

Result<UpgradeRecord> ParseStatusFile(std::string_view file, std::string_view text) {
  if (text.size() <= kBytesMax) {
    if (auto record = ReadStatusLines(text); record && IsSound(*record)) return std::move(*record);
  }
  return ParseStatusYaml(file, text);
}

}  // namespace lockkeeper
