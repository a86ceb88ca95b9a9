#include "tests/core/status/random_records.h"

#include <set>
namespace lockkeeper {
namespace {

const std::vector<ObjectName>& Upgrades() {
  static const std::vector<ObjectName> kAll{
      {"default", "upgrade-to-v1-20"},
      {"default", "a"},
      {"clusters", "a"},
      {"tasks", "a.b"},
      {"true", "1.20"},
      {"0123", "null"},
      {"team-b", "a"},
      {"default", "1e3"},
      {"default", "clusters"},
      {"status", "x.yaml"},
      {"default", "2026-03-01"},
      {"x", std::string(253, 'u')},
  };
  return kAll;
}

const std::vector<std::string>& Clusters() {
  static const std::vector<std::string> kAll{
      "mgab6",
      "ns/name",
      "ns/name.yaml/deep",
      "ns/name.yaml",
      "a",
      "a.yaml",
      "a.yaml/b",
      "prod.eu-west-1",
      "a/b/c/d",
      "-",
      "->",
      "--",
      "-dash",
      "1.20",
      "0x1f",
      "1e3",
      "12_30",
      "yes",
      "No",
      "NULL",
      "2026-03-01",
      "Gr\xC3\xBC\xC3\x9F"
      "e",
      "\xE6\x97\xA5\xE6\x9C\xAC",
      "line\xE2\x80\xA8separator",
      "next\xC2\x85line",
      "no\xC2\xA0"
      "break",
      "\xEF\xBB\xBF"
      "bom",
      "rocket\xF0\x9F\x9A\x80",
      std::string(253, 'n'),
      std::string(126, 'x') + "/" + std::string(126, 'y'),
      [] {
        std::string all;
        for (int i = 0; i < 126; ++i) all += "\xC3\xA9";
        return all;
      }(),
  };
  return kAll;
}

const std::vector<std::string>& Words() {
  static const std::vector<std::string> kAll{
      "v1.16.0", "aws-34.1.0", "1.31.7+rke2r1", "1.20",        "v1.20.0-rc.1+build.7",
      "0123",    "1_000",      "12:30:00",      "yes",         "->",
      "-",       "..",         "with blank",    "back\\slash", "sha256:0123456789abcdef"};
  return kAll;
}

const std::vector<std::string>& Pieces() {
  static const std::vector<std::string> kAll{"a",
                                             " ",
                                             "  ",
                                             "\n",
                                             "\n\n",
                                             "\r\n",
                                             "\r",
                                             "\t",
                                             "#",
                                             ": ",
                                             ":",
                                             "- ",
                                             "---",
                                             "...",
                                             "\"",
                                             "'",
                                             "\\",
                                             "\\n",
                                             "\\x20",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ",",
                                             "&a",
                                             "*a",
                                             "!t",
                                             "|",
                                             ">",
                                             "%",
                                             "@",
                                             "`",
                                             "~",
                                             "null",
                                             "true",
                                             "1.20",
                                             "word",
                                             "\xC3\xA5",
                                             "\xF0\x9F\x9A\x80",
                                             "\xE2\x80\xA8",
                                             "\xC2\x85",
                                             "\xEF\xBB\xBF",
                                             std::string(1, '\0'),
                                             "\x01",
                                             "\x7f",
                                             "\x1b[31m",
                                             "Lockkeeper-Bump: a b -> c\n",
                                             "Signed-off-by: x",
                                             "<<",
                                             "? ",
                                             "=",
                                             std::string(300, 'l')};
  return kAll;
}

}  // namespace

const ObjectName& RandomRecords::Upgrade() { return OneOf(Upgrades()); }
const std::string& RandomRecords::Cluster() { return OneOf(Clusters()); }
std::string RandomRecords::Release() { return OneIn(20) ? "" : OneOf(Words()); }

std::string RandomRecords::Text(Bytes bytes) {
  std::string text;
  for (size_t n = Below(8); n > 0; --n) {
    text += OneOf(Pieces());
    if (bytes == Bytes::kAny && OneIn(10)) text += static_cast<char>(0x80 + Below(0x80));
  }
  return text;
}

Instant RandomRecords::Time() {
  switch (Below(20)) {
    case 0:
      return ParseInstant("0001-01-01T00:00:00Z").value();
    case 1:
      return ParseInstant("9999-12-31T23:59:59Z").value();
    case 2:
      return Instant{};
    default:
      return now_ + Seconds{static_cast<int64_t>(Below(10'000'000))};
  }
}

WindowRecord RandomRecords::Window(Bytes bytes) {
  return {.schedule = OneIn(5) ? "" : Upgrade().str(),
          .name = Text(bytes),
          .start = OneIn(5) ? Instant::min() : Time(),
          .end = OneIn(5) ? Instant::max() : Time()};
}

std::vector<std::string> RandomRecords::SomeClusters() {
  std::set<std::string> names{Cluster()};
  for (size_t n = Below(30); n > 0; --n) names.insert(Cluster() + std::to_string(Below(40)));
  return {names.begin(), names.end()};
}

Transition RandomRecords::RollOut(Bytes bytes) {
  switch (Below(3)) {
    case 0: {
      PlanFrozen frozen{Upgrade(), "sha256:" + std::to_string(Below(100)), Text(bytes) + "{}", {}};
      for (size_t n = Below(4); n > 0; --n)
        frozen.stages.push_back({"stage-" + std::to_string(n), SomeClusters()});
      return frozen;
    }
    case 1:
      return NoticeSent{Upgrade(), Time(), Release(), SomeClusters()};
    default:
      return ReminderSent{Upgrade(), Seconds{static_cast<int64_t>(1 + Below(5'000'000))}};
  }
}

Transition RandomRecords::Next(Bytes bytes) {
  // What is no UTF-8 stands in trailers as it is, and in files replaced; two names may become one.
  if (bytes == Bytes::kAny && OneIn(30)) {
    Bumped bump{Upgrade(), Cluster() + "\xff", Release() + (OneIn(2) ? "\xfe" : "\xc3"), Release(), {}, {}};
    if (OneIn(2)) bump.upgrade.name += "\xe9";
    return bump;
  }
  const size_t kind = Below(10);
  if (kind == 0)
    return TargetSet{Upgrade(), Release(), OneIn(5) ? "" : "sha256:" + std::to_string(Below(100))};
  if (kind == 1) return RollOut(bytes);
  if (kind < 5) {
    Bumped bump{Upgrade(), Cluster(), Release(), Release(), {}, {}};
    if (!OneIn(4)) bump.window = Window(bytes);
    if (OneIn(4)) bump.override_ = OverrideRecord{.by = Text(bytes), .reason = Text(bytes)};
    return bump;
  }
  StateChanged change{
      .upgrade = Upgrade(), .cluster = Cluster(), .state = static_cast<ClusterState>(Below(4))};
  if (change.state == ClusterState::kFinished) change.outcome = static_cast<Outcome>(1 + Below(10));
  if (!OneIn(3)) change.reason = OneIn(3) ? OneOf(Words()) : "rejected";
  if (OneIn(2)) change.until = Time();
  if (OneIn(2)) change.message = Text(bytes);
  change.overran = OneIn(6);
  return change;
}

TaskTransition RandomRecords::NextTask(Bytes bytes) {
  // Few dates and names, so that what was opened is met again.
  const ObjectName& name = OneOf(Upgrades());
  const auto date =
      std::chrono::local_days{std::chrono::year{2026} / 1 / 5} + std::chrono::days{7 * Below(2)};
  TaskTransition task{.task = name, .date = date, .step = static_cast<TaskStep>(Below(5))};
  if (!OneIn(3)) task.clusters = SomeClusters();
  if (bytes == Bytes::kAny && OneIn(30)) task.clusters.push_back(Cluster() + "\xff");
  if (task.step == TaskStep::kOpen) {
    task.due = Time();
    for (size_t n = Below(4); n > 0; --n) task.checklist.push_back(Text(bytes));
  }
  if (task.step == TaskStep::kDone) {
    task.by = Text(bytes);
    task.note = Text(bytes);
  }
  if (task.step == TaskStep::kChanged) {
    for (size_t n = Below(4); n > 0; --n)
      task.changes.push_back({Text(bytes), Text(bytes), Text(bytes), Text(bytes)});
    if (OneIn(2)) task.window = WindowRecord{Text(bytes), Text(bytes), Time(), Time()};
  }
  if (task.step == TaskStep::kRefused) task.problem = Text(bytes);
  return task;
}

Record RandomRecords::NextRecord(Bytes bytes) {
  Record record{.at = now_,
                .decided_on = OneIn(10) ? "" : "0123456789abcdef0123456789abcdef01234567",
                .transitions = {}};
  for (size_t n = 1 + Below(6); n > 0; --n) record.transitions.push_back(Next(bytes));
  if (OneIn(3)) {
    if (OneIn(4)) record.transitions.clear();
    for (size_t n = 1 + Below(4); n > 0; --n) record.tasks.push_back(NextTask(bytes));
  }
  now_ += Seconds{static_cast<int64_t>(1 + Below(100'000))};
  return record;
}

ClusterRecord RandomRecords::Line() {
  ClusterRecord line{.name = Cluster(), .state = static_cast<ClusterState>(Below(4))};
  if (line.state == ClusterState::kFinished) line.outcome = static_cast<Outcome>(1 + Below(10));
  if (OneIn(3)) line.stage = "stage-" + std::to_string(Below(4));
  line.reason = Text(Bytes::kUtf8);
  if (OneIn(2)) line.until = Time();
  line.message = Text(Bytes::kUtf8);
  line.from = Release();
  line.to = Release();
  for (size_t n = Below(4); n > 1; --n) line.hops.push_back({.to = Release(), .triggered_at = Time()});
  for (size_t n = Below(3); n > 0; --n) line.earlier_bumps.push_back(Time());
  if (OneIn(2)) line.triggered_at = Time();
  // A single hop is what the line says anyway.
  if (line.hops.size() == 1) line.hops.clear();
  if (line.hops.empty() && line.triggered_at)
    line.hops.push_back({.to = line.to, .triggered_at = *line.triggered_at});
  if (OneIn(2)) line.finished_at = Time();
  if (!OneIn(5)) line.decided_on = "0123456789abcdef0123456789abcdef01234567";
  if (OneIn(2)) line.window = Window(Bytes::kUtf8);
  if (OneIn(4)) line.override_ = OverrideRecord{.by = Text(Bytes::kUtf8), .reason = Text(Bytes::kUtf8)};
  line.overran = OneIn(4);
  return line;
}

}  // namespace lockkeeper
