#include "reconciler/core/status/status_lines.h"

#include <algorithm>

#include "reconciler/core/status/status_file.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

/// Takes a text off from its front. What is taken need not be checked closely: the record is written out
/// again in the end and must give the text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool Take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  /// To the end of the line, which is taken too.
  std::string_view Line() {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  bool Scalar(std::string& out) {
    if (Take("\"")) return Quoted(out);
    const std::string_view word =
        rest_.substr(0, Until([](char c) { return c == ',' || c == '}' || c == '\n'; }));
    out = word;
    rest_.remove_prefix(word.size());
    return !word.empty();
  }

  /// Of a list, whose end ends a plain one too.
  bool Item(std::string& out) {
    if (Take("\"")) return Quoted(out);
    const std::string_view word =
        rest_.substr(0, Until([](char c) { return c == ',' || c == ']' || c == '\n'; }));
    out = word;
    rest_.remove_prefix(word.size());
    return !word.empty();
  }

  bool Time(Instant& out) {
    constexpr size_t kBytes = std::string_view{"2021-03-11T07:00:00Z"}.size();
    auto instant = ParseInstant(rest_.substr(0, kBytes));
    if (!instant) return false;
    out = *instant;
    rest_.remove_prefix(kBytes);
    return true;
  }

  bool Edge(Instant& out, Instant open) {
    if (!Take("\"\"")) return Time(out);
    out = open;
    return true;
  }

 private:
  /// Bytes before the first that ends something. Several times faster than find_first_of.
  template <class F>
  size_t Until(F&& ends) const {
    size_t at = 0;
    while (at < rest_.size() && !ends(rest_[at])) ++at;
    return at;
  }

  bool Quoted(std::string& out) {
    out.clear();
    for (;;) {
      const size_t stop = Until([](char c) { return c == '"' || c == '\\' || c == '\n'; });
      if (stop == rest_.size() || rest_[stop] == '\n') return false;
      out += rest_.substr(0, stop);
      rest_.remove_prefix(stop);
      if (Take("\"")) return true;
      if (!Escape(out)) return false;
    }
  }

  bool Escape(std::string& out) {
    if (rest_.size() < 2) return false;
    const char kind = rest_[1];
    rest_.remove_prefix(2);
    switch (kind) {
      case '"':
      case '\\':
        out += kind;
        return true;
      case 'n':
        out += '\n';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'x':
        return Code(2, out);
      case 'u':
        return Code(4, out);
      default:
        return false;
    }
  }

  bool Code(size_t digits, std::string& out) {
    if (rest_.size() < digits) return false;
    uint32_t code = 0;
    for (char c : rest_.substr(0, digits)) {
      const bool is_digit = c >= '0' && c <= '9';
      if (!is_digit && (c < 'a' || c > 'f')) return false;
      code = code * 16 + static_cast<uint32_t>(is_digit ? c - '0' : c - 'a' + 10);
    }
    rest_.remove_prefix(digits);
    AppendUtf8(code, out);
    return true;
  }

  std::string_view rest_;
};

/// Each of these is true where the field is absent, and false where it is there and makes no sense.
bool Text(Cursor& in, std::string_view key, std::string& out) {
  return !in.Take(key) || (in.Scalar(out) && in.Take("\n"));
}

bool Time(Cursor& in, std::string_view key, std::optional<Instant>& out) {
  return !in.Take(key) || (in.Time(out.emplace()) && in.Take("\n"));
}

bool Hops(Cursor& in, ClusterRecord& line) {
  if (!in.Take("    hops: [")) return true;
  do {
    HopRecord& hop = line.hops.emplace_back();
    if (!in.Take("{to: ") || !in.Scalar(hop.to) || !in.Take(", triggeredAt: ") ||
        !in.Time(hop.triggered_at) || !in.Take("}")) {
      return false;
    }
  } while (in.Take(", "));
  return in.Take("]\n");
}

bool EarlierBumps(Cursor& in, ClusterRecord& line) {
  if (!in.Take("    earlierBumps: [")) return true;
  do {
    if (!in.Time(line.earlier_bumps.emplace_back())) return false;
  } while (in.Take(", "));
  return in.Take("]\n");
}

bool Window(Cursor& in, std::optional<WindowRecord>& out) {
  if (!in.Take("    window: {schedule: ")) return true;
  WindowRecord& window = out.emplace();
  return in.Scalar(window.schedule) && in.Take(", name: ") && in.Scalar(window.name) &&
         in.Take(", start: ") && in.Edge(window.start, Instant::min()) && in.Take(", end: ") &&
         in.Edge(window.end, Instant::max()) && in.Take("}\n");
}

bool Override(Cursor& in, std::optional<OverrideRecord>& out) {
  if (!in.Take("    override: {by: ")) return true;
  OverrideRecord& by = out.emplace();
  return in.Scalar(by.by) && in.Take(", reason: ") && in.Scalar(by.reason) && in.Take("}\n");
}

bool Notice(Cursor& in, std::optional<NoticeRecord>& out) {
  if (!in.Take("  notice: {sentAt: ")) return true;
  NoticeRecord& notice = out.emplace();
  if (!in.Time(notice.sent_at) || !in.Take(", for: ") || !in.Time(notice.planned) ||
      !in.Take(", toRelease: ") || !in.Scalar(notice.to_release) || !in.Take(", clusters: [")) {
    return false;
  }
  if (!in.Take("]")) {
    do {
      if (!in.Item(notice.clusters.emplace_back())) return false;
    } while (in.Take(", "));
    if (!in.Take("]")) return false;
  }
  if (in.Take(", reminders: [")) {
    do {
      std::string text;
      if (!in.Item(text)) return false;
      auto before = ParseDuration(text);
      if (!before) return false;
      notice.reminders.push_back(*before);
    } while (in.Take(", "));
    if (!in.Take("]")) return false;
  }
  return in.Take("}\n");
}

bool Plan(Cursor& in, std::optional<FrozenPlan>& out) {
  if (!in.Take("  plan: {hash: ")) return true;
  FrozenPlan& plan = out.emplace();
  return in.Scalar(plan.hash) && in.Take(", copy: ") && in.Scalar(plan.copy) && in.Take("}\n");
}

bool ReadLine(Cursor& in, ClusterRecord& line) {
  if (!in.Take("  - name: ") || !in.Scalar(line.name) || !in.Take("\n") ||
      !Text(in, "    stage: ", line.stage) || !in.Take("    state: ")) {
    return false;
  }
  const auto state = ParseClusterState(in.Line());
  const auto outcome = in.Take("    outcome: ") ? ParseOutcome(in.Line()) : Outcome::kNone;
  if (!state || !outcome) return false;
  line.state = *state;
  line.outcome = *outcome;
  const bool ok =
      Text(in, "    reason: ", line.reason) && Time(in, "    until: ", line.until) &&
      Text(in, "    message: ", line.message) && EarlierBumps(in, line) &&
      Text(in, "    fromRelease: ", line.from) && Text(in, "    toRelease: ", line.to) && Hops(in, line) &&
      Time(in, "    triggeredAt: ", line.triggered_at) && Time(in, "    finishedAt: ", line.finished_at) &&
      Text(in, "    decidedOn: ", line.decided_on) && Window(in, line.window) && Override(in, line.override_);
  line.overran = in.Take("    overran: true\n");
  return ok;
}

bool ReadHead(Cursor& in, UpgradeRecord& record) {
  if (!in.Take("apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: ") ||
      !in.Scalar(record.upgrade.name) || !in.Take(", namespace: ") || !in.Scalar(record.upgrade.ns) ||
      !in.Take("}\nstatus:\n")) {
    return false;
  }
  // What follows from the clusters is written anew, and then compared.
  for (std::string_view key :
       {"  state: ", "  outcome: ", "  triggeredAt: ", "  finishedAt: ", "  fromRelease: "}) {
    if (in.Take(key)) in.Line();
  }
  if (!Text(in, "  toRelease: ", record.target) || !in.Take("  counts: ")) return false;
  in.Line();
  return Text(in, "  specHash: ", record.spec_hash) &&
         Time(in, "  specChangedAt: ", record.spec_changed_at) && Notice(in, record.notice) &&
         Plan(in, record.plan);
}

}  // namespace

std::optional<UpgradeRecord> ReadStatusLines(std::string_view text) {
  Cursor in{text};
  UpgradeRecord record;
  if (!ReadHead(in, record)) return std::nullopt;
  if (in.Take("  clusters:\n")) {
    do {
      if (!ReadLine(in, record.clusters.emplace_back())) return std::nullopt;
    } while (!in.at_end());
  } else if (!in.Take("  clusters: []\n")) {
    return std::nullopt;
  }
  if (FormatStatusFile(record) != text) return std::nullopt;
  for (ClusterRecord& line : record.clusters) {
    // A single hop is not written; it says nothing that the line does not.
    if (line.hops.empty() && line.triggered_at)
      line.hops.push_back({.to = line.to, .triggered_at = *line.triggered_at});
  }
  return record;
}

}  // namespace lockkeeper
