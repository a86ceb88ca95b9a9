#include "gitops/edit/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gitops/edit/scalar_text.h"
#include "gitops/edit/verify.h"
#include "schemas/assert.h"
#include "schemas/yaml/json_text.h"
#include "schemas/yaml/source_text.h"

namespace lockkeeper {
namespace {

std::string At(Mark mark, std::string_view path, std::string_view what) {
  return fmt::format("{}:{}: {}: {}", mark.line, mark.column, path, what);
}

// What no scalar of one line can hold.
std::optional<std::string> ProblemOfValue(std::string_view value) {
  for (std::string_view line_break : {"\n", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    if (value.contains(line_break))
      return "the new value has a line break; only values of one line can be set";
  }
  if (auto error = CheckYamlText(value, kUserFileLimits)) return "the new value: " + error->message;
  if (value.starts_with(kByteOrderMark)) return "the new value begins with a byte order mark";
  return std::nullopt;
}

// Values that some other program makes, or that are sealed.
std::optional<std::string> ProblemOfOldValue(std::string_view value) {
  for (std::string_view opening : {"{{", "${"}) {
    if (value.contains(opening)) return fmt::format("holds a template ({}); change what fills it in", value);
  }
  if (value.starts_with("ENC[")) return "is encrypted by SOPS; change it with sops";
  return std::nullopt;
}

class Editor {
 public:
  explicit Editor(std::string_view text) { file_.text = text; }

  Result<std::string> Run(const std::vector<ScalarEdit>& edits) {
    auto parsed = ParseUserYaml(file_.text, kUserFileLimits);
    if (!parsed) {
      const YamlError& error = parsed.error();
      return Invalid(fmt::format("{}:{}: {}", error.mark.line, error.mark.column, error.message));
    }
    file_.stream = std::move(*parsed);
    for (const ScalarEdit& edit : edits) {
      if (auto planned = Plan(edit); !planned) return std::unexpected(std::move(planned.error()));
    }
    if (changes_.empty()) return std::string(file_.text);
    for (auto& [level, change] : changes_) {
      if (auto applied = Apply(*level, change); !applied) return std::unexpected(std::move(applied.error()));
    }
    if (auto problem = FindUnplannedChange(file_, changes_)) {
      return Invalid("the edit is not made, because the result cannot be verified: " + *problem);
    }
    return std::move(changes_.at(&file_).text);
  }

 private:
  Result<void> Plan(const ScalarEdit& edit) {
    auto path = ParseFieldPath(edit.path);
    if (!path) return std::unexpected(std::move(path.error()));
    const auto& documents = file_.stream.documents;
    if (edit.document < 0 || static_cast<size_t>(edit.document) >= documents.size()) {
      return Invalid(fmt::format("there is no document {}; the text has {}, counted from 0", edit.document,
                                 documents.size()));
    }
    auto end = FollowPath(file_, documents[static_cast<size_t>(edit.document)], *path);
    if (!end) return Refusal(edit, end.error());
    auto place = PlaceInFile(*end);
    if (!place) return Refusal(edit, place.error());
    if (edit.expected != nullptr && *edit.expected != end->value && *edit.expected != end->node->value) {
      return Fail(ErrorKind::kConflict,
                  At(place->mark, edit.path,
                     fmt::format("is '{}' now, no longer '{}'; read the file and decide again", end->value,
                                 *edit.expected)));
    }
    if (auto problem = ProblemOfOldValue(end->value)) return Invalid(At(place->mark, edit.path, *problem));
    return PlanValue(edit, *end, place->mark);
  }

  static std::unexpected<Error> Refusal(const ScalarEdit& edit, const PathProblem& problem) {
    // What was seen there and is gone has been changed by somebody.
    const bool moved = edit.expected != nullptr && problem.code == "missing";
    return Fail(moved ? ErrorKind::kConflict : ErrorKind::kInvalid,
                At(problem.mark, edit.path, problem.message));
  }

  Result<void> PlanValue(const ScalarEdit& edit, const PathEnd& end, Mark mark) {
    std::string_view value = edit.value;
    // The line break at the end of a block scalar is not in the bytes that are set.
    const std::string_view line_ends = std::string_view(end.node->value).substr(end.value.size());
    if (value.ends_with(line_ends)) value.remove_suffix(line_ends.size());
    if (value == end.value) return {};
    if (auto problem = ProblemOfValue(value)) return Invalid(At(mark, edit.path, *problem));
    auto text = WriteScalar(end, value, AroundOf(*end.level));
    if (!text) return Invalid(At(mark, edit.path, text.error().message));
    changes_[end.level].leaves[end.node] = std::move(text->leaf);
    AddSplices(*end.level, {end.begin, end.end, std::move(text->bytes)});
    return {};
  }

  Around AroundOf(const TextLevel& level) {
    auto [known, added] = around_.try_emplace(&level, Around::kYaml);
    if (added && IsJsonDocument(level.text)) known->second = Around::kJson;
    return known->second;
  }

  // The same change in the text at hand and in every text around it. PlaceInFile has found the way.
  void AddSplices(const TextLevel& innermost, Splice splice) {
    for (const TextLevel* level = &innermost;; level = level->outer) {
      changes_[level].splices.push_back(splice);
      if (level->outer == nullptr) return;
      changes_[level->outer].embedded[level->scalar] = level;
      const auto begin = level->table.SourceOf(splice.begin, splice.end);
      LK_ASSERT(begin.has_value());
      splice = {*begin, *begin + (splice.end - splice.begin), EscapeFor(level->scalar->style, splice.bytes)};
    }
  }

  static Result<void> Apply(const TextLevel& level, TextChange& change) {
    std::ranges::sort(change.splices, {}, &Splice::begin);
    size_t done = 0;
    for (const Splice& splice : change.splices) {
      if (splice.begin < done) return Invalid("two edits change the same value");
      change.text += level.text.substr(done, splice.begin - done);
      change.text += splice.bytes;
      done = splice.end;
    }
    change.text += level.text.substr(done);
    return {};
  }

  TextLevel file_;
  TextChanges changes_;
  std::map<const TextLevel*, Around> around_;
};

}  // namespace

Result<std::string> SetScalars(std::string_view text, const std::vector<ScalarEdit>& edits) {
  return Editor(text).Run(edits);
}

}  // namespace lockkeeper
