// The text form of a Record: SPEC 5's trailers, and more for what they do not say (target, message, window's
// name, override).

#include <algorithm>

#include "reconciler/core/status/trailer_text.h"
#include "reconciler/core/status/transition.h"
#include "schemas/assert.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

class Writer {
 public:
  void operator()(const TargetSet& target) {
    Begin("Target");
    Word(target.upgrade.str());
    Word(target.target);
    Word(target.spec_hash);
    End();
  }

  void operator()(const Bumped& bump) {
    if (upgrade_ == nullptr || *upgrade_ != bump.upgrade) {
      Begin("Upgrade");
      Word(bump.upgrade.str());
      End();
      upgrade_ = &bump.upgrade;
    }
    Begin("Bump");
    Word(bump.cluster);
    Word(bump.from);
    out_ += " ->";
    Word(bump.to);
    End();
    if (bump.window) Window("Window", "Window-Name", *bump.window);
    if (bump.override_) {
      Text("Override-By", bump.override_->by);
      if (!bump.override_->reason.empty()) Text("Override-Reason", bump.override_->reason);
    }
  }

  void operator()(const StateChanged& change) {
    LK_ASSERT((change.state == ClusterState::kFinished) == (change.outcome != Outcome::kNone));
    Begin("Status");
    Word(change.upgrade.str());
    Word(change.cluster);
    Word(Name(change.state));
    if (change.outcome != Outcome::kNone) Word(Name(change.outcome));
    if (!change.reason.empty() || change.until) Word(change.reason);
    if (change.until) Time(*change.until);
    End();
    if (!change.message.empty()) Text("Message", change.message);
    if (change.overran) Text("Overran", "true");
  }

  void operator()(const PlanFrozen& frozen) {
    Begin("Plan");
    Word(frozen.upgrade.str());
    Word(frozen.hash);
    End();
    Text("Plan-Copy", frozen.copy);
    for (const PlanFrozen::Stage& stage : frozen.stages) {
      Names("Stage", stage.name, stage.clusters);
    }
  }

  void operator()(const NoticeSent& notice) {
    Begin("Notice");
    Word(notice.upgrade.str());
    Word(notice.to_release);
    Time(notice.planned);
    End();
    Names("Notice-Clusters", {}, notice.clusters);
  }

  void operator()(const ReminderSent& reminder) {
    Begin("Reminder");
    Word(reminder.upgrade.str());
    Word(FormatDuration(reminder.before));
    End();
  }

  void operator()(const TaskTransition& task) {
    Begin("Task");
    Word(task.task.str());
    Word(FormatDate(task.date));
    Word(Name(task.step));
    if (task.step == TaskStep::kOpen) Time(task.due);
    End();
    Names("Task-Clusters", {}, task.clusters);
    for (const std::string& step : task.checklist) Text("Task-Step", step);
    if (!task.by.empty()) Text("Task-By", task.by);
    if (!task.note.empty()) Text("Task-Note", task.note);
    for (const ScalarChange& change : task.changes) Scalar(change);
    if (task.window) Window("Task-Window", "Task-Window-Name", *task.window);
    if (!task.problem.empty()) Text("Task-Problem", task.problem);
  }

  std::string Finish(const Record& record) {
    for (const std::string& file : record.held) Text("Held", file);
    Begin("Decided-At");
    Time(record.at);
    End();
    if (!record.decided_on.empty()) Text("Decided-On", record.decided_on);
    return std::move(out_);
  }

 private:
  /// Any number of names, in lines that people can read; each begins with `first` where that is given.
  void Names(std::string_view key, std::string_view first, const std::vector<std::string>& names) {
    constexpr size_t kNamesInLine = 20;
    for (size_t i = 0; i < names.size(); i += kNamesInLine) {
      Begin(key);
      if (!first.empty()) Word(first);
      for (size_t n = i; n < std::min(i + kNamesInLine, names.size()); ++n) Word(names[n]);
      End();
    }
  }

  void Scalar(const ScalarChange& change) {
    Begin("Task-Change");
    Word(change.file);
    Word(change.path);
    Word(change.from);
    out_ += " ->";
    Word(change.to);
    End();
  }

  void Begin(std::string_view key) {
    out_ += "Lockkeeper-";
    out_ += key;
    out_ += ':';
  }
  void Word(std::string_view word) {
    out_ += ' ';
    AppendTrailerWord(word, out_);
  }
  void Time(Instant instant) {
    LK_ASSERT(IsWritable(instant));
    out_ += ' ';
    AppendInstant(instant, out_);
  }
  void End() { out_ += '\n'; }
  void Text(std::string_view key, std::string_view text) {
    Begin(key);
    if (!text.empty()) out_ += ' ';
    AppendTrailerText(text, out_);
    End();
  }

  void Window(std::string_view key, std::string_view name_key, const WindowRecord& window) {
    auto edge = [&](Instant instant, Instant open) {
      if (instant == open) {
        out_ += "..";
      } else {
        LK_ASSERT(IsWritable(instant));
        AppendInstant(instant, out_);
      }
    };
    Begin(key);
    Word(window.schedule);
    out_ += ' ';
    edge(window.start, Instant::min());
    out_ += '/';
    edge(window.end, Instant::max());
    End();
    if (!window.name.empty()) Text(name_key, window.name);
  }

  std::string out_;
  const ObjectName* upgrade_ = nullptr;
};

}  // namespace

std::string FormatTrailers(const Record& record) {
  if (record.empty()) return {};
  Writer writer;
  for (const Transition& transition : record.transitions) std::visit(writer, transition);
  for (const TaskTransition& task : record.tasks) writer(task);
  return writer.Finish(record);
}

std::string RecordId(const Record& record) { return Sha256Hex(FormatTrailers(record)).substr(0, 32); }

}  // namespace lockkeeper
