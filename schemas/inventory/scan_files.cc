#include "schemas/inventory/scan_files.h"

#include <fmt/format.h>

namespace lockkeeper {
namespace {

FileScan UnreadableScan(const ScanJob& job, std::string_view why) {
  FileScan scan;
  scan.joins = job.request.joins;
  scan.broken_joins = job.request.joins;
  if (!job.request.rules.empty()) {
    scan.diagnostics.push_back(
        {job.file->path,
         {},
         Severity::kError,
         "unreadable",
         fmt::format("the file cannot be read, so its clusters are not known: {}", why)});
  }
  return scan;
}

}  // namespace

Result<void> ScanFiles(const std::vector<CompiledRule>& rules, const std::vector<ScanJob>& jobs,
                       const ReadBlob& read, TextPool& texts, const ScanSink& sink) {
  for (const ScanJob& job : jobs) {
    auto text = read(*job.file);
    if (text) {
      ScanRequest request = Narrow(rules, job.request, *text);
      if (!request.empty()) sink(job, ScanFile(rules, request, job.file->path, *text, texts));
    } else if (text.error().kind == ErrorKind::kInvalid || text.error().kind == ErrorKind::kNotFound) {
      sink(job, UnreadableScan(job, text.error().message));
    } else {
      return std::unexpected(text.error());
    }
  }
  return {};
}

}  // namespace lockkeeper
