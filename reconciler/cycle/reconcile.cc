#include "reconciler/cycle/reconcile.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cycle/compose.h"
#include "reconciler/cycle/sign_drafts.h"
#include "reconciler/cycle/task_trials.h"

namespace lockkeeper {

Result<void> RequireFleet(const FleetState& state) {
  if (state.fleet.settings) return {};
  auto error = std::ranges::find_if(state.fleet.diagnostics, [](const Diagnostic& d) {
    return d.severity == Severity::kError && (d.code == "no-fleet" || d.file == "lockkeeper.yaml");
  });
  if (error == state.fleet.diagnostics.end() || error->code == "no-fleet") {
    return NotFound("lockkeeper.yaml: there is no Fleet in this repository; 'lockkeeper init' writes one");
  }
  return Invalid(FormatDiagnostic(*error));
}

namespace {

/// Decides, and decides again without those whose bytes refuse, until all edits that are left can be made.
Result<Composition> Decide(const FleetState& state, FleetReader& reader, const ReconcileOptions& options,
                           ReconcileResult& result) {
  FleetModel model = FleetModel::Build(state.fleet);
  EditRefusals refusals;
  auto trials = TryTaskChanges(model, state.tasks, reader, options.now);
  if (!trials) return std::unexpected(trials.error());
  while (true) {
    result.plan = MakePlan(model, {.book = state.book,
                                   .broken_status = state.broken_status,
                                   .refusals = refusals,
                                   .now = options.now,
                                   .observations = &options.observations,
                                   .tasks = &state.tasks,
                                   .task_trials = &*trials});
    std::vector<Change> changes = RenderChanges(result.plan, state.fleet.settings->delivery.group_by);
    auto composition = Compose(changes, state, reader);
    if (!composition) return composition;
    if (composition->refused.empty()) {
      result.commits.clear();
      for (size_t i = 0; i < changes.size(); ++i) {
        result.commits.push_back({"", std::move(changes[i]), composition->drafts[i].message});
      }
      return composition;
    }
    // Each round holds at least one cluster more, so there is an end; a cluster that was refused makes no
    // edit again.
    size_t before = refusals.size();
    refusals.merge(composition->refused);
    if (refusals.size() == before)
      return Invalid("an edit was refused that nobody asked for: " + refusals.begin()->second);
  }
}

bool IsSettled(const ReconcileOptions& options, const std::string& head) {
  if (!options.settled || options.settled->commit != head) return false;
  return !options.settled->until || options.now < *options.settled->until;
}

}  // namespace

Result<ReconcileResult> Reconcile(Repository& repository, FleetReader& reader,
                                  const ReconcileOptions& given) {
  ReconcileOptions options = given;
  ReconcileResult result;
  while (true) {
    auto head = repository.Fetch();
    if (!head) return std::unexpected(head.error());
    if (options.fetched) options.fetched(*head);
    if (options.clock) options.now = options.clock();
    if (IsSettled(options, *head)) {
      result.read = *head;
      result.was_settled = true;
      return result;
    }
    auto state = reader.Read(*head);
    if (!state) return std::unexpected(state.error());
    if (auto fleet = RequireFleet(**state); !fleet) return std::unexpected(fleet.error());
    result.read = *head;
    auto composition = Decide(**state, reader, options, result);
    if (!composition) return std::unexpected(composition.error());
    result.problems = std::move(composition->problems);
    result.problems.insert(result.problems.end(), result.plan.problems.begin(), result.plan.problems.end());
    for (const Diagnostic& finding : (*state)->fleet.diagnostics) {
      // A lock that does not lock, above all.
      if (finding.code == "unsigned") result.problems.push_back(FormatDiagnostic(finding));
    }
    if (composition->drafts.empty() || options.dry_run == DryRun::kYes) return result;

    if (auto ready = SignDrafts((*state)->fleet, options.signing_key, composition->drafts); !ready)
      return std::unexpected(ready.error());
    auto published = repository.Publish(*head, composition->drafts);
    if (published) {
      for (size_t i = 0; i < result.commits.size(); ++i) result.commits[i].id = (*published)[i];
      result.pushed = published->back();
      return result;
    }
    if (published.error().kind != ErrorKind::kConflict) return std::unexpected(published.error());
    if (result.retries == ReconcileOptions::kRetriesMax) {
      return Fail(
          ErrorKind::kConflict,
          fmt::format("{}; given up after {} attempts, since somebody else was always first: try again later",
                      published.error().message, result.retries + 1));
    }
    ++result.retries;
    if (options.back_off) options.back_off(result.retries);
  }
}

}  // namespace lockkeeper
