#include "schemas/manifest/schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "schemas/manifest/core_json.h"
#include "schemas/manifest/schema_judge.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

constexpr size_t kFieldsListedMax = 12;

/// Follows `$ref` within the schema file. Ours are never longer than one step from a definition to another.
const json& Resolve(const json& root, const json& schema) {
  const json* at = &schema;
  for (int i = 0; i < 8 && at->is_object() && at->contains("$ref"); ++i) {
    at = &root.at(json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
  }
  return *at;
}

const json& Empty() {
  static const json kEmpty = json::object();
  return kEmpty;
}

const json& Member(const json& schema, const char* name) {
  return schema.is_object() && schema.contains(name) ? schema.at(name) : Empty();
}

/// A value of the document and the part of the schema that it must fit.
struct Judged {
  Place place;
  const json* schema;
  bool required = false;  ///< by the mapping that it is in
};

std::vector<std::string> Names(const json& list) {
  std::vector<std::string> names;
  for (const json& name : list) {
    if (name.is_string() && !name.get_ref<const std::string&>().empty())
      names.push_back(name.get<std::string>());
  }
  return names;
}

Judged Step(const json& root, const Judged& from, const std::string& step) {
  if (from.place.is_sequence()) {
    size_t index = 0;
    auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (error == std::errc{} && end == step.data() + step.size()) {
      return {from.place.Item(index), &Resolve(root, Member(*from.schema, "items"))};
    }
  }
  const json& properties = Member(*from.schema, "properties");
  const json& schema =
      properties.contains(step) ? properties.at(step) : Member(*from.schema, "additionalProperties");
  std::vector<std::string> required = Names(Member(*from.schema, "required"));
  return {from.place[step], &Resolve(root, schema), std::ranges::find(required, step) != required.end()};
}

std::vector<std::string> FieldNames(const json& schema) {
  std::vector<std::string> names;
  for (const auto& [name, value] : Member(schema, "properties").items()) names.push_back(name);
  return names;
}

std::string_view TypeName(std::string_view type) {
  if (type == "object") return "a mapping";
  if (type == "array") return "a list";
  if (type == "integer") return "a whole number";
  if (type == "boolean") return "true or false";
  return type == "number" ? "a number" : "text";
}

std::string WrongType(const Place& place, const json& schema) {
  const json& type = Member(schema, "type");
  std::string wanted{TypeName(type.is_string() ? type.get_ref<const std::string&>() : "string")};
  if (type.is_array() && type[0] == "integer")
    wanted = fmt::format("a whole number, or text such as {}", schema["examples"][0].dump());
  CoreType got = CoreTypeOf(place.node());
  const std::string& text = place.node().value;
  if (got == CoreType::kNull) return fmt::format("is empty; it must be {}, or be left out", wanted);
  if (got == CoreType::kList || got == CoreType::kMapping) {
    return fmt::format("must be {}, not {}", wanted, CoreTypeName(got));
  }
  if (wanted == "text" && schema.contains("pattern") && schema.contains("examples")) {
    return fmt::format("must be text such as {}, but {} is {}", schema["examples"][0].dump(), Quoted(text),
                       CoreTypeName(got));
  }
  if (wanted == "text") {
    return fmt::format("must be text, but {} is {}; write it in quotes", Quoted(text), CoreTypeName(got));
  }
  if (got == CoreType::kText) {
    YamlNode unquoted = place.node();
    unquoted.style = ScalarStyle::kPlain;
    unquoted.tag = {};
    bool fits = CoreTypeName(CoreTypeOf(unquoted)) == wanted && place.node().style != ScalarStyle::kPlain;
    return fmt::format("must be {}, but {} is text{}", wanted, Quoted(text),
                       fits ? "; remove the quotes" : "");
  }
  return fmt::format("must be {}, but {} is {}", wanted, Quoted(text), CoreTypeName(got));
}

std::string NotInEnum(const Place& place, const json& schema) {
  std::vector<std::string> allowed = Names(Member(schema, "enum"));
  const std::string& text = place.node().value;
  if (allowed.size() == 1) return fmt::format("{} is not {}", Quoted(text), allowed.front());
  return fmt::format("{} is none of {}{}", Quoted(text), Listed(allowed), DidYouMean(text, allowed));
}

std::string OutOfRange(const Place& place, const json& schema) {
  return fmt::format("{} is out of range; it must be from {} to {}", Quoted(place.node().value),
                     Member(schema, "minimum").dump(), Member(schema, "maximum").dump());
}

/// `endTime or duration`; `profile, or cluster and refs`
std::string Alternatives(const json& branches) {
  std::vector<std::string> all;
  bool simple = true;
  for (const json& branch : branches) {
    std::vector<std::string> names = Names(Member(branch, "required"));
    simple = simple && names.size() == 1;
    all.push_back(fmt::format("{}", fmt::join(names, " and ")));
  }
  return fmt::format("{}", fmt::join(all, simple ? " or " : ", or "));
}

class Translator {
 public:
  Translator(const json& schema, const Place& document, Collector& findings)
      : schema_(schema), document_(document), findings_(findings) {}

  void Translate(const SchemaVerdict& verdict) {
    const std::string& words = verdict.description;
    bool none_fits =
        words.ends_with("allowed by anyOf constraint.") || words.ends_with("allowed by oneOf constraint.");
    bool several_fit = words == "Failed to validate against exactly one child schema.";
    // The library repeats every failure at each parent.
    if (words.starts_with("Failed to validate ") && !none_fits && !several_fit) return;
    Judged at{document_, &Resolve(schema_, schema_)};
    for (const std::string& step : verdict.steps) at = Step(schema_, at, step);
    if (!at.place.exists()) at = {document_, &schema_};
    if (none_fits || several_fit)
      return Choose(at, several_fit || words.ends_with("oneOf constraint.") ? "oneOf" : "anyOf", several_fit);
    if (words.starts_with("Missing dependency ")) return Dependent(at);
    if (words.starts_with("Missing required property ")) return Missing(at, words);
    if (words.starts_with("Object contains a property ")) return Unknown(at);
    Value(at, words);
  }

  size_t patterns() const { return patterns_.size(); }
  std::vector<PatternFinding> TakePatterns() { return std::move(patterns_); }

 private:
  Mark MarkOf(const Place& place) const { return place.path().empty() ? place.mark() : place.key_mark(); }

  void Choose(const Judged& at, const char* constraint, bool several_fit) {
    findings_.MarkFaulty(at.place);
    const json& branches = Member(*at.schema, constraint);
    if (several_fit) {
      findings_.ErrorAt(MarkOf(at.place), at.place.path(), "conflicting-fields",
                        fmt::format("only one may be given: {}", Alternatives(branches)));
    } else {
      std::string names = Alternatives(branches);
      const char* hint = names.starts_with("matchers ") ? "; 'matchers: []' is every cluster" : "";
      findings_.ErrorAt(MarkOf(at.place), at.place.path(), "missing-field",
                        fmt::format("needs {}{}", names, hint));
    }
  }

  /// A field that may only stand beside another one.
  void Dependent(const Judged& at) {
    for (const auto& [name, needed] : Member(*at.schema, "dependencies").items()) {
      Place field = at.place[name];
      if (!field.exists() || findings_.IsFaulty(field)) continue;
      for (const std::string& other : Names(needed)) {
        if (!at.place[other].exists())
          findings_.ErrorAtKey(field, "missing-field", fmt::format("needs {} beside it", other));
      }
    }
  }

  void Missing(const Judged& at, const std::string& words) {
    size_t begin = words.find('\'') + 1;
    std::string name = words.substr(begin, words.rfind('\'') - begin);
    // Not in the list: a branch of anyOf or oneOf that was tried; Choose reports those together.
    std::vector<std::string> required = Names(Member(*at.schema, "required"));
    if (std::ranges::find(required, name) == required.end()) return;
    findings_.MarkFaulty(at.place);
    findings_.ErrorAt(MarkOf(at.place), ChildPath(at.place.path(), name), "missing-field", "is missing");
  }

  void Unknown(const Judged& at) {
    const json& properties = Member(*at.schema, "properties");
    std::vector<std::string> known = FieldNames(*at.schema);
    for (const auto& [name, child] : at.place.Members()) {
      if (properties.contains(name) || !IsPrintable(name)) continue;
      std::string hint = DidYouMean(name, known);
      if (hint.empty() && known.size() <= kFieldsListedMax) hint = "; known here: " + Listed(known);
      findings_.ErrorAtKey(child, "unknown-field", "unknown field" + hint);
    }
  }

  void Value(const Judged& at, const std::string& words) {
    if (findings_.IsFaulty(at.place)) return;
    if (words.starts_with("Value type not permitted")) {
      findings_.Error(at.place, "wrong-type", WrongType(at.place, *at.schema));
    } else if (words.starts_with("Failed to match against any enum")) {
      findings_.Error(at.place, "bad-value", NotInEnum(at.place, *at.schema));
    } else if (words.starts_with("Expected number ")) {
      findings_.Error(at.place, "out-of-range", OutOfRange(at.place, *at.schema));
    } else if (words.starts_with("Array should contain no fewer ")) {
      findings_.Error(
          at.place, "empty",
          fmt::format("must not be an empty list{}", at.required ? "" : "; leave it out instead"));
    } else if (words.starts_with("Array should contain no more ")) {
      findings_.Error(at.place, "too-large",
                      fmt::format("has {} items; at most {} are allowed", at.place.node().children.size(),
                                  Member(*at.schema, "maxItems").dump()));
    } else if (words.starts_with("String should be no fewer ") && at.place.node().value.empty()) {
      findings_.Error(at.place, "empty", "must not be empty");
    } else if (words.starts_with("String should be ") || words.starts_with("Failed to match regex ")) {
      std::string example =
          Member(*at.schema, "examples").empty() ? "" : Member(*at.schema, "examples")[0].dump();
      patterns_.push_back(
          {at.place, fmt::format("{} does not have the right form{}", Quoted(at.place.node().value),
                                 example.empty() ? "" : ", such as " + example)});
    } else {
      findings_.Error(at.place, "schema", "does not fit the schema: " + words);
    }
  }

  const json& schema_;
  const Place& document_;
  Collector& findings_;
  std::vector<PatternFinding> patterns_;
};

}  // namespace

std::vector<PatternFinding> CheckSchema(std::string_view kind, const Place& document, Collector& findings) {
  std::vector<SchemaVerdict> verdicts = JudgeBySchema(kind, ToJson(document.node(), LongText::kCut));
  size_t errors_before = findings.errors();
  Translator translator(ParsedSchema(kind), document, findings);
  // A value of the wrong type fails most other rules as well: those verdicts come first, and silence the
  // others.
  for (bool about_types : {true, false}) {
    for (const SchemaVerdict& verdict : verdicts) {
      if (verdict.description.starts_with("Value type not permitted") != about_types) continue;
      // Each costs a walk from the root, and nobody reads more.
      if (findings.errors() - errors_before + translator.patterns() > kFindingsMax) break;
      translator.Translate(verdict);
    }
  }
  std::vector<PatternFinding> patterns = translator.TakePatterns();
  if (!verdicts.empty() && patterns.empty() && findings.errors() == 0) {
    findings.ErrorAt(document.mark(), "", "schema",
                     "does not fit the schema: " + verdicts.front().description);
  }
  return patterns;
}

}  // namespace lockkeeper
