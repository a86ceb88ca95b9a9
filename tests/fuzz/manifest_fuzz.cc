// Any bytes decode to values or to findings that people and programs can read.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "schemas/assert.h"
#include "schemas/manifest/collector.h"
#include "schemas/manifest/decode.h"
#include "schemas/manifest/findings.h"
#include "schemas/manifest/words.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  DecodedFile file = DecodeManifests("fuzz.yaml", {reinterpret_cast<const char*>(data), size});
  LK_ASSERT(file.diagnostics.size() <= kFindingsMax + 1);
  bool has_error = false;
  for (const Diagnostic& finding : file.diagnostics) {
    LK_ASSERT(finding.mark.line > 0 && finding.mark.column > 0);
    LK_ASSERT(!finding.code.empty() && !finding.message.empty());
    LK_ASSERT(IsPrintable(finding.message));
    has_error = has_error || finding.severity == Severity::kError;
  }
  // An object is in `broken` exactly when there is an error to explain it.
  LK_ASSERT(has_error == !file.broken.empty());
  for (const BrokenObject& broken : file.broken) LK_ASSERT(!broken.message.empty());
  for (const ClusterUpgrade& upgrade : file.upgrades) {
    LK_ASSERT(!upgrade.name.name.empty() && !upgrade.release.name.value.empty());
  }
  for (const UpgradePlan& plan : file.plans) {
    // What is frozen into a status says the same again.
    auto read = DecodeUpgradePlanCopy(plan.name, plan.copy);
    LK_ASSERT(read.has_value() && read->hash == plan.hash && read->stages.size() == plan.stages.size());
  }
  for (const ClusterLock& lock : file.locks) {
    LK_ASSERT(lock.match.written && !lock.reason.empty() && IsWritable(lock.expires_at));
    LK_ASSERT(!lock.start || *lock.start < lock.expires_at);
  }
  for (const UpgradeApproval& approval : file.approvals) {
    LK_ASSERT(!approval.upgrade.value.name.empty() && !approval.to_release.empty() && !approval.by.empty());
  }
  for (const Release& release : file.releases) LK_ASSERT(!release.name.empty());
  LK_ASSERT(std::ranges::count(FindingsJson(file.diagnostics), '\0') == 0);
  LK_ASSERT(!FindingsSarif(file.diagnostics, "1").empty());
  return 0;
}
