#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>

#include "gitops/repository/create_repository.h"
#include "reconciler/cli/command.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/cycle/reconcile.h"
#include "schemas/embedded_file.h"

namespace lockkeeper {

std::span<const EmbeddedFile> EmbeddedDemoFleet();
void AddDemo(CommandLine& line);

namespace {

using nlohmann::ordered_json;

/// The story's clock: the example's schedules lie in this spring, whatever day it is.
constexpr const char* kBegin = "2026-03-01T12:00:00Z";
/// One cluster still waits then, for a reason that `explain` tells.
constexpr const char* kEnd = "2026-03-10T21:30:00Z";
constexpr int kPassesMax = 500;

Instant At(const char* text) { return *ParseInstant(text); }

CliResult<std::string> FolderFor(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "lockkeeper-demo-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) {
    return Stop(ExitCode::kNothingDone,
                fmt::format("{}: a folder for the demo cannot be made: {}; name one: lockkeeper demo DIR",
                            name, error ? error.message() : std::strerror(errno)));
  }
  return name;
}

Result<void> CommitExample(Repository& repository) {
  CommitDraft draft{.message = "Begin with the example fleet\n",
                    .author_name = "Ada",
                    .author_email = "ada@demo.example",
                    .time = At(kBegin)};
  for (const EmbeddedFile& file : EmbeddedDemoFleet()) {
    draft.writes.push_back(
        {.path = std::string{file.name}, .content = std::string{file.text}, .remove = false});
  }
  auto published = repository.Publish("", {draft});
  if (!published) return std::unexpected(published.error());
  return {};
}

struct Scene {
  Instant at;
  std::vector<MadeCommit> commits;
};

std::string Subject(const std::string& message) { return message.substr(0, message.find('\n')); }

std::string SceneText(const Scene& scene, const Style& style) {
  std::string text;
  for (const MadeCommit& made : scene.commits) {
    if (made.change.edits.empty()) continue;
    text += fmt::format("  {}  {}\n", style(Paint::kDim, made.id.substr(0, 10)),
                        style(Paint::kGreen, ForTerminal(Subject(made.message))));
    for (const RefEdit& edit : made.change.edits) {
      text += style(Paint::kDim, ForTerminal(fmt::format("              {}: {} -> {}", edit.file,
                                                         edit.expected, edit.value))) +
              "\n";
    }
  }
  return text.empty() ? text : fmt::format("{}\n{}\n", style(Paint::kBold, UtcText(scene.at)), text);
}

/// Steps the clock from one wake to the next, as the daemon would, and makes a pass at each.
Result<std::vector<Scene>> Play(Repository& repository) {
  FleetReader reader(repository);
  std::vector<Scene> scenes;
  Instant now = At(kBegin);
  for (int pass = 0; pass < kPassesMax && now < At(kEnd); ++pass) {
    auto result = Reconcile(repository, reader, {.now = now});
    if (!result) return std::unexpected(result.error());
    if (!result->commits.empty()) {
      scenes.push_back({now, std::move(result->commits)});
      continue;  // What it made may be due for more at once, and its wake was planned before it.
    }
    if (!result->plan.next_wake) break;
    now = *result->plan.next_wake;
  }
  return scenes;
}

ordered_json DemoJson(const std::string& folder, const std::vector<Scene>& scenes) {
  auto commits = ordered_json::array();
  for (const Scene& scene : scenes) {
    for (const MadeCommit& made : scene.commits) {
      commits.push_back(
          {{"at", FormatInstant(scene.at)}, {"commit", made.id}, {"subject", Subject(made.message)}});
    }
  }
  return {{"repository", folder}, {"commits", std::move(commits)}};
}

CliResult<ExitCode> Demo(const std::string& wanted, Invocation& call) {
  auto folder = FolderFor(wanted);
  if (!folder) return std::unexpected(folder.error());
  if (auto made = CreateBareRepository(*folder, "main"); !made)
    return Stop(ExitCode::kNothingDone, made.error().message);
  auto repository = OpenLocalRepository({.location = *folder, .branch = "main"});
  if (!repository) return Stop(repository.error());
  if (auto done = CommitExample(**repository); !done) return Stop(done.error());
  auto scenes = Play(**repository);
  if (!scenes) return Stop(scenes.error());
  if (!call.out.is_text()) {
    call.out.Value(DemoJson(*folder, *scenes));
    return ExitCode::kDone;
  }
  const Style& style = call.out.style();
  call.out.Text(
      fmt::format("A fleet of eight clusters in three shapes, from {} on. Its repository: {}\n"
                  "What lockkeeper commits to it, bump by bump, as the clock moves on:\n\n",
                  UtcText(At(kBegin)), ForTerminal(*folder)));
  for (const Scene& scene : *scenes) call.out.Text(SceneText(scene, style));
  const std::string command = fmt::format("lockkeeper --repo {}", ForTerminal(*folder));
  call.out.Text(
      fmt::format("Look around in it:\n  git -C {} log -p\n  {} status\n  {} history mint\n"
                  "  {} --now {} explain payroll     (why has it not moved?)\n"
                  "README.md in it tells the story and what to try.\n",
                  ForTerminal(*folder), command, command, command, kEnd));
  return ExitCode::kDone;
}

}  // namespace

void AddDemo(CommandLine& line) {
  auto folder = std::make_shared<std::string>();
  CLI::App& command =
      line.Add("demo", "Makes a bare repository of an example fleet and upgrades it before your eyes.",
               [folder](Invocation& call) { return Demo(*folder, call); });
  line.Complete(command.add_option("DIR", *folder,
                                   "A folder that is new or empty. Without it: one for temporary files."),
                Completes::kFolders);
}

}  // namespace lockkeeper
