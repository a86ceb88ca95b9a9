// Not git_revparse_single: that one also reads reflogs by the clock, searches all messages by a regular
// expression, and loads whatever object it is given, however large.
#include "gitops/repository/resolve_revision.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "gitops/repository/commit_object.h"

namespace lockkeeper {
namespace {

constexpr int kTagDepthMax = 10;
constexpr size_t kTagBytesMax = size_t{1} << 20;
constexpr size_t kRevisionBytesMax = 4096;
constexpr size_t kIdDigitsMin = 4;

constexpr std::string_view kGrammar =
    "write a commit id, a branch or a tag, with ~N or ^N behind it for what comes before";

bool IsHex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

class Resolver {
 public:
  Resolver(git_repository* repository, ObjectStore& store, std::string_view revision)
      : repository_(repository), store_(store), revision_(revision) {}

  Result<ObjectId> Run() {
    if (revision_.empty() || revision_.size() > kRevisionBytesMax) {
      return Invalid(fmt::format("a revision has from 1 to {} bytes: {}", kRevisionBytesMax, kGrammar));
    }
    const size_t name_end = std::min(revision_.find_first_of("~^"), revision_.size());
    auto commit = Named(revision_.substr(0, name_end));
    if (commit) commit = Peeled(*commit);
    size_t at = name_end;
    while (commit && at < revision_.size()) commit = Step(*commit, at);
    return commit;
  }

 private:
  std::unexpected<Error> Unknown() const {
    return NotFound(fmt::format("'{}': no such revision: {}", revision_, kGrammar));
  }
  std::unexpected<Error> Malformed() const {
    return Invalid(fmt::format("'{}' is no revision: {}", revision_, kGrammar));
  }

  Result<ObjectId> Named(std::string_view name) const {
    if (name == "@") name = "HEAD";
    if (name.empty() || name.find(char{}) != std::string_view::npos ||
        name.find(':') != std::string_view::npos || name.find("@{") != std::string_view::npos)
      return Malformed();
    if (auto id = ParseObjectId(name)) return *id;
    if (auto id = OfReference(std::string(name)); id || id.error().kind != ErrorKind::kNotFound) return id;
    if (name.size() < kIdDigitsMin || name.size() > 2 * ObjectId::kBytes || !IsHex(name)) return Unknown();
    return OfAbbreviation(std::string(name));
  }

  /// In Git's order: as written, then as a tag, a branch, a remote's branch.
  Result<ObjectId> OfReference(const std::string& name) const {
    GitReferenceHandle reference;
    int code = git_reference_dwim(Out(reference), repository_, name.c_str());
    GitReferenceHandle direct;
    if (code == 0) code = git_reference_resolve(Out(direct), reference.get());
    if (code == GIT_ENOTFOUND || code == GIT_EINVALIDSPEC) {
      git_error_clear();
      return Unknown();
    }
    if (code != 0) return GitFailure(code, fmt::format("'{}'", revision_));
    return FromGitOid(*git_reference_target(direct.get()));
  }

  Result<ObjectId> OfAbbreviation(const std::string& digits) const {
    git_oid prefix;
    git_oid full;
    GitOdbHandle odb;
    int code = git_repository_odb(Out(odb), repository_);
    if (code == 0) code = git_oid_fromstrn(&prefix, digits.data(), digits.size());
    if (code == 0) code = git_odb_exists_prefix(&full, odb.get(), &prefix, digits.size());
    if (code == 0) return FromGitOid(full);
    if (code == GIT_EAMBIGUOUS) {
      git_error_clear();
      return Invalid(
          fmt::format("'{}': several objects begin with these digits: write more of them", revision_));
    }
    if (code != GIT_ENOTFOUND) return GitFailure(code, fmt::format("'{}'", revision_));
    git_error_clear();
    return Unknown();
  }

  /// Annotated tags name a commit, or another tag.
  Result<ObjectId> Peeled(ObjectId id) const {
    GitOdbHandle odb;
    if (int code = git_repository_odb(Out(odb), repository_); code != 0)
      return GitFailure(code, fmt::format("'{}'", revision_));
    for (int depth = 0; depth < kTagDepthMax; ++depth) {
      const git_oid oid = ToGitOid(id);
      size_t size = 0;
      git_object_t type = GIT_OBJECT_INVALID;
      int code = git_odb_read_header(&size, &type, odb.get(), &oid);
      if (code == GIT_ENOTFOUND) {
        git_error_clear();
        return NotFound(fmt::format("'{}': the repository has no commit {}", revision_, id.Hex()));
      }
      if (code != 0) return GitFailure(code, fmt::format("'{}'", revision_));
      if (type == GIT_OBJECT_COMMIT) return id;
      if (type != GIT_OBJECT_TAG || size > kTagBytesMax) {
        return Invalid(
            fmt::format("'{}' is a {}, not a commit: {}", revision_, git_object_type2string(type), kGrammar));
      }
      GitHandle<git_tag, git_tag_free> tag;
      if (code = git_tag_lookup(Out(tag), repository_, &oid); code != 0)
        return GitFailure(code, fmt::format("'{}'", revision_));
      id = FromGitOid(*git_tag_target_id(tag.get()));
    }
    return Invalid(fmt::format("'{}' is a tag of a tag, more than {} deep", revision_, kTagDepthMax));
  }

  /// One `~N` or `^N` at `at`, which moves behind it.
  Result<ObjectId> Step(ObjectId id, size_t& at) const {
    const char kind = revision_[at++];
    size_t number = 1;
    const char* digits = revision_.data() + at;
    const char* end = revision_.data() + revision_.size();
    if (at < revision_.size() && *digits >= '0' && *digits <= '9') {
      auto [behind, error] = std::from_chars(digits, end, number);
      if (error != std::errc{}) return Malformed();
      at += static_cast<size_t>(behind - digits);
    }
    if (at < revision_.size() && revision_[at] != '~' && revision_[at] != '^') return Malformed();
    if (kind == '^') return number == 0 ? id : Parent(id, number);
    for (; number > 0; --number) {
      auto parent = Parent(id, 1);
      if (!parent) return parent;
      id = *parent;
    }
    return id;
  }

  Result<ObjectId> Parent(const ObjectId& id, size_t number) const {
    auto bytes = store_.Read(id, ObjectType::kCommit, kMaxCommitBytes);
    if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
      return NotFound(
          fmt::format("'{}': {} is missing: the clone may be shallow, then 'git fetch --unshallow' helps",
                      revision_, id.Hex()));
    }
    if (!bytes) return std::unexpected(bytes.error());
    auto commit = ParseCommit(id, bytes->view(), WithRecord::kNo);
    if (!commit) return std::unexpected(commit.error());
    if (number <= commit->parents.size()) return commit->parents[number - 1];
    if (commit->parents.empty())
      return NotFound(fmt::format("'{}': the history begins with {}: go back less far", revision_, id.Hex()));
    return NotFound(fmt::format("'{}': {} has {} parent{}", revision_, id.Hex(), commit->parents.size(),
                                commit->parents.size() == 1 ? "" : "s"));
  }

  git_repository* repository_;
  ObjectStore& store_;
  std::string_view revision_;
};

}  // namespace

Result<ObjectId> ResolveRevision(git_repository* repository, ObjectStore& store, std::string_view revision) {
  return Resolver(repository, store, revision).Run();
}

}  // namespace lockkeeper
