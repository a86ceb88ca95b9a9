#include "schemas/inventory/ref_search.h"

#include <fmt/format.h>

#include "schemas/inventory/document_reader.h"
#include "schemas/inventory/ref_value.h"

namespace lockkeeper {
namespace {

/// Elements that a step `[*]` looks at; more make the ref a problem rather than a long list.
constexpr size_t kElementsMax = 1000;

void Refuse(Ref& ref, std::string_view code, std::string message) {
  ref.problem_code = code;
  ref.problem = std::move(message);
}

// SPEC's words for why Locate gave nothing. Where the way ends in a scalar, that says more than the path
// does.
void RefusePath(const PathProblem& problem, const DocumentReader::Place& place, Ref& ref) {
  std::string_view last;
  if (place.last != nullptr && place.last->is_scalar()) last = place.last->value;
  if (place.node == nullptr && IsEncrypted(last)) {
    return Refuse(ref, "encrypted", fmt::format("what {} leads to is encrypted (SOPS)", ref.path));
  }
  if (place.node == nullptr && IsTemplated(last)) {
    return Refuse(ref, "templated",
                  fmt::format("what {} leads to is filled in by another program", ref.path));
  }
  std::string_view code = problem.code;
  if (code == "null") code = "missing";
  bool known = code == "missing" || code == "alias" || code == "duplicate-key" || code == "unreadable";
  Refuse(ref, known ? code : "unparsable", problem.message);
}

// A path that the tool prefers to the ref's own, so that the ref does not decide what is deployed.
bool RefuseFloating(const DocumentView& document, const CompiledRef& rule, Ref& ref) {
  for (const auto& [written, path] : rule.floating) {
    DocumentReader::Place place = document.reader->Find(path);
    if (place.node == nullptr || !place.node->is_scalar() || place.node->is_null()) continue;
    bool pinned = place.node->value.starts_with("sha256:") || path.steps.back().key == "commit";
    if (ref.value.empty()) {
      ref.value = place.node->value;
      ref.mark = place.mark;
    }
    Refuse(ref, pinned ? "unparsable" : "floating",
           fmt::format("{} is '{}' and takes precedence over {}; {}", written, place.node->value, ref.path,
                       pinned ? "a digest or commit is no release" : "remove it and pin a release"));
    ref.format = rule.written_format;
    return true;
  }
  return false;
}

void Expand(const DocumentReader& reader, const FieldPath& path, std::vector<FieldPath>& paths) {
  size_t star = 0;
  while (star < path.steps.size() &&
         !(path.steps[star].kind == FieldPathStep::Kind::kKey && path.steps[star].key == "*")) {
    ++star;
  }
  if (star == path.steps.size()) {
    if (paths.size() < kElementsMax) paths.push_back(path);
    return;
  }
  DocumentReader::Place place = reader.Find(path, star);
  if (place.node == nullptr || !place.node->is_sequence()) return;
  for (size_t i = 0; i < place.node->children.size() && paths.size() < kElementsMax; ++i) {
    FieldPath concrete = path;
    concrete.steps[star] = {FieldPathStep::Kind::kIndex, {}, {}, i};
    Expand(reader, concrete, paths);
  }
}

std::vector<Ref> FindInElements(const DocumentView& document, const CompiledRef& rule) {
  std::vector<FieldPath> paths;
  Expand(*document.reader, rule.path, paths);
  std::vector<Ref> found;
  for (const FieldPath& path : paths) {
    Ref ref = ReadRef(document, rule, path, document.texts->Share(FormatFieldPath(path)));
    if (ref.problem_code == "missing") continue;
    // The format's literal text tells which elements are meant: `?ref=` among the resources of a
    // kustomization.
    if (ref.problem_code.empty() || rule.format.Find(ref.value)) found.push_back(std::move(ref));
  }
  if (found.size() <= 1 || rule.rule.repeated) return found;
  std::vector<Ref> one;
  one.push_back(AmbiguousRef(found, rule));
  return one;
}

}  // namespace

Ref MissingRef(SharedText file, int document, Mark mark, const CompiledRef& rule, std::string message) {
  Ref ref;
  ref.file = std::move(file);
  ref.document = document;
  ref.path = rule.path_text;
  ref.mark = mark;
  ref.format = rule.written_format;
  ref.role = rule.rule.role;
  Refuse(ref, "missing", std::move(message));
  return ref;
}

Ref AmbiguousRef(const std::vector<Ref>& found, const CompiledRef& rule) {
  Ref ref = found.front();
  ref.version.clear();
  ref.path = rule.path_text;
  ref.format = rule.written_format;
  Refuse(ref, "unparsable",
         fmt::format("{} places match ({}:{}, {}:{}{}); say in refs: which one is meant", found.size(),
                     found[0].file, found[0].mark.line, found[1].file, found[1].mark.line,
                     found.size() > 2 ? ", ..." : ""));
  return ref;
}

Ref ReadRef(const DocumentView& document, const CompiledRef& rule, const FieldPath& path,
            SharedText path_text) {
  Ref ref;
  ref.file = document.file;
  ref.document = document.document;
  ref.path = std::move(path_text);
  ref.role = rule.rule.role;
  auto target = Locate(document.text, document.reader->root(), path);
  if (target) {
    ref.mark = target->mark;
    ref.value = std::move(target->value);
    if (RefuseFloating(document, rule, ref)) return ref;
    JudgeRefValue(rule.format, rule.rule.format.value, *document.texts, ref);
    return ref;
  }
  if (RefuseFloating(document, rule, ref)) return ref;
  DocumentReader::Place place = document.reader->Find(path);
  ref.mark = target.error().mark == Mark{} ? place.mark : target.error().mark;
  if (place.node != nullptr && place.node->is_scalar()) ref.value = place.node->value;
  ref.format = rule.written_format;
  RefusePath(target.error(), place, ref);
  return ref;
}

std::vector<Ref> FindRefs(const DocumentView& document, const CompiledRef& rule) {
  std::vector<Ref> found;
  if (rule.has_wildcard) {
    found = FindInElements(document, rule);
    if (found.empty() && !rule.rule.optional) {
      found.push_back(MissingRef(document.file, document.document, document.reader->root().mark, rule,
                                 fmt::format("no element of {} holds a release", rule.rule.path.value)));
    }
    return found;
  }
  Ref ref = ReadRef(document, rule, rule.path, rule.path_text);
  if (ref.problem_code != "missing" || !rule.rule.optional) found.push_back(std::move(ref));
  return found;
}

}  // namespace lockkeeper
