#pragma once

#include <span>
#include <string>
#include <vector>

#include "reconciler/core/audit/violation.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/status/transition.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// What one commit of a pass says that it did.
struct AuditedRecord {
  std::string commit;
  const Record* record = nullptr;
};

/// What a pass must have seen outside the repository to record what it did. It cannot be looked at again, so
/// it is believed: whoever was bumped was ready, and checks came to what is recorded of them.
Observations BelievedObservations(std::span<const AuditedRecord> pass);

/// The plan's decision about one cluster of one upgrade; null: the upgrade does not select it.
const Decision* FindDecision(const Plan& plan, const ObjectName& upgrade, std::string_view cluster);

/// Holds all records of one pass against the plan of the state they stand on, at their deciding instant:
/// bumps that it does not make, or makes elsewhere, and everything else that it did not decide. What it
/// wanted and the records lack is no violation. Gate `check` is not judged, nor are words, which other
/// versions may have put in another way.
std::vector<Violation> JudgeRecords(const FleetModel& model, const Plan& plan,
                                    std::span<const AuditedRecord> pass);

/// Whose commit it is, and when.
struct CommitIdentity {
  std::string author_name;
  std::string author_email;
  std::string committer_name;
  std::string committer_email;
  Instant time;
};

/// Date, author and committer of a commit that carries a record, by the Fleet in force.
std::vector<Violation> JudgeIdentity(const AuditedRecord& audited, const CommitIdentity& identity,
                                     const CommitSettings& expected);

/// The upgrade that all transitions belong to, the cluster likewise; empty where there are several.
Violation About(const AuditedRecord& audited, AuditCode code, std::string message);

}  // namespace lockkeeper
