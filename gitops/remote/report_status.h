#pragma once

#include <string>
#include <string_view>

#include "gitops/remote/git_service.h"
#include "gitops/remote/pkt_line.h"
#include "gitops/remote/side_band.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Reads what git-receive-pack reports about a push of one ref (gitprotocol-pack, report-status): whether the
/// pack was taken, and whether the ref was moved.
class ReportReader : public AnswerReader {
 public:
  enum class Banded { kNo, kYes };
  ReportReader(std::string ref, Banded banded) : ref_(std::move(ref)), banded_(banded) {}

  /// kTransient: it is no report, one of another ref, or none after all.
  Result<Wants> Take(std::string_view bytes) override;

  /// Of the whole report. kConflict: the ref is elsewhere. kDenied: a hook or rule refused, in the server's
  /// words. kTransient: the report is not complete, so that the ref may have moved or not; or the server had
  /// trouble.
  Result<void> Verdict() const;
  bool complete() const { return complete_; }

 private:
  Result<Wants> TakeReport(std::string_view bytes);
  Result<void> TakeLine(std::string_view line);

  std::string ref_;
  Banded banded_;
  PktLineReader bands_;
  SideBand side_band_;
  PktLineReader lines_;
  std::string unpacked_;  // What stands behind "unpack".
  bool has_status_ = false;
  std::string refused_;  // What stands behind "ng"; empty: "ok".
  bool complete_ = false;
};

/// What a server means by the reason that it gives for not moving a ref.
ErrorKind MeaningOfRefusal(std::string_view reason);

}  // namespace lockkeeper
