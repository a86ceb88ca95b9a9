#include "reconciler/cli/commands/person_commit.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "gitops/repository/caller_identity.h"
#include "reconciler/cli/commands/back_off.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/remote.h"
#include "reconciler/cycle/object_words.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

constexpr size_t kClustersNamedMax = 10;
constexpr size_t kShortId = 12;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

/// A lock that nobody who counts has signed does not lock, and its author must know.
CliResult<void> RequireThatItCounts(const CommittedFiles& committed, OpenedFleet& opened,
                                    const Invocation& call) {
  if (committed.pushed.empty() || !call.options.allowed_signers.any()) return {};
  auto state = opened.reader->Read(committed.pushed);
  if (!state) return Stop(state.error());
  const std::string by_us = committed.pushed.substr(0, kShortId);
  for (const Diagnostic& finding : (*state)->fleet.diagnostics) {
    if (finding.code != "unsigned" || finding.message.find(by_us) == std::string::npos) continue;
    return Stop(ExitCode::kNothingDone,
                fmt::format("{} is committed, but it does not count: {}\nset spec.commit.signing of "
                            "lockkeeper.yaml, and sign with a key of the allowed signers (--signing-key)",
                            by_us, FormatDiagnostic(finding)));
  }
  return {};
}

template <class NamesOf>
std::vector<std::string> Names(const GlobalOptions& options, NamesOf names_of) {
  // Nor has it time to ask a remote.
  if (IsRemote(options.repo)) return {};
  auto opened = OpenFleet(options);
  // A shell in the middle of a line has nowhere to show an error.
  if (!opened) return {};
  const std::set<std::string> names = names_of(opened->state->fleet);
  return {names.begin(), names.end()};
}

}  // namespace

CliResult<Identity> Caller(const Invocation& call) {
  // Of a remote's clone, which is ours, nothing is asked.
  const std::string location = IsRemote(call.options.repo) ? "" : call.options.repo;
  auto identity =
      CallerIdentity(location, {.name = Variable("GIT_AUTHOR_NAME"), .email = Variable("GIT_AUTHOR_EMAIL")});
  if (!identity) return Stop(identity.error());
  return std::move(*identity);
}

CliResult<void> RequireLine(std::string_view option, const std::string& text) {
  if (text.find_first_not_of(" \t") == std::string::npos)
    return BadUsage(fmt::format("{}: is empty", option));
  if (!IsPrintable(text) || text.find_first_of("\r\n") != std::string::npos)
    return BadUsage(fmt::format("{}: {} is not one line of text", option, Quoted(text)));
  return {};
}

CliResult<Seconds> ReadDuration(std::string_view option, const std::string& text) {
  auto duration = ParseDuration(text);
  if (!duration) return BadUsage(fmt::format("{}: {}", option, duration.error().message));
  return *duration;
}

CliResult<CommittedFiles> CommitAs(const Identity& author, const PersonOptions& options, OpenedFleet& opened,
                                   const Invocation& call, const DecideChanges& decide) {
  auto committed = CommitFiles(*opened.repository, *opened.reader,
                               {.author = author,
                                .now = call.now,
                                .dry_run = options.mode(),
                                .signing_key = call.options.signing_key,
                                .back_off = BackOff},
                               decide);
  if (!committed) return Stop(committed.error());
  if (auto counts = RequireThatItCounts(*committed, opened, call); !counts)
    return std::unexpected(counts.error());
  return std::move(*committed);
}

ordered_json CommittedJson(const CommittedFiles& committed, const std::string& branch) {
  auto pushed = ordered_json::array();
  if (!committed.pushed.empty())
    pushed.push_back({{"ref", "refs/heads/" + branch}, {"old", committed.read}, {"new", committed.pushed}});
  return {{"commit", committed.pushed.empty() ? committed.read : committed.pushed},
          {"pushed", std::move(pushed)},
          {"retries", committed.retries}};
}

std::string CommittedText(const CommittedFiles& committed, const std::string& branch) {
  if (!committed.changes) return {};
  if (committed.pushed.empty())
    return fmt::format("Dry run: 1 commit to {} not made.\n", ForTerminal(branch));
  return fmt::format("{} is at {} now.\n", ForTerminal(branch), committed.pushed.substr(0, 12));
}

std::string ClustersText(const std::vector<std::string>& clusters) {
  std::string text = fmt::format("{} cluster{}", clusters.size(), clusters.size() == 1 ? "" : "s");
  for (size_t i = 0; i < clusters.size() && i < kClustersNamedMax; ++i)
    text += (i == 0 ? ": " : ", ") + ForTerminal(clusters[i]);
  if (clusters.size() > kClustersNamedMax)
    text += fmt::format(" and {} more", clusters.size() - kClustersNamedMax);
  return text;
}

std::vector<std::string> UpgradeNames(const GlobalOptions& options) {
  return Names(options, [](const Fleet& fleet) {
    std::set<std::string> names;
    for (const ClusterUpgrade& upgrade : fleet.upgrades) names.insert(ShortName(upgrade.name));
    return names;
  });
}

std::vector<std::string> LockNames(const GlobalOptions& options) {
  return Names(options, [](const Fleet& fleet) {
    std::set<std::string> names;
    for (const ClusterLock& lock : fleet.locks) names.insert(ShortName(lock.name));
    return names;
  });
}

std::vector<std::string> ClusterNames(const GlobalOptions& options) {
  return Names(options, [](const Fleet& fleet) {
    std::set<std::string> names;
    for (const Cluster& cluster : fleet.clusters) names.insert(cluster.name);
    return names;
  });
}

}  // namespace lockkeeper
