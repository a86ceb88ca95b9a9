#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/core/plan/approvals.h"
#include "reconciler/cycle/approval_change.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddApprove(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct ApproveOptions {
  std::string upgrade;
  std::string stage;
  std::string expires_after;
  bool yes = false;
  PersonOptions person;
};

std::string Subject(const UpgradeApproval& approval) {
  return approval.upgrade.value.str() + (approval.stage.empty() ? "" : ", stage " + approval.stage + ",");
}

std::string MoveText(const ApprovedMove& move, const std::string& target) {
  if (move.over) return move.from == target ? "is at " + target : "ended";
  const std::string from = move.from.empty() ? "?" : move.from;
  return move.hop == target || move.hop.empty() ? from + " -> " + target
                                                : from + " -> " + move.hop + " .. " + target;
}

/// Everything that somebody should have read who approves it.
std::string WhatIsApproved(const ApprovalChange& change, const Style& style) {
  const UpgradeApproval& approval = change.approval;
  std::string text =
      fmt::format("{} to {}: {} cluster{}\n", style(Paint::kBold, ForTerminal(Subject(approval))),
                  ForTerminal(approval.to_release), change.moves.size(), change.moves.size() == 1 ? "" : "s");
  TextTable table({"  CLUSTER", "RELEASE"});
  for (const ApprovedMove& move : change.moves)
    table.Add({{"  " + move.cluster}, {MoveText(move, approval.to_release)}});
  text += table.Render(style);
  if (!change.notes.empty()) text += "Release notes:\n";
  for (const auto& [release, url] : change.notes)
    text += fmt::format("  {}  {}\n", ForTerminal(release), ForTerminal(url));
  if (!change.checklist.empty()) text += "To be done before:\n";
  for (const auto& [stage, item] : change.checklist)
    text += fmt::format("  {}: {}\n", ForTerminal(stage), ForTerminal(item));
  return text;
}

std::string CountsUntil(const UpgradeApproval& approval, Instant now) {
  return approval.expires_at ? "until " + WhenText(*approval.expires_at, now)
                             : "until another target or cluster makes it void";
}

ordered_json ApproveJson(const ApprovalChange& change, const CommittedFiles& committed,
                         const std::string& branch) {
  const UpgradeApproval& approval = change.approval;
  ordered_json json = CommittedJson(committed, branch);
  json["approval"] = approval.name.str();
  json["file"] = change.path;
  json["upgrade"] = approval.upgrade.value.str();
  json["stage"] = approval.stage;
  json["toRelease"] = approval.to_release;
  json["by"] = approval.by;
  json["expiresAt"] =
      approval.expires_at ? ordered_json(FormatInstant(*approval.expires_at)) : ordered_json(nullptr);
  auto clusters = ordered_json::array();
  for (const ApprovedMove& move : change.moves)
    clusters.push_back({{"cluster", move.cluster}, {"from", move.from}, {"hop", move.hop}});
  json["clusters"] = std::move(clusters);
  return json;
}

/// y, yes, or nothing is done.
bool Asked(const std::string& question) {
  fmt::print(stderr, "{} [y/N] ", question);
  std::fflush(stderr);
  std::array<char, 16> answer{};
  if (std::fgets(answer.data(), static_cast<int>(answer.size()), stdin) == nullptr) return false;
  const std::string word = answer.data();
  return word == "y\n" || word == "Y\n" || word == "yes\n" || word == "Yes\n";
}

CliResult<void> Confirm(const ApprovalChange& change, const ApproveOptions& options, const Identity& author,
                        const Invocation& call) {
  if (options.yes || options.person.dry_run) return {};
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
    return BadUsage(
        "--yes: there is no terminal to ask on: read what would be approved, and say --yes if that is right");
  }
  if (Asked(fmt::format("Approve this as {}? It counts {}.", ForTerminal(author.name),
                        CountsUntil(change.approval, call.now)))) {
    return {};
  }
  return Stop(ExitCode::kNothingDone, "not approved; nothing was written");
}

CliResult<ApprovalRequest> ReadRequest(const ApproveOptions& options, Instant now) {
  ApprovalRequest request{.upgrade = options.upgrade,
                          .stage = options.stage,
                          .by = options.person.by,
                          .note = options.person.reason,
                          .expires_after = {},
                          .now = now};
  if (!options.expires_after.empty()) {
    auto length = ReadDuration("--expires-after", options.expires_after);
    if (!length) return std::unexpected(length.error());
    request.expires_after = *length;
  }
  for (const auto& [option, text] :
       {std::pair{"--note", &options.person.reason}, {"--by", &options.person.by}}) {
    if (text->empty()) continue;
    if (auto read = RequireLine(option, *text); !read) return std::unexpected(read.error());
  }
  return request;
}

/// What is committed is what was shown: another target, or other clusters, is another question.
Result<FileChanges> DecideAgain(const FleetState& state, FleetReader& reader, const ApprovalRequest& request,
                                ApprovalChange& shown) {
  auto decided = DecideApproval(state, reader, request);
  if (!decided) return std::unexpected(decided.error());
  if (decided->approval.clusters != shown.approval.clusters ||
      decided->approval.to_release != shown.approval.to_release) {
    return Invalid(fmt::format(
        "upgrade {} has other clusters or another target now than when they were shown; look again",
        shown.approval.upgrade.value.str()));
  }
  shown = std::move(*decided);
  return shown.changes;
}

CliResult<ExitCode> Approve(const ApproveOptions& options, Invocation& call) {
  auto request = ReadRequest(options, call.now);
  if (!request) return std::unexpected(request.error());
  auto opened = OpenFleet(call.options);
  if (!opened) return std::unexpected(opened.error());
  auto author = Caller(call);
  if (!author) return std::unexpected(author.error());
  if (request->by.empty()) request->by = author->name;
  auto change = DecideApproval(*opened->state, *opened->reader, *request);
  if (!change) return Stop(change.error());
  if (call.out.is_text()) {
    call.out.Text(WhatIsApproved(*change, call.out.style()));
    // The question must not come before what it is about.
    if (auto written = call.out.Flush(); !written)
      return Stop(ExitCode::kNothingDone, written.error().message);
  } else if (!options.yes) {
    call.Note(WhatIsApproved(*change, call.notes));
  }
  const std::string shown_author = fmt::format("{} <{}>", author->name, author->email);
  if (!change->approvers.empty() && !IsAmong(change->approvers, shown_author)) {
    call.Note(ForTerminal(
        fmt::format("warning: only {} may approve this, and the commit's author is {}; it will not count",
                    Listed(change->approvers), shown_author)));
  }
  const std::string& branch = opened->repository->branch();
  CommittedFiles committed{.read = opened->commit};
  if (!change->changes.writes.empty()) {
    if (auto confirmed = Confirm(*change, options, *author, call); !confirmed)
      return std::unexpected(confirmed.error());
    auto done =
        CommitAs(*author, options.person, *opened, call, [&](const FleetState& state, FleetReader& reader) {
          return DecideAgain(state, reader, *request, *change);
        });
    if (!done) return std::unexpected(done.error());
    committed = std::move(*done);
  }
  if (!call.out.is_text()) {
    call.out.Value(ApproveJson(*change, committed, branch));
    return ExitCode::kDone;
  }
  const std::string_view done = !committed.changes         ? "Approved already"
                                : committed.pushed.empty() ? "Would be approved"
                                                           : "Approved";
  call.out.Text(fmt::format("{} by {} in {}; it counts {}.\n{}", done, ForTerminal(change->approval.by),
                            ForTerminal(change->path), CountsUntil(change->approval, call.now),
                            CommittedText(committed, branch)));
  return ExitCode::kDone;
}

}  // namespace

void AddApprove(CommandLine& line) {
  auto options = std::make_shared<ApproveOptions>();
  CLI::App& command = line.Add("approve",
                               "Approves an upgrade, or a stage of it: shows what that lets happen, asks, "
                               "and commits an UpgradeApproval.",
                               [options](Invocation& call) { return Approve(*options, call); });
  line.SuggestFrom(
      command.add_option("UPGRADE", options->upgrade, "The upgrade: NAME or NAMESPACE/NAME.")->required(),
      UpgradeNames);
  command.add_option("--stage", options->stage, "Only this stage of its UpgradePlan.")->type_name("STAGE");
  command
      .add_option("--expires-after", options->expires_after,
                  "How long it counts: 14d. Default: the expiresAfter of the upgrade or the stage.")
      ->type_name("DURATION");
  command.add_option("--note", options->person.reason, "A line for the commit's message.")->type_name("TEXT");
  command
      .add_option("--by", options->person.by,
                  "Who approves, as the manifest says. Default: the commit's author.")
      ->type_name("NAME");
  command.add_flag("--yes", options->yes, "Do not ask.");
  command.add_flag("--dry-run", options->person.dry_run, "Show what would be approved, but commit nothing.");
}

}  // namespace lockkeeper
