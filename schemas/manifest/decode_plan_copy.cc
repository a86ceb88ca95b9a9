#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "schemas/manifest/decode.h"
#include "schemas/manifest/stage_order.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

// A manifest has a quarter of that at most, and JSON needs more quotes.
constexpr size_t kCopyBytesMax = size_t{4} << 20;

/// Takes values out of a copy. The first thing that is not as it should be is kept in `problem`; after it
/// what is read means nothing.
class CopyReader {
 public:
  const std::string& problem() const { return problem_; }
  void Fail(std::string_view name, std::string_view why) {
    if (problem_.empty()) problem_ = fmt::format("{}: {}", name, why);
  }

  /// A field of a later version may hold somebody back, so it must not be passed over.
  bool IsMapping(const json& value, std::string_view name, std::initializer_list<std::string_view> known) {
    if (!value.is_object()) {
      Fail(name, "is no mapping");
      return false;
    }
    for (const auto& [key, member] : value.items()) {
      if (std::ranges::find(known, key) == known.end()) Fail(name, "holds an unknown field");
    }
    return true;
  }

  void Text(const json& object, const char* name, std::string& target) {
    auto found = object.find(name);
    if (found == object.end()) return;
    if (!found->is_string()) return Fail(name, "is no text");
    target = found->get_ref<const std::string&>();
  }
  void Flag(const json& object, const char* name, bool& target) {
    auto found = object.find(name);
    if (found == object.end()) return;
    if (!found->is_boolean()) return Fail(name, "is neither true nor false");
    target = found->get<bool>();
  }
  void Number(const json& object, const char* name, std::optional<int>& target) {
    auto found = object.find(name);
    if (found == object.end()) return;
    auto number = NumberIn(*found);
    if (!number) return Fail(name, "is no number of clusters or releases");
    target = number;
  }
  void Duration(const json& object, const char* name, std::optional<Seconds>& target) {
    std::string text;
    Text(object, name, text);
    if (!object.contains(name)) return;
    auto duration = ParseDuration(text);
    if (!duration) return Fail(name, duration.error().message);
    target = *duration;
  }
  void Lines(const json& object, const char* name, std::vector<std::string>& target) {
    for (const json& item : List(object, name)) {
      if (!item.is_string()) return Fail(name, "holds what is no text");
      target.push_back(item.get<std::string>());
    }
  }
  void PartOf(const json& object, const char* name, Share& target) {
    auto found = object.find(name);
    if (found == object.end()) return;
    if (auto number = NumberIn(*found)) {
      target = {*number, false};
      return;
    }
    std::string text = found->is_string() ? found->get<std::string>() : std::string{};
    bool digits = text.size() >= 2 && text.size() <= 4 && text.back() == '%' &&
                  text.find_first_not_of("0123456789") == text.size() - 1;
    int percent = digits ? std::stoi(text) : 101;
    if (percent > 100) return Fail(name, "is neither a number nor a percentage");
    target = {percent, true};
  }
  /// Empty where there is none.
  const json& List(const json& object, const char* name) {
    static const json kNone = json::array();
    auto found = object.find(name);
    if (found == object.end()) return kNone;
    if (found->is_array()) return *found;
    Fail(name, "is no list");
    return kNone;
  }
  const json& Mapping(const json& object, const char* name, std::initializer_list<std::string_view> known) {
    static const json kNone = json::object();
    auto found = object.find(name);
    return found != object.end() && IsMapping(*found, name, known) ? *found : kNone;
  }

 private:
  static std::optional<int> NumberIn(const json& value) {
    constexpr int kNumberMax = 1'000'000;
    if (!value.is_number_integer() || value < 0 || value > kNumberMax) return std::nullopt;
    return value.get<int>();
  }

  std::string problem_;
};

void ReadMatchers(const json& object, ClusterMatch& match, CopyReader& read) {
  match.written = object.contains("matchers") || object.contains("clusterSelector");
  for (const json& item : read.List(object, "matchers")) {
    if (!read.IsMapping(item, "matchers", {"isEqual", "isRegex", "key", "value"})) return;
    Matcher matcher;
    read.Text(item, "key", matcher.key);
    read.Text(item, "value", matcher.value);
    read.Flag(item, "isRegex", matcher.is_regex);
    read.Flag(item, "isEqual", matcher.is_equal);
    if (matcher.key.empty() || !item.contains("value")) read.Fail("matchers", "lack a key or a value");
    match.matchers.push_back(std::move(matcher));
  }
  const json& selector = read.Mapping(object, "clusterSelector", {"matchExpressions"});
  static const std::map<std::string, SelectorOperator, std::less<>> kOperators{
      {"In", SelectorOperator::kIn},
      {"NotIn", SelectorOperator::kNotIn},
      {"Exists", SelectorOperator::kExists},
      {"DoesNotExist", SelectorOperator::kDoesNotExist}};
  for (const json& item : read.List(selector, "matchExpressions")) {
    if (!read.IsMapping(item, "matchExpressions", {"key", "operator", "values"})) return;
    SelectorRequirement requirement;
    std::string op;
    read.Text(item, "key", requirement.key);
    read.Text(item, "operator", op);
    read.Lines(item, "values", requirement.values);
    auto known = kOperators.find(op);
    if (requirement.key.empty() || known == kOperators.end())
      return read.Fail("matchExpressions", "lack a key or an operator");
    requirement.op = known->second;
    match.selector.push_back(std::move(requirement));
  }
}

PlanStage ReadStage(const json& object, CopyReader& read) {
  PlanStage stage;
  if (!read.IsMapping(object, "stages",
                      {"approval", "checklist", "clusterSelector", "dependsOn", "matchers", "maxConcurrency",
                       "maxFailures", "name", "soakTime"})) {
    return stage;
  }
  read.Text(object, "name", stage.name);
  if (stage.name.empty()) read.Fail("stages", "one has no name");
  read.Lines(object, "dependsOn", stage.depends_on);
  ReadMatchers(object, stage.match, read);
  if (object.contains("maxConcurrency"))
    read.PartOf(object, "maxConcurrency", stage.max_concurrency.emplace());
  read.PartOf(object, "maxFailures", stage.max_failures);
  std::optional<Seconds> soak_time;
  read.Duration(object, "soakTime", soak_time);
  if (soak_time) stage.soak_time = *soak_time;
  const json& approval = read.Mapping(object, "approval", {"approvers", "expiresAfter", "required"});
  read.Flag(approval, "required", stage.approval.required);
  read.Lines(approval, "approvers", stage.approval.approvers);
  read.Duration(approval, "expiresAfter", stage.approval.expires_after);
  const json& checklist = read.Mapping(object, "checklist", {"after", "before"});
  read.Lines(checklist, "before", stage.checklist_before);
  read.Lines(checklist, "after", stage.checklist_after);
  return stage;
}

/// What UpgradePlan promises of its stages.
void CheckStages(const std::vector<PlanStage>& stages, CopyReader& read) {
  if (stages.empty()) return read.Fail("stages", "there is none");
  std::set<std::string_view> names;
  for (const PlanStage& stage : stages) {
    if (!names.insert(stage.name).second) read.Fail("stages", "two have the same name");
  }
  for (const PlanStage& stage : stages) {
    for (const std::string& name : stage.depends_on) {
      if (!names.contains(name)) read.Fail("dependsOn", "names a stage that is not there");
    }
  }
  if (!FindStageLoop(stages).empty()) read.Fail("stages", "they wait for each other");
}

}  // namespace

Result<UpgradePlan> DecodeUpgradePlanCopy(const ObjectName& name, std::string_view copy) {
  auto invalid = [&](std::string_view why) {
    return Invalid(fmt::format("the copy of plan {} cannot be read: {}", name.str(), why));
  };
  if (copy.size() > kCopyBytesMax) return invalid(fmt::format("it has more than {} bytes", kCopyBytesMax));
  json spec = json::parse(copy, nullptr, false);
  if (spec.is_discarded()) return invalid("it is no JSON");
  UpgradePlan plan{.name = name, .copy = std::string{copy}, .hash = "sha256:" + Sha256Hex(copy)};
  CopyReader read;
  if (!read.IsMapping(spec, "spec", {"maxSkip", "minInterval", "mutexKeys", "stages"}))
    return invalid(read.problem());
  for (const json& stage : read.List(spec, "stages")) plan.stages.push_back(ReadStage(stage, read));
  if (spec.contains("maxSkip")) {
    const json& max_skip = read.Mapping(spec, "maxSkip", {"major", "minor"});
    plan.max_skip.emplace();
    read.Number(max_skip, "major", plan.max_skip->major);
    read.Number(max_skip, "minor", plan.max_skip->minor);
  }
  read.Lines(spec, "mutexKeys", plan.mutex_keys);
  const json& interval = read.Mapping(spec, "minInterval", {"major", "minor", "patch"});
  read.Duration(interval, "major", plan.min_interval.major);
  read.Duration(interval, "minor", plan.min_interval.minor);
  read.Duration(interval, "patch", plan.min_interval.patch);
  if (read.problem().empty()) CheckStages(plan.stages, read);
  if (!read.problem().empty()) return invalid(read.problem());
  return plan;
}

}  // namespace lockkeeper
