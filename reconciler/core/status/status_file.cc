#include "reconciler/core/status/status_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/status/yaml_text.h"

namespace lockkeeper {
namespace {

std::string FileName(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                c == '_' || c == '/' || (c == '.' && i > 0 && name[i - 1] != '/');
    if (safe) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

class Lines {
 public:
  explicit Lines(std::string indent) : indent_(std::move(indent)) {}

  /// The first line of a list item carries the dash.
  void Item(std::string_view key, std::string_view value) {
    out_ += fmt::format("{}- {}: {}\n", indent_, key, value);
  }
  void Raw(std::string_view key, std::string_view value) {
    out_ += fmt::format("{}  {}: {}\n", indent_, key, value);
  }
  void Text(std::string_view key, std::string_view value) {
    if (!value.empty()) Raw(key, YamlScalar(value));
  }
  void Time(std::string_view key, const std::optional<Instant>& instant) {
    if (instant) Raw(key, FormatInstant(*instant));
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string indent_;
  std::string out_;
};

std::string Edge(Instant instant) {
  return instant == Instant::max() || instant == Instant::min() ? std::string{"\"\""}
                                                                : FormatInstant(instant);
}

/// What a pending line and a history entry have in common: how the cluster went.
void AddRun(const ClusterRecord& line, Lines& out) {
  out.Text("fromRelease", line.from);
  out.Text("toRelease", line.to);
  if (line.hops.size() > 1) {
    std::string hops;
    for (const HopRecord& hop : line.hops) {
      hops += fmt::format("{}{{to: {}, triggeredAt: {}}}", hops.empty() ? "" : ", ", YamlScalar(hop.to),
                          FormatInstant(hop.triggered_at));
    }
    out.Raw("hops", "[" + hops + "]");
  }
  out.Time("triggeredAt", line.triggered_at);
  out.Time("finishedAt", line.finished_at);
  out.Text("decidedOn", line.decided_on);
  if (line.window) {
    out.Raw("window",
            fmt::format("{{schedule: {}, name: {}, start: {}, end: {}}}", YamlScalar(line.window->schedule),
                        YamlScalar(line.window->name), Edge(line.window->start), Edge(line.window->end)));
  }
  if (line.override_) {
    out.Raw("override", fmt::format("{{by: {}, reason: {}}}", YamlScalar(line.override_->by),
                                    YamlScalar(line.override_->reason)));
  }
  if (line.overran) out.Raw("overran", "true");
}

std::string FormatLine(const ClusterRecord& line) {
  Lines out{"  "};
  out.Item("name", YamlScalar(line.name));
  out.Raw("state", Name(line.state));
  if (line.outcome != Outcome::kNone) out.Raw("outcome", Name(line.outcome));
  out.Text("reason", line.reason);
  out.Time("until", line.until);
  out.Text("message", line.message);
  AddRun(line, out);
  return out.Take();
}

}  // namespace

std::string StatusFilePath(const ObjectName& upgrade) {
  return FileName(upgrade.ns) + "/" + FileName(upgrade.name) + ".yaml";
}

std::string HistoryFilePath(std::string_view cluster) { return "clusters/" + FileName(cluster) + ".yaml"; }

std::string FormatStatusFile(const UpgradeRecord& record) {
  UpgradeSummary s = Summarise(record);
  std::string out = fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {}, namespace: "
      "{}}}\nstatus:\n",
      YamlScalar(record.upgrade.name), YamlScalar(record.upgrade.ns));
  Lines head{""};
  head.Raw("state", Name(s.state));
  if (s.outcome != Outcome::kNone) head.Raw("outcome", Name(s.outcome));
  head.Time("triggeredAt", s.triggered_at);
  head.Time("finishedAt", s.finished_at);
  head.Text("fromRelease", s.from);
  head.Text("toRelease", record.target);
  head.Raw(
      "counts",
      fmt::format(
          "{{total: {}, pending: {}, running: {}, succeeded: {}, unverified: {}, failed: {}, skipped: {}}}",
          s.total, s.pending, s.running, s.succeeded, s.unverified, s.failed, s.skipped));
  head.Text("specHash", record.spec_hash);
  out += head.Take();
  if (record.clusters.empty()) return out + "  clusters: []\n";
  out += "  clusters:\n";
  for (const ClusterRecord& line : record.clusters) out += FormatLine(line);
  return out;
}

std::string FormatHistoryHeader(std::string_view cluster) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterHistory\nmetadata: {{name: {}}}\nupgrades:\n",
      YamlScalar(cluster));
}

std::string FormatHistoryEntry(const ObjectName& upgrade, const ClusterRecord& line) {
  Lines out{""};
  out.Item("upgrade", YamlScalar(upgrade.str()));
  out.Raw("outcome", Name(line.outcome));
  out.Text("reason", line.reason);
  out.Text("message", line.message);
  AddRun(line, out);
  return out.Take();
}

Result<std::string> PrependHistory(std::string_view cluster, std::string_view before,
                                   std::string_view entry) {
  std::string header = FormatHistoryHeader(cluster);
  if (!before.empty() && !before.starts_with(header)) {
    return Invalid(fmt::format(
        "status file {} does not begin as the history of this cluster; run 'lockkeeper status rebuild'",
        HistoryFilePath(cluster)));
  }
  std::string_view entries = before.empty() ? before : before.substr(header.size());
  std::string out = std::move(header);
  out += entry;
  out += entries;
  return out;
}

}  // namespace lockkeeper
