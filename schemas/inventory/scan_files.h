#pragma once

#include <functional>
#include <vector>

#include "schemas/inventory/file_scan.h"
#include "schemas/inventory/inventory.h"

namespace lockkeeper {

struct ScanJob {
  const TreeFile* file = nullptr;  ///< outlives the scan
  ScanRequest request;
};

/// Takes a job's result, in the order of the jobs. Not called where the bytes show that there is nothing to
/// find.
using ScanSink = std::function<void(const ScanJob&, FileScan&&)>;

/// Reads every file once. A blob that cannot be had for good (kInvalid, kNotFound) makes its file unreadable;
/// any other error ends the call.
Result<void> ScanFiles(const std::vector<CompiledRule>& rules, const std::vector<ScanJob>& jobs,
                       const ReadBlob& read, TextPool& texts, const ScanSink& sink);

}  // namespace lockkeeper
