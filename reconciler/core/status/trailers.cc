// The text form of a Record: SPEC 5's trailers, and what they do not say (target, message, window's name,
// override).

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "reconciler/core/status/transition.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kPrefix = "Lockkeeper-";
/// A message longer than this is no commit of ours, whatever it says.
constexpr size_t kMessageBytesMax = size_t{256} << 20;

std::string FormatWindow(const WindowRecord& window) {
  auto edge = [](Instant t) {
    return t == Instant::max() || t == Instant::min() ? std::string{".."} : FormatInstant(t);
  };
  return fmt::format("{} {}/{}", window.schedule, edge(window.start), edge(window.end));
}

/// A trailer is one line: whatever breaks lines becomes a space.
std::string OneLine(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

class Writer {
 public:
  void Line(std::string_view key, std::string_view value) {
    out_ += fmt::format("{}{}: {}\n", kPrefix, key, value);
  }

  void Write(const Transition& transition) {
    if (const auto* target = std::get_if<TargetSet>(&transition)) {
      Line("Target", fmt::format("{} {} {}", target->upgrade.str(), target->target, target->spec_hash));
    } else if (const auto* bump = std::get_if<Bumped>(&transition)) {
      if (upgrade_ != bump->upgrade) {
        Line("Upgrade", bump->upgrade.str());
        upgrade_ = bump->upgrade;
      }
      Line("Bump", fmt::format("{} {} -> {}", bump->cluster, bump->from, bump->to));
      if (bump->window) {
        Line("Window", FormatWindow(*bump->window));
        if (!bump->window->name.empty()) Line("Window-Name", OneLine(bump->window->name));
      }
      if (bump->override_) {
        Line("Override-By", OneLine(bump->override_->by));
        Line("Override-Reason", OneLine(bump->override_->reason));
      }
    } else {
      WriteState(std::get<StateChanged>(transition));
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  void WriteState(const StateChanged& change) {
    std::string value = fmt::format("{} {} {}", change.upgrade.str(), change.cluster, Name(change.state));
    if (change.outcome != Outcome::kNone) value += fmt::format(" {}", Name(change.outcome));
    if (!change.reason.empty()) value += " " + change.reason;
    if (change.until) value += " " + FormatInstant(*change.until);
    Line("Status", value);
    if (!change.message.empty()) Line("Message", OneLine(change.message));
    if (change.overran) Line("Overran", "true");
  }

  std::string out_;
  std::optional<ObjectName> upgrade_;
};

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    size_t space = text.find(' ');
    if (space > 0) words.push_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

std::optional<ObjectName> ParseObjectName(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  return ObjectName{.ns = std::string{text.substr(0, slash)}, .name = std::string{text.substr(slash + 1)}};
}

/// Reads one trailer after the other; Window, Message and the like belong to the line before them.
class Reader {
 public:
  /// False: the line makes no sense.
  bool Read(std::string_view key, std::string_view value) {
    if (key == "Upgrade") return (upgrade_ = ParseObjectName(value)).has_value();
    if (key == "Target") return ReadTarget(Words(value));
    if (key == "Bump") return ReadBump(Words(value));
    if (key == "Status") return ReadStatus(Words(value));
    if (key == "Window") return ReadWindow(Words(value));
    if (key == "Window-Name")
      return Edit<Bumped>([&](Bumped& b) {
        if (b.window) b.window->name = value;
      });
    if (key == "Override-By")
      return Edit<Bumped>([&](Bumped& b) { b.override_ = OverrideRecord{std::string{value}, ""}; });
    if (key == "Override-Reason")
      return Edit<Bumped>([&](Bumped& b) {
        if (b.override_) b.override_->reason = value;
      });
    if (key == "Message") return Edit<StateChanged>([&](StateChanged& s) { s.message = value; });
    if (key == "Overran") return Edit<StateChanged>([&](StateChanged& s) { s.overran = value == "true"; });
    if (key == "Decided-On") return record_.decided_on = value, true;
    if (key == "Decided-At") {
      auto at = ParseInstant(value);
      if (at) record_.at = *at;
      return has_instant_ = at.has_value();
    }
    return true;  // A later version's trailer.
  }

  bool complete() const { return has_instant_ || record_.transitions.empty(); }
  Record Take() { return std::move(record_); }

 private:
  template <class T, class F>
  bool Edit(F&& change) {
    if (record_.transitions.empty()) return false;
    T* last = std::get_if<T>(&record_.transitions.back());
    if (last == nullptr) return false;
    change(*last);
    return true;
  }

  bool ReadTarget(const std::vector<std::string_view>& words) {
    if (words.size() < 2 || words.size() > 3) return false;
    auto upgrade = ParseObjectName(words[0]);
    if (!upgrade) return false;
    record_.transitions.push_back(TargetSet{*upgrade, std::string{words[1]},
                                            std::string{words.size() > 2 ? words[2] : std::string_view{}}});
    return true;
  }

  bool ReadBump(const std::vector<std::string_view>& words) {
    if (words.size() != 4 || words[2] != "->" || !upgrade_) return false;
    record_.transitions.push_back(
        Bumped{*upgrade_, std::string{words[0]}, std::string{words[1]}, std::string{words[3]}, {}, {}});
    return true;
  }

  bool ReadWindow(const std::vector<std::string_view>& words) {
    if (words.size() != 2) return false;
    size_t slash = words[1].find('/');
    if (slash == std::string_view::npos) return false;
    auto edge = [](std::string_view text, Instant open) -> std::optional<Instant> {
      if (text == "..") return open;
      auto instant = ParseInstant(text);
      return instant ? std::optional{*instant} : std::nullopt;
    };
    auto start = edge(words[1].substr(0, slash), Instant::min());
    auto end = edge(words[1].substr(slash + 1), Instant::max());
    if (!start || !end) return false;
    return Edit<Bumped>([&](Bumped& b) { b.window = WindowRecord{std::string{words[0]}, "", *start, *end}; });
  }

  bool ReadStatus(const std::vector<std::string_view>& words) {
    if (words.size() < 3) return false;
    auto upgrade = ParseObjectName(words[0]);
    auto state = ParseClusterState(words[2]);
    if (!upgrade || !state) return false;
    StateChanged change{.upgrade = *upgrade, .cluster = std::string{words[1]}, .state = *state};
    size_t next = 3;
    // Only what has ended has an outcome; before that the word in its place is a gate (`rejected` is both).
    if (*state == ClusterState::kFinished) {
      if (next == words.size()) return false;
      auto outcome = ParseOutcome(words[next++]);
      if (!outcome) return false;
      change.outcome = *outcome;
    }
    if (next < words.size()) change.reason = words[next++];
    if (next < words.size()) {
      auto until = ParseInstant(words[next++]);
      if (!until) return false;
      change.until = *until;
    }
    if (next != words.size()) return false;
    record_.transitions.push_back(std::move(change));
    return true;
  }

  Record record_;
  std::optional<ObjectName> upgrade_;
  bool has_instant_ = false;
};

/// Trailers stand in the last paragraph, as `git interpret-trailers` has it.
std::string_view LastParagraph(std::string_view message) {
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.remove_suffix(1);
  size_t gap = message.rfind("\n\n");
  return gap == std::string_view::npos ? message : message.substr(gap + 2);
}

}  // namespace

std::string FormatTrailers(const Record& record) {
  Writer writer;
  for (const Transition& transition : record.transitions) writer.Write(transition);
  writer.Line("Decided-At", FormatInstant(record.at));
  writer.Line("Decided-On", record.decided_on);
  return writer.Take();
}

Result<std::optional<Record>> ParseTrailers(std::string_view message) {
  if (message.size() > kMessageBytesMax) return std::optional<Record>{};
  std::string_view rest = LastParagraph(message);
  if (rest.find(kPrefix) == std::string_view::npos) return std::optional<Record>{};
  Reader reader;
  bool any = false;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.starts_with(kPrefix)) continue;
    size_t colon = line.find(": ");
    if (colon == std::string_view::npos) return Invalid(fmt::format("trailer '{}' has no value", line));
    any = true;
    if (!reader.Read(line.substr(kPrefix.size(), colon - kPrefix.size()), line.substr(colon + 2))) {
      return Invalid(fmt::format("trailer '{}' makes no sense here", line));
    }
  }
  if (!any) return std::optional<Record>{};
  if (!reader.complete()) return Invalid("trailer Lockkeeper-Decided-At is missing");
  Record record = reader.Take();
  if (record.transitions.empty()) return std::optional<Record>{};
  return std::optional<Record>{std::move(record)};
}

}  // namespace lockkeeper
