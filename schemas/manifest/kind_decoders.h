#pragma once

#include <string_view>

#include "schemas/kinds/fleet_settings.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/release.h"
#include "schemas/kinds/schedule.h"
#include "schemas/kinds/upgrade.h"
#include "schemas/manifest/field_reader.h"

namespace lockkeeper {

/// One decoder for each kind: what the schema cannot say is judged here. They decode as much as can be read;
/// whether the result may be used is the collector's errors() to tell.
FleetSettings DecodeFleet(const Place& document, FieldReader& read);
ClusterUpgrade DecodeUpgrade(const Place& document, FieldReader& read);
MaintenanceSchedule DecodeSchedule(const Place& document, FieldReader& read);

enum class ReleaseGroup { kOwn, kGiantSwarm };
Release DecodeRelease(const Place& document, ReleaseGroup group, FieldReader& read);

InventoryRule DecodeInventoryRule(const Place& place, FieldReader& read);
/// `matchers` and `clusterSelector` below `parent`.
ClusterMatch DecodeMatch(const Place& parent, FieldReader& read);
/// `checks` below `parent`.
void DecodeChecks(const Place& parent, std::vector<Check>& before, std::vector<Check>& after,
                  FieldReader& read);
void DecodeDeliveryMode(const Place& mode, Field<DeliveryMode>& target, FieldReader& read);

}  // namespace lockkeeper
