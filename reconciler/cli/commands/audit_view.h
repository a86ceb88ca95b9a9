#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reconciler/cli/output/style.h"
#include "reconciler/cycle/audit.h"

namespace lockkeeper {

nlohmann::ordered_json AuditJson(const AuditResult& result);

/// What was looked at, each upgrade in a line, the violations with what to do about them, and the releases
/// that others changed.
std::string AuditText(const AuditResult& result, const std::string& branch, Instant now, const Style& style);

}  // namespace lockkeeper
