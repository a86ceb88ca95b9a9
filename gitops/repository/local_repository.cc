#include "gitops/repository/local_repository.h"

#include <fmt/format.h>

#include <utility>

#include "gitops/repository/commit_object.h"
#include "gitops/repository/location.h"
#include "gitops/repository/open_checks.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";
constexpr size_t kBranchesListedMax = 10;
constexpr int kSymbolicDepthMax = 5;

std::string WithoutSlash(const char* path) {
  std::string text = path;
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

LocalRepository::LocalRepository(GitRepositoryHandle repository, ObjectStore store, OpenOptions options)
    : repository_(std::move(repository)),
      location_(std::move(options.location)),
      git_dir_(WithoutSlash(git_repository_path(repository_.get()))),
      common_dir_(WithoutSlash(git_repository_commondir(repository_.get()))),
      branch_(std::move(options.branch)),
      reader_(std::move(store), {.location = location_,
                                 .shallow_path = common_dir_ + "/shallow",
                                 .blob_bytes_max = options.blob_bytes_max}) {}

Result<std::unique_ptr<Repository>> LocalRepository::Open(const OpenOptions& options) {
  auto path = PathOfLocation(options.location);
  if (!path) return std::unexpected(path.error());
  auto repository = OpenGitRepository(*path);
  if (!repository) return std::unexpected(repository.error());
  auto store = ObjectStore::Open(WithoutSlash(git_repository_commondir(repository->get())) + "/objects");
  if (!store) return std::unexpected(store.error());
  std::unique_ptr<LocalRepository> local(
      new LocalRepository(std::move(*repository), std::move(*store), options));
  if (auto chosen = local->ChooseBranch(); !chosen) return std::unexpected(chosen.error());
  return local;
}

Result<void> LocalRepository::ChooseBranch() {
  if (!branch_.empty()) {
    std::string ref = std::string(kBranchPrefix) + branch_;
    int valid = 0;
    if (git_reference_name_is_valid(&valid, ref.c_str()) == 0 && valid != 0) return {};
    return Invalid(fmt::format("'{}' cannot be the name of a branch", branch_));
  }
  GitReferenceHandle head;
  int code = git_reference_lookup(Out(head), repository_.get(), "HEAD");
  if (code != 0) return GitFailure(code, location_);
  const char* target = git_reference_symbolic_target(head.get());
  if (target == nullptr || !std::string_view(target).starts_with(kBranchPrefix)) {
    return NotFound(
        fmt::format("{}: HEAD names no branch; say which one is meant ({})", location_, BranchList()));
  }
  branch_ = target + kBranchPrefix.size();
  return {};
}

std::string LocalRepository::BranchList() const {
  std::string list;
  size_t count = 0;
  GitReferenceIteratorHandle iterator;
  if (git_reference_iterator_glob_new(Out(iterator), repository_.get(), "refs/heads/*") == 0) {
    const char* name = nullptr;
    for (; git_reference_next_name(&name, iterator.get()) == 0; ++count) {
      if (count < kBranchesListedMax)
        list += fmt::format("{}{}", count > 0 ? ", " : "", name + kBranchPrefix.size());
    }
  }
  git_error_clear();
  if (count == 0) return "the repository has no commits yet";
  if (count > kBranchesListedMax) list += fmt::format(" and {} more", count - kBranchesListedMax);
  return "branches: " + list;
}

Result<LocalRepository::Target> LocalRepository::ResolveBranch() const {
  Target target{.ref = std::string(kBranchPrefix) + branch_, .id = {}};
  for (int depth = 0; depth < kSymbolicDepthMax; ++depth) {
    GitReferenceHandle reference;
    int code = git_reference_lookup(Out(reference), repository_.get(), target.ref.c_str());
    if (code == GIT_ENOTFOUND) {
      git_error_clear();
      return target;
    }
    if (code != 0) return GitFailure(code, fmt::format("{}: {}", location_, target.ref));
    if (const git_oid* oid = git_reference_target(reference.get())) {
      target.id = FromGitOid(*oid);
      return target;
    }
    target.ref = git_reference_symbolic_target(reference.get());
    if (!target.ref.starts_with(kBranchPrefix)) {
      return Invalid(fmt::format("{}: the branch '{}' points to {}, which is no branch", location_, branch_,
                                 target.ref));
    }
  }
  return Invalid(fmt::format("{}: the branch '{}' points to itself", location_, branch_));
}

Result<std::string> LocalRepository::Fetch() {
  auto target = ResolveBranch();
  if (!target) return std::unexpected(target.error());
  if (target->id.IsNone()) {
    return NotFound(fmt::format("{}: there is no branch '{}' ({})", location_, branch_, BranchList()));
  }
  auto commit = reader_.store().Read(target->id, ObjectType::kCommit, kMaxCommitBytes);
  if (commit) return target->id.Hex();
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: the branch '{}' has no readable commit: {} (the repository may be "
                          "damaged: run 'git fsck' there)",
                          location_, branch_, commit.error().message));
}

Result<std::string> LocalRepository::Resolve(const std::string& revision) {
  // In Git's order: as written, then as a tag, a branch, a remote's branch.
  return reader_.Resolve(revision, [this](const std::string& name) -> Result<ObjectId> {
    GitReferenceHandle reference;
    int code = git_reference_dwim(Out(reference), repository_.get(), name.c_str());
    GitReferenceHandle direct;
    if (code == 0) code = git_reference_resolve(Out(direct), reference.get());
    if (code == 0) return FromGitOid(*git_reference_target(direct.get()));
    auto failure = GitFailure(code, name);
    if (code == GIT_EINVALIDSPEC) failure.error().kind = ErrorKind::kNotFound;
    return failure;
  });
}

Result<std::vector<TreeDifference>> LocalRepository::Diff(const std::string& from, const std::string& to) {
  return reader_.Diff(from, to);
}

Result<std::string_view> LocalRepository::ReadBlob(const std::string& id) { return reader_.ReadBlob(id); }

Result<TreeEntry> LocalRepository::FindFile(const std::string& commit, std::string_view path) {
  return reader_.FindFile(commit, path);
}

Result<std::string_view> LocalRepository::ReadCommit(const std::string& id) { return reader_.ReadCommit(id); }

Result<void> LocalRepository::WalkHistory(const std::string& from,
                                          const std::function<bool(const CommitRecord&)>& visit) {
  return reader_.WalkHistory(from, visit);
}

Result<std::unique_ptr<Repository>> OpenLocalRepository(const OpenOptions& options) {
  return LocalRepository::Open(options);
}

}  // namespace lockkeeper
