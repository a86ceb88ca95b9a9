#include "schemas/yaml/text_level.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/yaml/source_text.h"

namespace lockkeeper {
namespace {

bool IsBlockStyle(ScalarStyle style) {
  return style == ScalarStyle::kLiteral || style == ScalarStyle::kFolded;
}

// The place of a byte of the file that lies in `scalar`. Counted from the scalar's own mark, because a file
// may hold thousands of them.
Mark MarkInScalar(std::string_view text, const YamlNode& scalar, size_t offset) {
  size_t from = scalar.begin;
  if (IsBlockStyle(scalar.style)) from = std::min(text.find_first_not_of(" \r\n", from), scalar.end);
  if (offset <= from) return scalar.mark;
  const Mark within = LineIndex(text.substr(from, offset - from)).At(offset - from);
  if (within.line == 1) return {scalar.mark.line, scalar.mark.column + within.column - 1};
  return {scalar.mark.line + within.line - 1, within.column};
}

// What people see for a place in an embedded text is a place in their file.
Mark MarkInFile(const TextLevel& level, Mark mark) {
  if (level.outer == nullptr) return mark;
  size_t offset =
      LineIndex(level.text).LineBegin(mark.line) + static_cast<size_t>(std::max(mark.column, 1)) - 1;
  const TextLevel* at = &level;
  offset = at->table.Nearest(offset);
  for (; at->outer->outer != nullptr; at = at->outer) offset = at->outer->table.Nearest(offset);
  return MarkInScalar(at->outer->text, *at->scalar, offset);
}

std::unexpected<PathProblem> Problem(std::string_view code, std::string message, Mark mark) {
  return std::unexpected(PathProblem{std::string(code), std::move(message), mark});
}

bool IsAliased(const YamlNode& node, std::string_view anchor) {
  if (node.kind == NodeKind::kAlias) return node.value == anchor;
  auto aliased = [&](const YamlNode& child) { return IsAliased(child, anchor); };
  return std::ranges::any_of(node.keys, aliased) || std::ranges::any_of(node.children, aliased);
}

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case NodeKind::kMapping:
      return "a mapping";
    case NodeKind::kSequence:
      return "a list";
    default:
      return "a plain value";
  }
}

class PathFollower {
 public:
  PathFollower(TextLevel& file, const YamlNode& root, const FieldPath& path)
      : level_(&file), root_(&root), node_(&root), path_(path) {}

  std::expected<PathEnd, PathProblem> Follow() {
    if (auto problem = Walk()) return std::unexpected(std::move(*problem));
    return AtEnd();
  }

  std::expected<const YamlNode*, PathProblem> FollowToMapping() {
    if (auto problem = Walk()) return std::unexpected(std::move(*problem));
    if (level_->outer != nullptr)
      return Problem("embedded", fmt::format("{} is in a text inside the file", Done()), Here());
    if (!node_->is_mapping())
      return Problem("not-a-mapping", fmt::format("{} is {}, no mapping", Done(), KindName(*node_)), Here());
    return node_;
  }

 private:
  std::optional<PathProblem> Walk() {
    for (; done_ < path_.steps.size(); ++done_) {
      if (auto problem = CheckNode()) return problem;
      if (node_->is_scalar()) {
        if (auto problem = Enter()) return problem;
      }
      auto next = Step(path_.steps[done_]);
      if (!next) return std::move(next.error());
      node_ = *next;
    }
    return CheckNode();
  }

  Mark Here() const { return MarkInFile(*level_, node_->mark); }
  // The path as far as it was followed, for messages.
  std::string Done() const {
    if (done_ == 0) return "the document";
    return FormatFieldPath({{path_.steps.begin(), path_.steps.begin() + static_cast<std::ptrdiff_t>(done_)}});
  }

  // What may neither be gone through nor changed: other paths lead to the same bytes.
  std::optional<PathProblem> CheckNode() const {
    if (node_->kind == NodeKind::kAlias) {
      return PathProblem{
          "alias", fmt::format("{} is an alias; change the value at its anchor &{}", Done(), node_->value),
          Here()};
    }
    if (!node_->anchor.empty() && IsAliased(*root_, node_->anchor)) {
      return PathProblem{
          "alias",
          fmt::format("{} has the anchor &{}, and aliases of it would change along", Done(), node_->anchor),
          Here()};
    }
    return std::nullopt;
  }

  // Goes on inside the string at node_.
  std::optional<PathProblem> Enter() {
    if (node_->is_null()) {
      return PathProblem{"missing", fmt::format("{} is null, so nothing is below it", Done()), Here()};
    }
    auto& inner = level_->embedded[node_];
    if (!inner) {
      auto table = OffsetTable::Of(level_->text, *node_);
      if (!table) {
        return PathProblem{"encoded", fmt::format("the text in {} cannot be traced byte by byte", Done()),
                           Here()};
      }
      auto level = std::make_unique<TextLevel>();
      level->text = node_->value;
      level->outer = level_;
      level->scalar = node_;
      level->table = std::move(*table);
      auto stream = ParseUserYaml(level->text, kUserFileLimits);
      if (!stream) {
        return PathProblem{
            "unreadable",
            fmt::format("the text in {} cannot be read as YAML: {}", Done(), stream.error().message),
            MarkInFile(*level, stream.error().mark)};
      }
      level->stream = std::move(*stream);
      inner = std::move(level);
    }
    const auto& documents = inner->stream.documents;
    if (documents.size() > 1) {
      return PathProblem{"ambiguous",
                         fmt::format("the text in {} holds {} documents", Done(), documents.size()), Here()};
    }
    if (documents.empty() || documents[0].is_scalar()) {
      return PathProblem{"missing",
                         fmt::format("{} is a string without keys, so there is no {} below it", Done(),
                                     FormatFieldPath({{path_.steps[done_]}})),
                         Here()};
    }
    level_ = inner.get();
    root_ = node_ = &documents[0];
    return CheckNode();
  }

  std::expected<const YamlNode*, PathProblem> Step(const FieldPathStep& step) const {
    using Kind = FieldPathStep::Kind;
    if (node_->is_mapping() && step.kind == Kind::kKey) return ByKey(step.key);
    if (node_->is_mapping() && step.kind == Kind::kIndex) return ByKey(std::to_string(step.index));
    if (node_->is_sequence() && step.kind == Kind::kMatch) return ByMatch(step);
    if (node_->is_sequence() && step.kind == Kind::kIndex) {
      if (step.index < node_->children.size()) return &node_->children[step.index];
      return Problem(
          "missing",
          fmt::format("{} has {} items, none at index {}", Done(), node_->children.size(), step.index),
          Here());
    }
    return Problem(
        "missing",
        fmt::format("{} is {}, where {} leads nowhere", Done(), KindName(*node_), FormatFieldPath({{step}})),
        Here());
  }

  std::expected<const YamlNode*, PathProblem> ByKey(std::string_view key) const {
    const YamlNode* found = nullptr;
    bool merged = false;
    for (size_t i = 0; i < node_->keys.size(); ++i) {
      const YamlNode& candidate = node_->keys[i];
      if (!candidate.is_scalar()) continue;
      if (candidate.value == "<<" && candidate.style == ScalarStyle::kPlain) merged = true;
      if (candidate.value != key) continue;
      if (found != nullptr) {
        return Problem("duplicate-key", fmt::format("the key '{}' is twice in {}", key, Done()),
                       MarkInFile(*level_, candidate.mark));
      }
      found = &node_->children[i];
    }
    if (found != nullptr) return found;
    if (merged) {
      return Problem(
          "alias",
          fmt::format("the key '{}' is not in {} itself, at most behind its merge key <<", key, Done()),
          Here());
    }
    return Problem("missing", fmt::format("no key '{}' in {}", key, Done()), Here());
  }

  std::expected<const YamlNode*, PathProblem> ByMatch(const FieldPathStep& step) const {
    const YamlNode* found = nullptr;
    bool alias = false;
    for (const YamlNode& item : node_->children) {
      alias = alias || item.kind == NodeKind::kAlias;
      if (!item.is_mapping()) continue;
      int fields = 0;
      bool matches = false;
      for (size_t i = 0; i < item.keys.size(); ++i) {
        if (!item.keys[i].is_scalar() || item.keys[i].value != step.key) continue;
        ++fields;
        matches = matches || (item.children[i].is_scalar() && item.children[i].value == step.value);
      }
      if (!matches) continue;
      const Mark mark = MarkInFile(*level_, item.mark);
      if (fields > 1) {
        return Problem("duplicate-key",
                       fmt::format("the key '{}' is {} times in an item of {}", step.key, fields, Done()),
                       mark);
      }
      if (found != nullptr) {
        return Problem("ambiguous", fmt::format("two items of {} have {}: {}", Done(), step.key, step.value),
                       mark);
      }
      found = &item;
    }
    if (found != nullptr) return found;
    if (alias) {
      return Problem("alias",
                     fmt::format("no item of {} has {}: {} itself, at most one behind an alias", Done(),
                                 step.key, step.value),
                     Here());
    }
    return Problem("missing", fmt::format("no item of {} has {}: {}", Done(), step.key, step.value), Here());
  }

  // The scalar at node_, if its source bytes are its value.
  std::expected<PathEnd, PathProblem> AtEnd() const {
    if (!node_->is_scalar()) {
      const bool is_template =
          node_->begin < level_->text.size() && level_->text.substr(node_->begin).starts_with("{{");
      return Problem("not-a-scalar",
                     fmt::format("{} is {}{}", Done(), KindName(*node_), is_template ? " (a template?)" : ""),
                     Here());
    }
    if (node_->is_null() || node_->begin == std::string_view::npos) {
      return Problem("null", fmt::format("{} has no value that could be changed", Done()), Here());
    }
    if (IsBlockStyle(node_->style)) return AtBlock();
    const std::string_view source = level_->text.substr(node_->begin, node_->end - node_->begin);
    if (source.find_first_of("\r\n") != std::string_view::npos) {
      return Problem("multi-line", fmt::format("{} is written over several lines", Done()), Here());
    }
    if (source != node_->value) {
      return Problem("encoded", fmt::format("{} is written with escapes", Done()), Here());
    }
    return PathEnd{level_, node_, node_->value, node_->begin, node_->end};
  }

  // A block scalar that is one line of text.
  std::expected<PathEnd, PathProblem> AtBlock() const {
    const std::string_view value =
        std::string_view(node_->value).substr(0, node_->value.find_last_not_of('\n') + 1);
    if (value.empty() || value.contains('\n')) {
      return Problem("multi-line", fmt::format("{} is a block that is not one line of text", Done()), Here());
    }
    const auto table = OffsetTable::Of(level_->text, *node_);
    if (!table) return Problem("encoded", fmt::format("{} cannot be traced byte by byte", Done()), Here());
    const auto begin = table->SourceOf(0, value.size());
    if (!begin) return Problem("folded", fmt::format("{} is folded over several lines", Done()), Here());
    return PathEnd{level_, node_, value, *begin, *begin + value.size()};
  }

  TextLevel* level_;
  const YamlNode* root_;
  const YamlNode* node_;
  const FieldPath& path_;
  size_t done_ = 0;
};

}  // namespace

std::expected<PathEnd, PathProblem> FollowPath(TextLevel& file, const YamlNode& root, const FieldPath& path) {
  return PathFollower(file, root, path).Follow();
}

std::expected<const YamlNode*, PathProblem> FollowToMapping(TextLevel& file, const YamlNode& root,
                                                            const FieldPath& path) {
  return PathFollower(file, root, path).FollowToMapping();
}

std::expected<FilePlace, PathProblem> PlaceInFile(const PathEnd& end) {
  FilePlace place{.begin = end.begin, .end = end.end, .mark = end.node->mark};
  for (const TextLevel* level = end.level; level->outer != nullptr; level = level->outer) {
    const auto begin = level->table.SourceOf(place.begin, place.end);
    if (!begin) {
      const bool folded = level->scalar->style == ScalarStyle::kFolded;
      return Problem(folded ? "folded" : "encoded",
                     folded ? "the value is in a folded block and runs over the end of a line"
                            : "the value is in a quoted text and cannot be told from an escape there",
                     MarkInFile(*end.level, end.node->mark));
    }
    place.end = *begin + (place.end - place.begin);
    place.begin = *begin;
    ++place.embedded;
    if (level->outer->outer == nullptr)
      place.mark = MarkInScalar(level->outer->text, *level->scalar, place.begin);
  }
  return place;
}

}  // namespace lockkeeper
