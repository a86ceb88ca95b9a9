#include "reconciler/cycle/audit.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/audit_view.h"
#include "reconciler/cli/open_fleet.h"

namespace lockkeeper {

void AddAudit(CommandLine& line);

namespace {

CliResult<ExitCode> RunAudit(const std::string& since, Invocation& call) {
  auto repository = OpenRepository(call.options);
  if (!repository) return std::unexpected(repository.error());
  auto head = (*repository)->Fetch();
  if (!head) return Stop(ExitCode::kUnreachable, head.error().message);
  AuditOptions options{.head = *head, .since = {}, .allowed_signers = call.options.allowed_signers};
  if (!since.empty()) {
    auto commit = (*repository)->Resolve(since);
    if (!commit)
      return Stop(ExitCodeOf(commit.error().kind), fmt::format("--since: {}", commit.error().message));
    options.since = *commit;
  }
  auto result = Audit(**repository, options);
  if (!result) return Stop(result.error());
  if (call.out.is_text()) {
    call.out.Text(AuditText(*result, (*repository)->branch(), call.now, call.out.style()));
  } else {
    call.out.Value(AuditJson(*result));
  }
  return result->violations.empty() ? ExitCode::kDone : ExitCode::kNothingDone;
}

}  // namespace

void AddAudit(CommandLine& line) {
  auto since = std::make_shared<std::string>();
  CLI::App& command =
      line.Add("audit", "Judges every bump of the history again, by the manifests that were in force.",
               [since](Invocation& call) { return RunAudit(*since, call); });
  command.add_option("--since", *since,
                     "Only commits after this one: an id, a branch or tag, also with ~N behind it.");
}

}  // namespace lockkeeper
