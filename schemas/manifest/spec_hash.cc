#include "schemas/manifest/spec_hash.h"

#include <nlohmann/json.hpp>

#include "schemas/manifest/match_json.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

json SelectorOf(const ClusterMatch& match) {
  json list = json::array();
  for (const SelectorRequirement& requirement : SortedRequirements(match)) {
    list.push_back({{"key", requirement.key},
                    {"operator", static_cast<int>(requirement.op)},
                    {"values", requirement.values}});
  }
  return list;
}

json ChecksOf(const std::vector<Check>& checks) {
  json list = json::array();
  for (const Check& check : checks) list.push_back({{"type", check.type}, {"parameters", check.parameters}});
  return list;
}

json ApprovalOf(const ApprovalRule& approval) {
  json object = json::object();
  if (approval.required) object["required"] = true;
  if (!approval.approvers.empty()) object["approvers"] = approval.approvers;
  if (approval.expires_after) object["expiresAfter"] = approval.expires_after->count();
  return object;
}

json OverrideOf(const std::optional<Override>& override_) {
  if (!override_) return json::object();
  return {{"windows", override_->windows},
          {"reason", override_->reason},
          {"by", override_->by},
          {"until", FormatInstant(override_->until)}};
}

json ReminderSeconds(const std::vector<Seconds>& reminders) {
  json list = json::array();
  for (Seconds reminder : reminders) list.push_back(reminder.count());
  return list;
}

}  // namespace

std::string SpecHash(const ClusterUpgrade& upgrade) {
  json spec = json::object();
  auto put = [&](const char* name, json value) {
    if (!value.empty()) spec[name] = std::move(value);
  };
  auto put_seconds = [&](const char* name, const std::optional<Seconds>& value) {
    if (value) spec[name] = value->count();
  };
  put("matchers", MatchersJson(upgrade.match));
  put("clusterSelector", SelectorOf(upgrade.match));
  spec["releaseRef"] = {{"apiVersion", upgrade.release.api_version},
                        {"kind", upgrade.release.kind},
                        {"name", upgrade.release.name.value}};
  if (upgrade.start_time) spec["startTime"] = FormatInstant(*upgrade.start_time);
  if (upgrade.start_deadline) spec["startDeadline"] = FormatInstant(*upgrade.start_deadline);
  put_seconds("finishTimeout", upgrade.finish_timeout);
  if (upgrade.schedule) spec["maintenanceScheduleRef"] = upgrade.schedule->value.str();
  if (upgrade.plan) spec["upgradePlanRef"] = upgrade.plan->value.str();
  put_seconds("runway", upgrade.runway);
  if (upgrade.scope != UpgradeScope::kAll) spec["scope"] = static_cast<int>(upgrade.scope);
  put_seconds("noticePeriod", upgrade.notice_period);
  put("reminders", ReminderSeconds(upgrade.reminders));
  put("approval", ApprovalOf(upgrade.approval));
  if (upgrade.allow_downgrade) spec["allowDowngrade"] = true;
  if (upgrade.priority != 0) spec["priority"] = upgrade.priority;
  put("override", OverrideOf(upgrade.override_));
  if (upgrade.delivery) spec["delivery"] = static_cast<int>(upgrade.delivery->value);
  put("checksBefore", ChecksOf(upgrade.checks_before));
  put("checksAfter", ChecksOf(upgrade.checks_after));
  // Broken objects get a hash as well; replace keeps invalid UTF-8 in them from throwing.
  return "sha256:" + Sha256Hex(spec.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace lockkeeper
