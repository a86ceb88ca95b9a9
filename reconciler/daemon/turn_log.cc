#include "reconciler/daemon/turn_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/logging.h"
#include "schemas/error_name.h"

namespace lockkeeper {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::hours kErrorToldEvery{1};
constexpr size_t kFindingsToldMax = 10;  ///< of one pass; validate shows all of them

std::string SecondsText(steady_clock::duration time) {
  return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

void TellCommit(const MadeCommit& made) {
  bool bumps = false;
  for (const Transition& transition : made.change.record.transitions) {
    const auto* bump = std::get_if<Bumped>(&transition);
    if (bump == nullptr) continue;
    bumps = true;
    LogEvent(LogLevel::kInfo, "bump pushed",
             {{"upgrade", bump->upgrade.str()},
              {"cluster", bump->cluster},
              {"from", bump->from},
              {"to", bump->to},
              {"commit", made.id}});
  }
  if (!bumps) {
    LogEvent(LogLevel::kInfo, "record pushed",
             {{"commit", made.id}, {"subject", made.message.substr(0, made.message.find('\n'))}});
  }
}

}  // namespace

void TurnLog::Tell(const Turn& turn) {
  if (!turn.result) return TellError(turn);
  if (!error_.empty()) {
    LogEvent(LogLevel::kInfo, "works again after errors",
             {{"seconds", SecondsText(steady_clock::now() - error_began_)}, {"last_error", error_}});
    error_.clear();
  }
  if (!turn.result->was_settled) TellPass(turn);
}

void TurnLog::TellError(const Turn& turn) {
  const Error& error = turn.result.error();
  const auto now = steady_clock::now();
  const bool news = error.message != error_;
  if (error_.empty()) error_began_ = now;
  error_ = error.message;
  const bool tell = news || now - error_told_ >= kErrorToldEvery;
  if (tell) error_told_ = now;
  LogEvent(!tell                                                                       ? LogLevel::kDebug
           : error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kConflict ? LogLevel::kWarn
                                                                                       : LogLevel::kError,
           "pass failed",
           {{"kind", std::string{Name(error.kind)}},
            {"error", error.message},
            {"in_a_row", std::to_string(turn.errors)},
            {"next_try_seconds", SecondsText(turn.rest.poll_at - now)}});
}

void TurnLog::TellPass(const Turn& turn) {
  const ReconcileResult& result = *turn.result;
  for (const MadeCommit& made : result.commits) TellCommit(made);
  const std::string problems = fmt::format("{}", fmt::join(result.problems, "\n"));
  if (problems != problems_) {
    for (const std::string& problem : result.problems) {
      LogEvent(LogLevel::kWarn, "needs attention", {{"problem", problem}});
    }
    problems_ = problems;
  }
  LogEvent(LogLevel::kDebug, "pass done",
           {{"commit", result.read},
            {"decisions", std::to_string(result.plan.decisions.size())},
            {"commits", std::to_string(result.commits.size())},
            {"retries", std::to_string(result.retries)},
            {"next_wake", result.plan.next_wake ? FormatInstant(*result.plan.next_wake) : "none"},
            {"seconds", SecondsText(turn.took)}});
}

void TurnLog::TellFindings(const std::string& commit, const FleetModel& model) {
  std::set<std::string> errors;
  for (const Diagnostics* findings : {&model.fleet().diagnostics, &model.findings()}) {
    for (const Diagnostic& finding : *findings) {
      if (finding.severity == Severity::kError) errors.insert(FormatDiagnostic(finding));
    }
  }
  if (errors == findings_) return;
  size_t told = 0;
  for (const std::string& error : errors) {
    if (findings_.contains(error)) continue;
    if (++told > kFindingsToldMax) break;
    LogEvent(LogLevel::kWarn, "finding", {{"commit", commit}, {"finding", error}});
  }
  LogEvent(LogLevel::kWarn, "errors in manifests hold what they concern",
           {{"commit", commit}, {"errors", std::to_string(errors.size())}});
  findings_ = std::move(errors);
}

}  // namespace lockkeeper
