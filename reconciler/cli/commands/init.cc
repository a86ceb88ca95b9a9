#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "gitops/repository/folder_repository.h"
#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/init_files.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/replace_file.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {

void AddInit(CommandLine& line);

namespace {

namespace fs = std::filesystem;

struct InitOptions {
  std::string folder;
};

/// Where the files go.
struct Target {
  std::string root;  ///< of the work tree, or the folder itself where there is no repository yet
  bool is_repository = false;
};

CliResult<Target> FindTarget(const std::string& folder) {
  auto place = FindRepository(folder);
  if (!place) return Stop(ExitCode::kUnreachable, place.error().message);
  if (!*place) {
    std::error_code error;
    const fs::path full = fs::canonical(folder, error);
    if (error || !fs::is_directory(full, error)) {
      return Stop(ExitCode::kUnreachable, fmt::format("{}: is no folder", folder));
    }
    return Target{.root = full.string()};
  }
  if ((*place)->work_tree.empty()) {
    return Stop(ExitCode::kNothingDone,
                fmt::format("{}: is a bare repository, which has no files to look at or to write: run 'git "
                            "clone {} fleet', then "
                            "'lockkeeper init fleet', and commit and push what it wrote",
                            (*place)->folder, (*place)->folder));
  }
  return Target{.root = (*place)->work_tree, .is_repository = true};
}

/// People plan in their own time; a server without one is in UTC.
std::string LocalZone() {
  // Nobody changes the environment of this process after its start.
  const char* variable = std::getenv("TZ");  // NOLINT(concurrency-mt-unsafe)
  std::string zone = variable == nullptr ? "" : variable;
  if (zone.starts_with(':')) zone.erase(0, 1);
  if (variable == nullptr) {
    constexpr std::string_view kFolder = "zoneinfo/";
    std::error_code error;
    const std::string link = fs::canonical("/etc/localtime", error).string();
    const size_t at = link.find(kFolder);
    if (!error && at != std::string::npos) zone = link.substr(at + kFolder.size());
  }
  const bool is_utc = zone.empty() || zone == "Etc/UTC" || zone == "Universal";
  return is_utc || !IsKnownZone(zone) ? "UTC" : zone;
}

bool LooksLikeReleases(std::string_view text) {
  return text.contains("kind: Release") &&
         (text.contains("release.giantswarm.io/") || text.contains("lockkeeper.dev/"));
}

/// Looks through every file once.
CliResult<FirstFleet> Look(const Target& target, Instant now) {
  auto unreachable = [](const Error& error) { return Stop(ExitCode::kUnreachable, error.message); };
  auto repository = OpenFolder(target.root);
  if (!repository) return unreachable(repository.error());
  auto commit = (*repository)->Fetch();
  if (!commit) return unreachable(commit.error());
  auto found = (*repository)->Diff("", *commit);
  if (!found) return unreachable(found.error());
  std::vector<TreeFile> files;
  for (const TreeDifference& difference : *found) {
    const TreeEntry& entry = difference.entry;
    const bool regular = entry.mode == FileMode::kRegular || entry.mode == FileMode::kExecutable;
    files.push_back({.path = entry.path, .blob = entry.id, .regular = regular});
  }
  std::set<std::string> release_folders;
  auto read = [&](const TreeFile& file) -> Result<std::string_view> {
    auto text = (*repository)->ReadBlob(file.blob);
    const size_t slash = file.path.find('/');
    if (text && slash != std::string::npos && LooksLikeReleases(*text) &&
        !DecodeManifests(file.path, *text).releases.empty()) {
      release_folders.insert(file.path.substr(0, slash + 1));
    }
    return text;
  };
  auto rules = RecogniseInventory(files, read);
  if (!rules) return unreachable(rules.error());
  return FirstFleet{.folder = fs::path(target.root).filename().string(),
                    .rules = std::move(*rules),
                    .release_folders = {release_folders.begin(), release_folders.end()},
                    .zone = LocalZone(),
                    .now = now};
}

nlohmann::ordered_json Json(const Target& target, const FirstFleet& fleet,
                            const std::vector<FirstFile>& files) {
  auto found = nlohmann::ordered_json::array();
  for (const RecognisedRule& rule : fleet.rules) {
    found.push_back({{"profile", rule.rule.profile},
                     {"guess", rule.confidence == RecognitionConfidence::kGuess},
                     {"clusters", rule.clusters},
                     {"usable", rule.usable},
                     {"include", rule.rule.include},
                     {"exclude", rule.rule.exclude},
                     {"examples", rule.examples},
                     {"note", rule.note}});
  }
  auto written = nlohmann::ordered_json::array();
  for (const FirstFile& file : files) written.push_back(file.path);
  nlohmann::ordered_json value;
  value["folder"] = target.root;
  value["found"] = std::move(found);
  value["releases"] = fleet.release_folders;
  value["written"] = std::move(written);
  return value;
}

std::string FoundText(const FirstFleet& fleet, const Style& style) {
  std::string out;
  for (const RecognisedRule& rule : fleet.rules) {
    const bool is_guess = rule.confidence == RecognitionConfidence::kGuess;
    out += fmt::format("  {}{}: {} cluster{}",
                       style(is_guess ? Paint::kYellow : Paint::kGreen, rule.rule.profile),
                       is_guess ? " (a guess)" : "", rule.clusters, rule.clusters == 1 ? "" : "s");
    if (rule.usable != rule.clusters)
      out += fmt::format(", {} with a release that may be changed", rule.usable);
    out += "\n";
    for (const std::string& example : rule.examples) out += fmt::format("    {}\n", ForTerminal(example));
    if (rule.clusters > rule.examples.size() && !rule.examples.empty()) {
      out += fmt::format(
          "    {}\n", style(Paint::kDim, fmt::format("and {} more", rule.clusters - rule.examples.size())));
    }
    if (!rule.note.empty()) out += fmt::format("    note: {}\n", ForTerminal(rule.note));
  }
  for (const std::string& folder : fleet.release_folders) {
    out += fmt::format("  releases in {}\n", ForTerminal(folder));
  }
  return out;
}

std::string Text(const Target& target, const FirstFleet& fleet, const std::vector<FirstFile>& files,
                 const Style& style) {
  std::string out = style(Paint::kBold, fmt::format("Found in {}", ForTerminal(target.root))) + "\n";
  out += fleet.rules.empty() ? "  no cluster that a built-in profile knows\n" : "";
  out += FoundText(fleet, style);
  out += "\n" + style(Paint::kBold, "Wrote") + "\n";
  std::string names;
  for (const FirstFile& file : files) {
    out += fmt::format("  {:<30} {}\n", file.path, file.purpose);
    names += " " + file.path;
  }
  out += "\n" + style(Paint::kBold, "Next") + "\n";
  int step = 0;
  auto add = [&](std::string_view text) { out += fmt::format("  {}. {}\n", ++step, text); };
  if (fleet.rules.empty())
    add("say in lockkeeper.yaml where your clusters are ('lockkeeper profiles' lists known shapes)");
  add("read the three files, and change what is different here");
  add("lockkeeper validate");
  if (!target.is_repository) add("git init, since this folder is in no Git repository yet");
  add(fmt::format("git add{} && git commit", names));
  add("lockkeeper clusters       what is upgraded");
  add("lockkeeper windows        when");
  add("copy the example upgrade, commit it, and ask 'lockkeeper plan' what it would do");
  return out;
}

/// All or none: half of the files would stop the next attempt.
CliResult<void> CheckFree(const std::string& root) {
  for (std::string_view name : kFirstFiles) {
    struct stat status{};
    const std::string path = fmt::format("{}/{}", root, name);
    if (::lstat(path.c_str(), &status) != 0) continue;
    return Stop(
        ExitCode::kNothingDone,
        fmt::format(
            "{}: is there already, and init overwrites nothing: change it by hand, or move it away first",
            path));
  }
  return {};
}

CliResult<ExitCode> Init(const InitOptions& options, Invocation& call) {
  auto target = FindTarget(options.folder.empty() ? call.options.repo : options.folder);
  if (!target) return std::unexpected(target.error());
  if (auto free = CheckFree(target->root); !free) return std::unexpected(free.error());
  auto fleet = Look(*target, call.now);
  if (!fleet) return std::unexpected(fleet.error());
  const std::vector<FirstFile> files = FirstFiles(*fleet);
  for (const FirstFile& file : files) {
    auto written = WriteNewFile(target->root + "/" + file.path, file.text);
    if (!written) return Stop(ExitCode::kNothingDone, written.error().message);
  }
  if (call.out.is_text()) {
    call.out.Text(Text(*target, *fleet, files, call.out.style()));
  } else {
    call.out.Value(Json(*target, *fleet, files));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddInit(CommandLine& line) {
  auto options = std::make_shared<InitOptions>();
  CLI::App& command =
      line.Add("init",
               "Looks at a repository, recognises cluster manifests, and writes lockkeeper.yaml, a first "
               "schedule and an example upgrade into its work tree. Overwrites nothing.",
               [options](Invocation& call) { return Init(*options, call); });
  line.Complete(command.add_option("DIR", options->folder, "A folder of the work tree. Default: --repo."),
                Completes::kFolders);
}

}  // namespace lockkeeper
