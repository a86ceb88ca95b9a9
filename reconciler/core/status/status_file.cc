#include "reconciler/core/status/status_file.h"

#include <fmt/format.h>

#include <iterator>

#include "reconciler/core/status/yaml_text.h"

namespace lockkeeper {
namespace {

/// What a cluster's line takes about, once it has run.
constexpr size_t kLineBytes = 350;

/// Appends `key: value` lines to a text, all with the same indentation.
class Lines {
 public:
  Lines(std::string_view indent, std::string& out) : indent_(indent), out_(out) {}

  /// The first line of a list item carries the dash.
  void Item(std::string_view key, std::string_view value) {
    out_ += indent_;
    out_ += "- ";
    out_ += key;
    out_ += ": ";
    AppendYamlScalar(value, out_);
    out_ += '\n';
  }
  /// A value that is plain YAML already.
  void Word(std::string_view key, std::string_view word) {
    Begin(key);
    out_ += word;
    out_ += '\n';
  }
  void Text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    Begin(key);
    AppendYamlScalar(value, out_);
    out_ += '\n';
  }
  void Time(std::string_view key, const std::optional<Instant>& instant) {
    if (!instant) return;
    Begin(key);
    AppendInstant(*instant, out_);
    out_ += '\n';
  }

  void Begin(std::string_view key) {
    out_ += indent_;
    out_ += "  ";
    out_ += key;
    out_ += ": ";
  }

 private:
  std::string_view indent_;
  std::string& out_;
};

void AppendEdge(Instant instant, std::string& out) {
  if (instant == Instant::max() || instant == Instant::min()) {
    out += "\"\"";
  } else {
    AppendInstant(instant, out);
  }
}

void AppendHops(const std::vector<HopRecord>& hops, std::string& out) {
  out += '[';
  for (const HopRecord& hop : hops) {
    if (&hop != &hops.front()) out += ", ";
    out += "{to: ";
    AppendYamlScalar(hop.to, out);
    out += ", triggeredAt: ";
    AppendInstant(hop.triggered_at, out);
    out += '}';
  }
  out += "]\n";
}

void AppendInstants(const std::vector<Instant>& instants, std::string& out) {
  out += '[';
  for (const Instant& instant : instants) {
    if (&instant != &instants.front()) out += ", ";
    AppendInstant(instant, out);
  }
  out += "]\n";
}

void AppendWindow(const WindowRecord& window, std::string& out) {
  out += "{schedule: ";
  AppendYamlScalar(window.schedule, out);
  out += ", name: ";
  AppendYamlScalar(window.name, out);
  out += ", start: ";
  AppendEdge(window.start, out);
  out += ", end: ";
  AppendEdge(window.end, out);
  out += "}\n";
}

/// What a cluster's line and an entry of its history have in common: how the run went.
void AppendRun(const ClusterRecord& line, Lines& lines, std::string& out) {
  lines.Text("fromRelease", line.from);
  lines.Text("toRelease", line.to);
  if (line.hops.size() > 1) {
    lines.Begin("hops");
    AppendHops(line.hops, out);
  }
  lines.Time("triggeredAt", line.triggered_at);
  lines.Time("finishedAt", line.finished_at);
  lines.Text("decidedOn", line.decided_on);
  if (line.window) {
    lines.Begin("window");
    AppendWindow(*line.window, out);
  }
  if (line.override_) {
    lines.Begin("override");
    out += "{by: ";
    AppendYamlScalar(line.override_->by, out);
    out += ", reason: ";
    AppendYamlScalar(line.override_->reason, out);
    out += "}\n";
  }
  if (line.overran) lines.Word("overran", "true");
}

template <class T, class F>
void AppendList(const std::vector<T>& list, std::string& out, F&& append) {
  out += '[';
  for (const T& item : list) {
    if (&item != &list.front()) out += ", ";
    append(item);
  }
  out += ']';
}

void AppendNotice(const NoticeRecord& notice, std::string& out) {
  out += "{sentAt: ";
  AppendInstant(notice.sent_at, out);
  out += ", for: ";
  AppendInstant(notice.planned, out);
  out += ", toRelease: ";
  AppendYamlScalar(notice.to_release, out);
  out += ", clusters: ";
  AppendList(notice.clusters, out, [&](const std::string& name) { AppendYamlScalar(name, out); });
  if (!notice.reminders.empty()) {
    out += ", reminders: ";
    AppendList(notice.reminders, out, [&](Seconds before) { out += FormatDuration(before); });
  }
  out += "}\n";
}

void AppendLine(const ClusterRecord& line, std::string& out) {
  Lines lines{"  ", out};
  lines.Item("name", line.name);
  lines.Text("stage", line.stage);
  lines.Word("state", Name(line.state));
  if (line.outcome != Outcome::kNone) lines.Word("outcome", Name(line.outcome));
  lines.Text("reason", line.reason);
  lines.Time("until", line.until);
  lines.Text("message", line.message);
  if (!line.earlier_bumps.empty()) {
    lines.Begin("earlierBumps");
    AppendInstants(line.earlier_bumps, out);
  }
  AppendRun(line, lines, out);
}

}  // namespace

std::string FormatStatusFile(const UpgradeRecord& record) {
  const UpgradeSummary s = Summarise(record);
  std::string out;
  out.reserve(512 + record.clusters.size() * kLineBytes);
  fmt::format_to(
      std::back_inserter(out),
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {}, namespace: {}}}\n"
      "status:\n",
      YamlScalar(record.upgrade.name), YamlScalar(record.upgrade.ns));
  Lines head{"", out};
  head.Word("state", Name(s.state));
  if (s.outcome != Outcome::kNone) head.Word("outcome", Name(s.outcome));
  head.Time("triggeredAt", s.triggered_at);
  head.Time("finishedAt", s.finished_at);
  head.Text("fromRelease", s.from);
  head.Text("toRelease", record.target);
  head.Word("counts",
            fmt::format("{{total: {}, pending: {}, running: {}, succeeded: {}, unverified: {}, failed: {}, "
                        "skipped: {}}}",
                        s.total, s.pending, s.running, s.succeeded, s.unverified, s.failed, s.skipped));
  head.Text("specHash", record.spec_hash);
  head.Time("specChangedAt", record.spec_changed_at);
  if (record.notice) {
    head.Begin("notice");
    AppendNotice(*record.notice, out);
  }
  if (record.plan) {
    head.Word("plan", fmt::format("{{hash: {}, copy: {}}}", YamlScalar(record.plan->hash),
                                  YamlScalar(record.plan->copy)));
  }
  if (record.clusters.empty()) {
    head.Word("clusters", "[]");
    return out;
  }
  out += "  clusters:\n";
  for (const ClusterRecord& line : record.clusters) AppendLine(line, out);
  return out;
}

std::string FormatHistoryHeader(std::string_view cluster) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterHistory\nmetadata: {{name: {}}}\nupgrades:\n",
      YamlScalar(cluster));
}

std::string FormatHistoryEntry(const ObjectName& upgrade, const ClusterRecord& line) {
  std::string out;
  Lines lines{"", out};
  lines.Item("upgrade", upgrade.str());
  lines.Word("outcome", Name(line.outcome));
  lines.Text("reason", line.reason);
  lines.Text("message", line.message);
  AppendRun(line, lines, out);
  return out;
}

Result<std::string> PrependHistory(std::string_view cluster, std::string_view before,
                                   std::string_view entry) {
  // People may have added to what stands above the entries, comments say; it stays as it is.
  static constexpr std::string_view kList = "\nupgrades:\n";
  const std::string header = FormatHistoryHeader(cluster);
  size_t entries = header.size();
  if (!before.empty() && !before.starts_with(header)) {
    const size_t list = before.find(kList);
    if (list == std::string_view::npos || !before.substr(0, list).contains("kind: ClusterHistory")) {
      return Invalid(
          fmt::format("{}: this is no history that an entry can be put into, which needs 'kind: "
                      "ClusterHistory' and a line "
                      "'upgrades:'; run 'lockkeeper status rebuild'",
                      HistoryFilePath(cluster)));
    }
    entries = list + kList.size();
  }
  std::string out = before.empty() ? header : std::string{before.substr(0, entries)};
  out += entry;
  if (!before.empty()) out += before.substr(entries);
  return out;
}

}  // namespace lockkeeper
