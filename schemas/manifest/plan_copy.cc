#include "schemas/manifest/plan_copy.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "schemas/manifest/match_json.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

void Put(json& object, const char* name, json value) {
  if (!value.empty()) object[name] = std::move(value);
}

void PutDuration(json& object, const char* name, const std::optional<Seconds>& value) {
  if (value) object[name] = FormatDuration(*value);
}

json ShareJson(const Share& share) {
  if (share.percent) return std::to_string(share.value) + "%";
  return share.value;
}

json SelectorJson(const ClusterMatch& match) {
  static constexpr std::array<const char*, 4> kOperators{"In", "NotIn", "Exists", "DoesNotExist"};
  json list = json::array();
  for (const SelectorRequirement& requirement : SortedRequirements(match)) {
    json item{{"key", requirement.key}, {"operator", kOperators.at(static_cast<size_t>(requirement.op))}};
    Put(item, "values", requirement.values);
    list.push_back(std::move(item));
  }
  return {{"matchExpressions", std::move(list)}};
}

void PutMatch(json& object, const ClusterMatch& match) {
  if (!match.selector.empty()) object["clusterSelector"] = SelectorJson(match);
  // An empty list has a meaning, every cluster, and one of the two is always written.
  if (!match.matchers.empty() || (match.written && match.selector.empty()))
    object["matchers"] = MatchersJson(match);
}

json ApprovalJson(const ApprovalRule& approval) {
  json object = json::object();
  if (approval.required) object["required"] = true;
  Put(object, "approvers", approval.approvers);
  PutDuration(object, "expiresAfter", approval.expires_after);
  return object;
}

json StageJson(const PlanStage& stage) {
  json object{{"name", stage.name}, {"dependsOn", stage.depends_on}};
  PutMatch(object, stage.match);
  if (stage.max_concurrency) object["maxConcurrency"] = ShareJson(*stage.max_concurrency);
  if (stage.max_failures != Share{}) object["maxFailures"] = ShareJson(stage.max_failures);
  if (stage.soak_time > Seconds{0}) object["soakTime"] = FormatDuration(stage.soak_time);
  Put(object, "approval", ApprovalJson(stage.approval));
  json checklist = json::object();
  Put(checklist, "before", stage.checklist_before);
  Put(checklist, "after", stage.checklist_after);
  Put(object, "checklist", std::move(checklist));
  return object;
}

}  // namespace

std::string PlanCopy(const UpgradePlan& plan) {
  json spec = json::object();
  json stages = json::array();
  for (const PlanStage& stage : plan.stages) stages.push_back(StageJson(stage));
  spec["stages"] = std::move(stages);
  if (plan.max_skip) {
    // Also an empty one: it takes the inventory rule's limit away.
    json& max_skip = spec["maxSkip"] = json::object();
    if (plan.max_skip->major) max_skip["major"] = *plan.max_skip->major;
    if (plan.max_skip->minor) max_skip["minor"] = *plan.max_skip->minor;
  }
  Put(spec, "mutexKeys", plan.mutex_keys);
  json interval = json::object();
  PutDuration(interval, "major", plan.min_interval.major);
  PutDuration(interval, "minor", plan.min_interval.minor);
  PutDuration(interval, "patch", plan.min_interval.patch);
  Put(spec, "minInterval", std::move(interval));
  // Of a broken plan there is a copy as well, and its texts may be no UTF-8.
  return spec.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace lockkeeper
