#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "gitops/repository/folder_repository.h"
#include "gitops/repository/location.h"
#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/validate_findings.h"
#include "reconciler/cli/input_file.h"
#include "reconciler/cli/named_calendars.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/finding_text.h"
#include "reconciler/cli/remote.h"
#include "reconciler/cycle/fleet_reader.h"
#include "schemas/manifest/findings.h"
#include "schemas/yaml/limits.h"

namespace lockkeeper {

void AddValidate(CommandLine& line);

namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::string path;
};

/// What was judged, and what was found.
struct Judged {
  Diagnostics findings;
  std::string what;  ///< for people: `the files of /srv/fleet`
};

std::unexpected<Failure> Unreachable(const Error& error) {
  return Stop(ExitCode::kUnreachable, error.message);
}

CliResult<Judged> JudgeRepository(Repository& repository, std::string what, Instant now,
                                  const AllowedSigners& allowed = {}) {
  auto commit = repository.Fetch();
  if (!commit) return Unreachable(commit.error());
  FleetReader reader(repository, allowed);
  auto state = reader.Read(*commit);
  if (!state) return Unreachable(state.error());
  return Judged{.findings = JudgeFleet(**state, now), .what = std::move(what)};
}

CliResult<Judged> JudgeBranch(const GlobalOptions& options, const std::string& location, Instant now) {
  auto repository = OpenLocalRepository({.location = location, .branch = options.branch});
  if (!repository) return Unreachable(repository.error());
  const std::string what =
      fmt::format("the newest commit of branch {} of {}", (*repository)->branch(), location);
  return JudgeRepository(**repository, what, now, options.allowed_signers);
}

CliResult<Judged> JudgeRemote(const GlobalOptions& options, Instant now) {
  auto repository = OpenRepository(options);
  if (!repository) return std::unexpected(repository.error());
  return JudgeRepository(**repository, "the newest commit of " + ShownRepo(options.repo), now);
}

CliResult<Judged> JudgeWorkTree(const std::string& root, Instant now) {
  auto files = OpenFolder(root);
  if (!files) return Unreachable(files.error());
  return JudgeRepository(**files, fmt::format("the files of {}, committed or not", root), now);
}

CalendarFiles CalendarsOf(const std::vector<DecodedFile>& files, const std::string& folder) {
  std::vector<MaintenanceSchedule> schedules;
  for (const DecodedFile& file : files)
    schedules.insert(schedules.end(), file.schedules.begin(), file.schedules.end());
  return ReadNamedCalendars(schedules, folder);
}

CliResult<Judged> JudgeFile(const std::string& path, Instant now) {
  auto text = ReadInput(path, YamlLimits{}.bytes_max);
  if (!text) return Unreachable(text.error());
  const std::string shown = path == "-" ? "stdin" : path;
  const std::vector<DecodedFile> decoded{DecodeManifests(shown, *text)};
  return Judged{.findings = JudgeManifests(decoded, CalendarsOf(decoded, FolderOfFile(path)), now),
                .what = shown};
}

bool IsManifestName(std::string_view path) {
  return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
}

CliResult<Judged> JudgeFolder(const std::string& folder, Instant now) {
  auto repository = OpenFolder(folder);
  if (!repository) return Unreachable(repository.error());
  auto files = (*repository)->Diff("", *(*repository)->Fetch());
  if (!files) return Unreachable(files.error());
  std::vector<DecodedFile> decoded;
  for (const TreeDifference& file : *files) {
    const TreeEntry& entry = file.entry;
    const bool regular = entry.mode == FileMode::kRegular || entry.mode == FileMode::kExecutable;
    if (!regular || !IsManifestName(entry.path)) continue;
    auto text = (*repository)->ReadBlob(entry.id);
    if (!text) return Unreachable(text.error());
    decoded.push_back(DecodeManifests((fs::path(folder) / entry.path).lexically_normal().string(), *text));
  }
  return Judged{
      .findings = JudgeManifests(decoded, CalendarsOf(decoded, folder), now),
      .what = fmt::format("{} file{} of {}", decoded.size(), decoded.size() == 1 ? "" : "s", folder)};
}

bool SameFolder(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

CliResult<Judged> Judge(const ValidateOptions& options, const Invocation& call) {
  if (options.path == "-") return JudgeFile("-", call.now);
  const bool is_named = !options.path.empty();
  if (!is_named && IsRemote(call.options.repo)) return JudgeRemote(call.options, call.now);
  auto path = PathOfLocation(is_named ? options.path : call.options.repo);
  if (!path) return Unreachable(path.error());
  std::error_code error;
  if (fs::exists(*path, error) && !fs::is_directory(*path, error)) return JudgeFile(*path, call.now);
  auto place = FindRepository(*path);
  if (!place) return Unreachable(place.error());
  const bool has_fleet = fs::exists(fs::path(*path) / "lockkeeper.yaml", error);
  if (!*place) return has_fleet ? JudgeWorkTree(*path, call.now) : JudgeFolder(*path, call.now);
  const std::string& root = (*place)->work_tree;
  // Only commits are signed.
  const bool of_commits = !call.options.branch.empty() || call.options.allowed_signers.any();
  if (root.empty() || of_commits) return JudgeBranch(call.options, *path, call.now);
  // A folder of a work tree that somebody names is meant for itself; where nobody names one, all of it is
  // meant.
  if (is_named && !has_fleet && !SameFolder(*path, root)) return JudgeFolder(*path, call.now);
  return JudgeWorkTree(is_named && has_fleet ? *path : root, call.now);
}

CliResult<ExitCode> Validate(const ValidateOptions& options, Invocation& call) {
  auto judged = Judge(options, call);
  if (!judged) return std::unexpected(judged.error());
  const Diagnostics& findings = judged->findings;
  switch (call.options.output) {
    case OutputFormat::kText:
      for (const Diagnostic& finding : findings) call.out.Text(FindingLine(finding, call.out.style()) + "\n");
      call.Note(fmt::format("{}: {}", judged->what, findings.empty() ? "no problems" : CountText(findings)));
      break;
    case OutputFormat::kJson:
      call.out.Text(FindingsJson(findings));
      break;
    case OutputFormat::kSarif:
      call.out.Text(FindingsSarif(findings, LK_VERSION));
      break;
    case OutputFormat::kYaml:
      call.out.Value(nlohmann::ordered_json::parse(FindingsJson(findings)));
      break;
  }
  return ErrorCount(findings) == 0 ? ExitCode::kDone : ExitCode::kNothingDone;
}

}  // namespace

void AddValidate(CommandLine& line) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App& command = line.Add(
      "validate",
      "Finds every problem of the manifests and of the inventory, in one run. Exit code 1 if there are "
      "errors; warnings alone are none.",
      [options](Invocation& call) { return Validate(*options, call); });
  line.Complete(
      command.add_option(
          "PATH", options->path,
          "A repository, a folder or one file (- is stdin). Of a work tree the files are read as they "
          "are, committed or not; of a bare repository, or with --branch, the newest commit. Default: "
          "--repo."),
      Completes::kFiles);
  line.AllowSarif(command);
  command.footer(
      "Every problem is one line, file:line:column: error|warning[code]: message, as editors and CI read "
      "it.\n"
      "-o sarif writes SARIF 2.1.0 for code review.");
}

}  // namespace lockkeeper
