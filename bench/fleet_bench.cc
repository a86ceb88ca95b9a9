// One piece of work on a fleet's repository, for bench/run to time beside the same work done by git.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/audit_steps.h"
#include "bench/fleet_steps.h"
#include "gitops/edit/edit.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {
namespace {

constexpr const char* kUsage =
    "usage: fleet_bench read REPOSITORY          every file of the branch main\n"
    "       fleet_bench fleet REPOSITORY         every manifest, cluster and status file of it\n"
    "       fleet_bench start REPOSITORY NOW     that, and a plan\n"
    "       fleet_bench follow REPOSITORY FROM TO NOW  what both cost when the branch moves\n"
    "       fleet_bench plan REPOSITORY UPGRADE NOW  the decisions about one upgrade (namespace/name)\n"
    "       fleet_bench reconcile REPOSITORY NOW  one pass, and push it to the repository itself\n"
    "       fleet_bench diff REPOSITORY FROM TO  files that differ between two commits\n"
    "       fleet_bench publish REPOSITORY FROM TO INTO  publish the files that differ on main of INTO, as "
    "they "
    "are in TO\n"
    "       fleet_bench publish-each REPOSITORY FROM TO INTO  the same with a commit for each file\n"
    "       fleet_bench bump REPOSITORY FROM TO INTO  edit the releases that differ, and publish them\n"
    "       fleet_bench history REPOSITORY CLUSTERS UPGRADES  fill an empty repository with passes of 25 "
    "bumps\n"
    "       fleet_bench audit REPOSITORY         all of its history\n";

/// Where the fleet's clusters have their release, and the one that a change moves them to.
constexpr const char* kReleasePath = "data.values.global.release.version";
constexpr const char* kTarget = "34.4.1";

enum class Edit { kNo, kYes };

Result<std::string> Read(Repository& repository, const std::string& head) {
  auto files = repository.Diff("", head);
  if (!files) return std::unexpected(files.error());
  size_t bytes = 0;
  for (const TreeDifference& file : *files) {
    auto text = repository.ReadBlob(file.entry.id);
    if (!text) return std::unexpected(text.error());
    bytes += text->size();
  }
  return fmt::format("{} files, {} bytes", files->size(), bytes);
}

Result<std::string> DiffOnly(Repository& repository, const std::string& from, const std::string& to) {
  auto files = repository.Diff(from, to);
  if (!files) return std::unexpected(files.error());
  return fmt::format("{} files", files->size());
}

/// The bytes of a file that differs, as they are in `to`: copied, or made by an edit of what is in `from`.
Result<std::string> NewContent(Repository& repository, const std::string& from, const TreeEntry& to,
                               Edit edit) {
  if (edit == Edit::kNo) {
    auto text = repository.ReadBlob(to.id);
    if (!text) return std::unexpected(text.error());
    return std::string(*text);
  }
  auto entry = repository.FindFile(from, to.path);
  if (!entry) return std::unexpected(entry.error());
  auto text = repository.ReadBlob(entry->id);
  if (!text) return std::unexpected(text.error());
  return SetScalars(*text, {{.document = 0, .path = kReleasePath, .expected = nullptr, .value = kTarget}});
}

enum class Commits { kOne, kOneForEachFile };

CommitDraft EmptyDraft(size_t clusters) {
  return {.writes = {},
          .message = fmt::format("Upgrade {} clusters to aws-{}\n", clusters, kTarget),
          .author_name = "bench",
          .author_email = "bench@example.com",
          .time = *ParseInstant("2026-01-01T00:00:00Z")};
}

Result<std::string> Publish(Repository& repository, const std::string& from, const std::string& to, Edit edit,
                            Commits commits, const std::string& into) {
  auto target = OpenLocalRepository({.location = into, .branch = "main"});
  if (!target) return std::unexpected(target.error());
  auto files = repository.Diff(from, to);
  if (!files) return std::unexpected(files.error());
  std::vector<CommitDraft> drafts;
  for (const TreeDifference& file : *files) {
    auto content = NewContent(repository, from, file.entry, edit);
    if (!content) return std::unexpected(content.error());
    if (drafts.empty() || commits == Commits::kOneForEachFile) {
      drafts.push_back(EmptyDraft(commits == Commits::kOne ? files->size() : 1));
    }
    drafts.back().writes.push_back({file.entry.path, *std::move(content)});
  }
  auto ids = (*target)->Publish(from, drafts);
  if (!ids) return std::unexpected(ids.error());
  return ids->back();
}

Result<std::string> Run(const std::vector<std::string>& arguments) {
  auto repository = OpenLocalRepository({.location = arguments[1], .branch = "main"});
  if (!repository) return std::unexpected(repository.error());
  if (arguments[0] == "history")
    return MakeHistory(**repository, std::stoi(arguments[2]), std::stoi(arguments[3]));
  auto head = (*repository)->Fetch();
  if (!head) return std::unexpected(head.error());
  if (arguments[0] == "read") return Read(**repository, *head);
  if (arguments[0] == "audit") return AuditHistory(**repository, *head);
  if (arguments[0] == "fleet") return ReadFleet(**repository, *head);
  if (arguments[0] == "start") return StartFleet(**repository, *head, arguments[2]);
  if (arguments[0] == "follow") return FollowFleet(**repository, arguments[2], arguments[3], arguments[4]);
  if (arguments[0] == "reconcile") return ReconcileFleet(**repository, *head, arguments[2]);
  if (arguments[0] == "plan") return PlanUpgrade(**repository, *head, arguments[2], arguments[3]);
  if (arguments[0] == "diff") return DiffOnly(**repository, arguments[2], arguments[3]);
  return Publish(**repository, arguments[2], arguments[3], arguments[0] == "bump" ? Edit::kYes : Edit::kNo,
                 arguments[0] == "publish-each" ? Commits::kOneForEachFile : Commits::kOne, arguments[4]);
}

}  // namespace
}  // namespace lockkeeper

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::map<std::string, size_t> wanted{
      {"read", 2}, {"history", 4},   {"audit", 2}, {"fleet", 2},   {"start", 3},        {"follow", 5},
      {"plan", 4}, {"reconcile", 3}, {"diff", 4},  {"publish", 5}, {"publish-each", 5}, {"bump", 5}};
  auto command = arguments.empty() ? wanted.end() : wanted.find(arguments[0]);
  if (command == wanted.end() || arguments.size() != command->second) {
    std::fputs(lockkeeper::kUsage, stderr);
    return 2;
  }
  auto done = lockkeeper::Run(arguments);
  if (!done) {
    fmt::print(stderr, "fleet_bench: {}\n", done.error().message);
    return 1;
  }
  fmt::print("{}\n", *done);
  return 0;
}
