#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/find_cluster.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/match/matcher_text.h"
#include "reconciler/core/render/manifest_text.h"
#include "reconciler/cycle/lock_change.h"
#include "schemas/manifest/field_reader.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddLock(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct LockOptions {
  std::string match;
  bool all = false;
  std::string ttl;
  std::string until;
  std::string from;
  std::string scope;
  std::string name;
  PersonOptions person;
};

bool IsBareName(const std::string& match) { return match.find_first_of("=~!{}\",") == std::string::npos; }

CliResult<ClusterMatch> ReadMatch(const LockOptions& options) {
  if (options.all != options.match.empty()) {
    return BadUsage(options.all ? "--all: locks the whole fleet, so it takes no MATCH"
                                : "MATCH: say which clusters: a cluster's name, matchers such as "
                                  "stage=prod,region=eu, or --all for the whole fleet");
  }
  ClusterMatch match{.written = true};
  if (options.all) return match;
  if (IsBareName(options.match)) {
    match.matchers.push_back({.key = "cluster", .value = options.match});
    return match;
  }
  auto matchers = ParseMatchers(options.match);
  if (!matchers)
    return BadUsage(fmt::format("MATCH: {}: {}", Quoted(options.match), matchers.error().message));
  match.matchers = std::move(*matchers);
  Diagnostics findings;
  if (!CompiledMatch::Compile(match, EmptyMatch::kEverythingIfWritten, "MATCH", findings))
    return BadUsage(fmt::format("MATCH: {}: {}", Quoted(options.match), findings.front().message));
  return match;
}

CliResult<ChangeScopes> ReadScopes(std::string_view text) {
  if (text.empty()) return kEveryScope;
  ChangeScopes scopes = 0;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view word = text.substr(0, comma);
    auto scope = std::ranges::find(ScopeWords(), word, &std::pair<ChangeScope, std::string_view>::second);
    if (scope == ScopeWords().end()) {
      std::vector<std::string> names;
      for (const auto& [value, name] : ScopeWords()) names.emplace_back(name);
      return BadUsage(
          fmt::format("--scope: {} is none of {}{}", Quoted(word), Listed(names), DidYouMean(word, names)));
    }
    scopes |= static_cast<ChangeScopes>(scope->first);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return scopes;
}

/// From when until when.
CliResult<void> ReadSpan(const LockOptions& options, Instant now, ClusterLock& lock) {
  lock.start = now;
  if (!options.from.empty()) {
    auto from = ReadInstant("--from", options.from, now);
    if (!from) return std::unexpected(from.error());
    lock.start = *from;
  }
  if (options.ttl.empty() == options.until.empty()) {
    return BadUsage(options.ttl.empty()
                        ? "--ttl: is missing; a lock needs an end: --ttl 2d, or --until INSTANT"
                        : "--ttl and --until cannot be used together");
  }
  if (options.until.empty()) {
    auto ttl = ReadDuration("--ttl", options.ttl);
    if (!ttl) return std::unexpected(ttl.error());
    lock.expires_at = *lock.start + *ttl;
  } else {
    auto until = ReadInstant("--until", options.until, now);
    if (!until) return std::unexpected(until.error());
    lock.expires_at = *until;
  }
  const std::string_view option = options.until.empty() ? "--ttl" : "--until";
  if (!IsWritable(lock.expires_at))
    return BadUsage(fmt::format("{}: the lock would end after the year 9999", option));
  if (lock.expires_at <= *lock.start || lock.expires_at <= now) {
    return BadUsage(fmt::format("{}: the lock would end at {}, which is not after {}", option,
                                FormatInstant(lock.expires_at), FormatInstant(std::max(now, *lock.start))));
  }
  return {};
}

CliResult<LockRequest> ReadRequest(const LockOptions& options, Instant now) {
  LockRequest request{.lock = {}, .now = now};
  auto match = ReadMatch(options);
  if (!match) return std::unexpected(match.error());
  request.lock.match = std::move(*match);
  if (options.person.reason.empty())
    return BadUsage("--reason: is missing; say why, since everybody who waits will ask");
  auto reason = RequireLine("--reason", options.person.reason);
  if (!reason) return std::unexpected(reason.error());
  request.lock.reason = options.person.reason;
  if (auto span = ReadSpan(options, now, request.lock); !span) return std::unexpected(span.error());
  auto scopes = ReadScopes(options.scope);
  if (!scopes) return std::unexpected(scopes.error());
  request.lock.scope = *scopes;
  if (!options.name.empty()) {
    if (auto problem = ProblemOfName(options.name))
      return BadUsage(fmt::format("--name: {} {}", Quoted(options.name), *problem));
    request.lock.name.name = options.name;
  }
  if (!options.person.by.empty()) {
    if (auto by = RequireLine("--by", options.person.by); !by) return std::unexpected(by.error());
  }
  return request;
}

std::string LockText(const LockChange& change, const ClusterLock& lock, const CommittedFiles& committed,
                     const std::string& branch, const Invocation& call) {
  const bool dry_run = committed.changes && committed.pushed.empty();
  const std::string span = call.now < *lock.start
                               ? fmt::format("from {} until {}", WhenText(*lock.start, call.now),
                                             WhenText(lock.expires_at, call.now))
                               : fmt::format("until {}", WhenText(lock.expires_at, call.now));
  std::string text = fmt::format("{} {}: {}\n",
                                 !committed.changes ? "Locked already"
                                 : dry_run          ? "Would be locked"
                                                    : "Locked",
                                 span, ClustersText(change.clusters));
  text +=
      fmt::format("The lock is {} in {}; 'lockkeeper unlock {}' takes it away. What is under way goes on.\n",
                  ForTerminal(change.name.name), ForTerminal(change.path), ForTerminal(change.name.name));
  return text + CommittedText(committed, branch);
}

ordered_json LockJson(const LockChange& change, const ClusterLock& lock, const CommittedFiles& committed,
                      const std::string& branch) {
  ordered_json json = CommittedJson(committed, branch);
  json["lock"] = change.name.str();
  json["file"] = change.path;
  json["startTime"] = FormatInstant(*lock.start);
  json["expiresAt"] = FormatInstant(lock.expires_at);
  json["clusters"] = change.clusters;
  return json;
}

CliResult<ExitCode> Lock(const LockOptions& options, Invocation& call) {
  auto request = ReadRequest(options, call.now);
  if (!request) return std::unexpected(request.error());
  auto opened = OpenFleet(call.options);
  if (!opened) return std::unexpected(opened.error());
  if (!options.all && IsBareName(options.match)) {
    auto cluster = FindCluster(opened->state->fleet, "MATCH", options.match);
    if (!cluster) return std::unexpected(cluster.error());
  }
  auto author = Caller(call);
  if (!author) return std::unexpected(author.error());
  request->lock.created_by = options.person.by.empty() ? author->name : options.person.by;
  LockChange change;
  auto committed = CommitAs(*author, options.person, *opened, call,
                            [&](const FleetState& state, FleetReader& reader) -> Result<FileChanges> {
                              auto decided = DecideLock(state, reader, *request);
                              if (!decided) return std::unexpected(decided.error());
                              change = std::move(*decided);
                              return change.changes;
                            });
  if (!committed) return std::unexpected(committed.error());
  if (change.clusters.empty())
    call.Note("warning: the lock covers no cluster now; 'lockkeeper clusters' shows their labels");
  const std::string& branch = opened->repository->branch();
  if (call.out.is_text()) {
    call.out.Text(LockText(change, request->lock, *committed, branch, call));
  } else {
    call.out.Value(LockJson(change, request->lock, *committed, branch));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddLock(CommandLine& line) {
  auto options = std::make_shared<LockOptions>();
  CLI::App& command = line.Add(
      "lock", "Holds clusters: commits a ClusterLock, so that no bump of them starts until it expires.",
      [options](Invocation& call) { return Lock(*options, call); });
  line.SuggestFrom(command.add_option("MATCH", options->match,
                                      "Which clusters: a cluster's name, or matchers as in Alertmanager: "
                                      "stage=prod,region!=eu, stage=~\"dev|test\"."),
                   ClusterNames);
  command.add_flag("--all", options->all, "The whole fleet.");
  command
      .add_option("--reason", options->person.reason, "Why; it is shown to everybody who waits. Required.")
      ->type_name("TEXT");
  command.add_option("--ttl", options->ttl, "How long, from its start: 45m, 6h, 2d. This or --until.")
      ->type_name("DURATION");
  command.add_option("--until", options->until, "Until when, itself outside.")->type_name("INSTANT");
  command.add_option("--from", options->from, "From when. Default: now.")->type_name("INSTANT");
  command
      .add_option("--scope", options->scope,
                  "Only changes of these kinds: major, minor, patch, security, nodes, with commas between. "
                  "Default: every change.")
      ->type_name("KINDS");
  command.add_option("--name", options->name, "The lock's name. Default: made from MATCH.")
      ->type_name("NAME");
  command
      .add_option("--by", options->person.by,
                  "Who locks, as the manifest says. Default: the commit's author.")
      ->type_name("NAME");
  command.add_flag("--dry-run", options->person.dry_run, "Show what it covers, but commit nothing.");
  command.footer(
      "Examples:\n"
      "  lockkeeper lock mint --reason 'demo for a customer' --ttl 6h\n"
      "  lockkeeper lock 'stage=prod,region=~\"eu-.*\"' --reason 'quarter end' --until 2026-04-01\n"
      "  lockkeeper lock --all --reason 'incident 4711' --ttl 2d --scope major,minor");
}

}  // namespace lockkeeper
