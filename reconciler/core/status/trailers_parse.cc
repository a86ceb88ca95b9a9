// Reads a Record back from a commit message. The messages are anybody's: people edit, quote, fold and repeat
// trailers.

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/status/trailer_block.h"
#include "reconciler/core/status/trailer_text.h"
#include "reconciler/core/status/transition.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kPrefix = "Lockkeeper-";
/// A message longer than this is no commit of ours, whatever it says: 100,000 bumps take about 20 MB.
constexpr size_t kMessageBytesMax = size_t{256} << 20;

std::optional<ObjectName> ToObjectName(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  return ObjectName{.ns = std::string{text.substr(0, slash)}, .name = std::string{text.substr(slash + 1)}};
}

/// The words of a value. Each Take moves on; the first one that fails spoils all that follow, so only the end
/// is asked.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  bool more() const { return !rest_.empty(); }
  bool ok() const { return ok_ && rest_.empty(); }

  std::string_view Raw() {
    if (rest_.empty()) ok_ = false;
    const size_t end = std::min(rest_.find(' '), rest_.size());
    std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    return word;
  }
  std::string Text() { return OrSpoil(DecodeTrailerWord(Raw())); }
  ObjectName Object() { return OrSpoil(ToObjectName(Text())); }
  Instant Time() { return TimeOf(Raw()); }
  ClusterState State() { return OrSpoil(ParseClusterState(Raw())); }
  Outcome Ending() {
    const Outcome outcome = OrSpoil(ParseOutcome(Raw()));
    if (outcome == Outcome::kNone) ok_ = false;
    return outcome;
  }
  TaskStep Step() { return OrSpoil(ParseTaskStep(Raw())); }
  std::chrono::local_days Date() {
    auto date = ParseDate(Raw());
    if (!date) ok_ = false;
    return date.value_or(std::chrono::local_days{});
  }
  void Arrow() {
    if (Raw() != "->") ok_ = false;
  }
  /// `start/end`, either of which may be `..`.
  void Span(Instant& start, Instant& end) {
    const std::string_view word = Raw();
    const size_t slash = word.find('/');
    if (slash == std::string_view::npos) {
      ok_ = false;
      return;
    }
    const std::string_view last = word.substr(slash + 1);
    start = word.substr(0, slash) == ".." ? Instant::min() : TimeOf(word.substr(0, slash));
    end = last == ".." ? Instant::max() : TimeOf(last);
  }

 private:
  template <class T>
  T OrSpoil(std::optional<T>&& value) {
    if (!value) ok_ = false;
    return std::move(value).value_or(T{});
  }
  Instant TimeOf(std::string_view word) {
    auto instant = ParseInstant(word);
    if (!instant) ok_ = false;
    return instant.value_or(Instant{});
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// Reads one trailer after the other; Window, Message and the like belong to the line before them.
class Reader {
 public:
  /// Why the trailer makes no sense where it stands; empty: it does.
  std::string_view Read(std::string_view key, const std::string& value) {
    if (key == "Upgrade") return ReadUpgrade(Words{value});
    if (key == "Target") return ReadTarget(Words{value});
    if (key == "Bump") return ReadBump(Words{value});
    if (key == "Window") return ReadWindow(Words{value});
    if (key == "Status") return ReadStatus(Words{value});
    if (key == "Decided-At") return ReadDecidedAt(Words{value});
    if (key == "Plan") return ReadPlan(Words{value});
    if (key == "Stage") return ReadStage(Words{value});
    if (key == "Notice") return ReadNotice(Words{value});
    if (key == "Notice-Clusters") return ReadNoticeClusters(Words{value});
    if (key == "Reminder") return ReadReminder(Words{value});
    if (key == "Task") return ReadTask(Words{value});
    if (key == "Task-Clusters") return ReadTaskClusters(Words{value});
    if (key == "Task-Change") return ReadTaskChange(Words{value});
    if (key == "Task-Window") return ReadTaskWindow(Words{value});
    auto text = DecodeTrailerText(value);
    if (key == "Window-Name" || key == "Override-By" || key == "Override-Reason" || key == "Message") {
      if (!text) return "a backslash begins no escape here; write \\\\ for one";
      return ReadText(key, std::move(*text));
    }
    if (key.starts_with("Task-")) {
      if (!text) return "a backslash begins no escape here; write \\\\ for one";
      return ReadTaskText(key, std::move(*text));
    }
    if (key == "Plan-Copy") {
      auto* plan = Last<PlanFrozen>();
      if (plan == nullptr || !plan->copy.empty() || !text) return "it must follow a Lockkeeper-Plan, once";
      plan->copy = std::move(*text);
    }
    if (key == "Held") {
      if (!text || text->empty()) return "it must be the path of a status file";
      record_.held.push_back(std::move(*text));
    }
    if (key == "Overran") {
      auto* change = Last<StateChanged>();
      if (change == nullptr || value != "true") return "it must be 'true' and belong to a Lockkeeper-Status";
      change->overran = true;
    }
    if (key == "Decided-On") {
      if (!record_.decided_on.empty() || !text) return "it may stand there once, with a commit's id";
      record_.decided_on = std::move(*text);
    }
    return {};  // Of a later version, or for people.
  }

  bool has_instant() const { return has_instant_; }
  Record Take() { return std::move(record_); }

 private:
  template <class T>
  T* Last() {
    return record_.transitions.empty() ? nullptr : std::get_if<T>(&record_.transitions.back());
  }

  std::string_view ReadUpgrade(Words words) {
    upgrade_ = words.Object();
    return words.ok() ? "" : "it must be <namespace>/<upgrade>";
  }

  std::string_view ReadTarget(Words words) {
    TargetSet target{.upgrade = words.Object(), .target = words.Text(), .spec_hash = words.Text()};
    record_.transitions.emplace_back(std::move(target));
    return words.ok() ? "" : "it must be <namespace>/<upgrade> <release> <hash of the spec>";
  }

  std::string_view ReadBump(Words words) {
    if (!upgrade_) return "a Lockkeeper-Upgrade must stand before it";
    Bumped bump{.upgrade = *upgrade_,
                .cluster = words.Text(),
                .from = words.Text(),
                .to = {},
                .window = {},
                .override_ = {}};
    words.Arrow();
    bump.to = words.Text();
    const bool ok = words.ok() && !bump.cluster.empty();
    record_.transitions.emplace_back(std::move(bump));
    return ok ? "" : "it must be <cluster> <release> -> <release>";
  }

  std::string_view ReadWindow(Words words) {
    auto* bump = Last<Bumped>();
    if (bump == nullptr || bump->window) return "it must follow a Lockkeeper-Bump, once";
    WindowRecord& window = bump->window.emplace();
    window.schedule = words.Text();
    words.Span(window.start, window.end);
    return words.ok() ? "" : "it must be <schedule> <start>/<end>";
  }

  std::string_view ReadStatus(Words words) {
    StateChanged change{.upgrade = words.Object(), .cluster = words.Text(), .state = words.State()};
    // Only what has ended has an outcome; before that the word in its place is a gate (`rejected` is both).
    if (change.state == ClusterState::kFinished) change.outcome = words.Ending();
    if (words.more()) change.reason = words.Text();
    if (words.more()) change.until = words.Time();
    const bool ok = words.ok() && !change.cluster.empty();
    record_.transitions.emplace_back(std::move(change));
    return ok ? ""
              : "it must be <namespace>/<upgrade> <cluster> <state> [<outcome, of finished ones>] [<reason> "
                "[<until>]]";
  }

  std::string_view ReadDecidedAt(Words words) {
    if (has_instant_) return "it may stand there once";
    has_instant_ = true;
    record_.at = words.Time();
    return words.ok() ? "" : "it must be an instant such as 2026-03-01T22:00:00Z";
  }

  std::string_view ReadPlan(Words words) {
    PlanFrozen frozen{.upgrade = words.Object(), .hash = words.Text(), .copy = {}, .stages = {}};
    record_.transitions.emplace_back(std::move(frozen));
    return words.ok() ? "" : "it must be <namespace>/<upgrade> <hash of the plan>";
  }

  std::string_view ReadStage(Words words) {
    auto* frozen = Last<PlanFrozen>();
    if (frozen == nullptr) return "it must follow a Lockkeeper-Plan";
    const std::string name = words.Text();
    if (frozen->stages.empty() || frozen->stages.back().name != name) frozen->stages.push_back({name, {}});
    while (words.more()) frozen->stages.back().clusters.push_back(words.Text());
    const bool ok = words.ok() && !name.empty() && !frozen->stages.back().clusters.empty();
    return ok ? "" : "it must be <stage> <cluster> ...";
  }

  std::string_view ReadNotice(Words words) {
    NoticeSent notice{.upgrade = words.Object(), .planned = {}, .to_release = words.Text(), .clusters = {}};
    notice.planned = words.Time();
    record_.transitions.emplace_back(std::move(notice));
    return words.ok() ? "" : "it must be <namespace>/<upgrade> <release> <planned start>";
  }

  std::string_view ReadNoticeClusters(Words words) {
    auto* notice = Last<NoticeSent>();
    if (notice == nullptr) return "it must follow a Lockkeeper-Notice";
    while (words.more()) notice->clusters.push_back(words.Text());
    return words.ok() ? "" : "it must be <cluster> ...";
  }

  std::string_view ReadReminder(Words words) {
    ReminderSent reminder{.upgrade = words.Object()};
    auto before = ParseDuration(words.Text());
    if (before) reminder.before = *before;
    record_.transitions.emplace_back(std::move(reminder));
    return words.ok() && before ? "" : "it must be <namespace>/<upgrade> <duration>, such as 7d";
  }

  std::string_view ReadTask(Words words) {
    TaskTransition& task = record_.tasks.emplace_back();
    task.task = words.Object();
    task.date = words.Date();
    task.step = words.Step();
    if (task.step == TaskStep::kOpen) task.due = words.Time();
    return words.ok() ? ""
                      : "it must be <namespace>/<task> <date> open <instant>, overdue, done, changed or "
                        "refused";
  }

  std::string_view ReadTaskClusters(Words words) {
    if (record_.tasks.empty()) return "it must follow a Lockkeeper-Task";
    while (words.more()) record_.tasks.back().clusters.push_back(words.Text());
    return words.ok() ? "" : "it must be <cluster> ...";
  }

  std::string_view ReadTaskChange(Words words) {
    if (record_.tasks.empty()) return "it must follow a Lockkeeper-Task";
    ScalarChange change{.file = words.Text(), .path = words.Text(), .from = words.Text(), .to = {}};
    words.Arrow();
    change.to = words.Text();
    record_.tasks.back().changes.push_back(std::move(change));
    return words.ok() ? "" : "it must be <file> <field path> <value> -> <value>";
  }

  std::string_view ReadTaskWindow(Words words) {
    if (record_.tasks.empty() || record_.tasks.back().window) return "it must follow a Lockkeeper-Task, once";
    WindowRecord& window = record_.tasks.back().window.emplace();
    window.schedule = words.Text();
    words.Span(window.start, window.end);
    return words.ok() ? "" : "it must be <schedule> <start>/<end>";
  }

  /// Those of a later version are passed over.
  std::string_view ReadTaskText(std::string_view key, std::string text) {
    if (record_.tasks.empty()) return "it must follow a Lockkeeper-Task";
    TaskTransition& task = record_.tasks.back();
    if (key == "Task-Step")
      task.checklist.push_back(std::move(text));
    else if (key == "Task-By")
      task.by = std::move(text);
    else if (key == "Task-Note")
      task.note = std::move(text);
    else if (key == "Task-Problem")
      task.problem = std::move(text);
    else if (key == "Task-Window-Name" && task.window)
      task.window->name = std::move(text);
    return {};
  }

  std::string_view ReadText(std::string_view key, std::string text) {
    if (key == "Message") {
      auto* change = Last<StateChanged>();
      if (change == nullptr) return "it must follow a Lockkeeper-Status";
      change->message = std::move(text);
      return {};
    }
    auto* bump = Last<Bumped>();
    if (bump == nullptr) return "it must follow a Lockkeeper-Bump";
    if (key == "Window-Name") {
      if (!bump->window) return "it must follow a Lockkeeper-Window";
      bump->window->name = std::move(text);
    } else if (key == "Override-By") {
      bump->override_ = OverrideRecord{.by = std::move(text), .reason = {}};
    } else {
      if (!bump->override_) return "it must follow a Lockkeeper-Override-By";
      bump->override_->reason = std::move(text);
    }
    return {};
  }

  Record record_;
  std::optional<ObjectName> upgrade_;
  bool has_instant_ = false;
};

}  // namespace

Result<std::optional<Record>> ParseTrailers(std::string_view message) {
  if (message.size() > kMessageBytesMax || IsRevert(message)) return std::nullopt;
  Reader reader;
  for (const Trailer& trailer : FindTrailers(message, kPrefix)) {
    std::string_view problem = reader.Read(trailer.key.substr(kPrefix.size()), trailer.value);
    if (!problem.empty()) {
      return Invalid(fmt::format("trailer {}: {}: {}", trailer.key, Quoted(trailer.value), problem));
    }
  }
  const bool has_instant = reader.has_instant();
  Record record = reader.Take();
  if (record.empty()) return std::nullopt;
  if (!has_instant) return Invalid("trailer Lockkeeper-Decided-At is missing");
  return record;
}

}  // namespace lockkeeper
