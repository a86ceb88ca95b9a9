#pragma once

#include <string_view>

#include "schemas/kinds/approval.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/kinds/lock.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/policy.h"
#include "schemas/kinds/release.h"
#include "schemas/kinds/schedule.h"
#include "schemas/kinds/task.h"
#include "schemas/kinds/upgrade.h"
#include "schemas/kinds/upgrade_plan.h"
#include "schemas/manifest/field_reader.h"

namespace lockkeeper {

/// One decoder for each kind: what the schema cannot say is judged here. They decode as much as can be read;
/// whether the result may be used is the collector's errors() to tell.
FleetSettings DecodeFleet(const Place& document, FieldReader& read);
ClusterUpgrade DecodeUpgrade(const Place& document, FieldReader& read);
MaintenanceSchedule DecodeSchedule(const Place& document, FieldReader& read);

enum class ReleaseGroup { kOwn, kGiantSwarm };
Release DecodeRelease(const Place& document, ReleaseGroup group, FieldReader& read);

UpgradePlan DecodePlan(const Place& document, FieldReader& read);
UpgradePolicy DecodePolicy(const Place& document, FieldReader& read);
ClusterLock DecodeLock(const Place& document, FieldReader& read);
UpgradeApproval DecodeApproval(const Place& document, FieldReader& read);
MaintenanceTask DecodeTask(const Place& document, FieldReader& read);

InventoryRule DecodeInventoryRule(const Place& place, FieldReader& read);
/// `matchers` and `clusterSelector` below `parent`.
ClusterMatch DecodeMatch(const Place& parent, FieldReader& read);
/// `checks` below `parent`.
void DecodeChecks(const Place& parent, std::vector<Check>& before, std::vector<Check>& after,
                  FieldReader& read);
void DecodeDeliveryMode(const Place& mode, Field<DeliveryMode>& target, FieldReader& read);
/// Everything of an upgrade's spec but which clusters go where: what a policy's `template` may hold.
void DecodeTerms(const Place& spec, ClusterUpgrade& upgrade, FieldReader& read);
void DecodeApprovalRule(const Place& place, ApprovalRule& target, FieldReader& read);
void DecodeMaxSkip(const Place& place, MaxSkip& target, FieldReader& read);
void DecodeScopes(const Place& list, ChangeScopes& target, FieldReader& read);
/// With or without an offset.
void DecodeTime(const Place& place, Field<WrittenTime>& target, FieldReader& read);
/// A stage's name: a line of at most kLabelBytesMax letters, digits and inner '-', '_' and '.', as in a
/// label's value, since it stands in branches, trailers and files' names.
void DecodeStageName(const Place& place, std::string& target, FieldReader& read);
/// Reports `bad-regex` where the text is no RE2, or one whose program is too large.
void CheckPattern(const Place& place, const std::string& pattern, FieldReader& read);

}  // namespace lockkeeper
