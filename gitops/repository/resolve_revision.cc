// Not git_revparse_single: that one also reads reflogs by the clock, searches all messages by a regular
// expression, and loads whatever object it is given, however large.
#include "gitops/repository/resolve_revision.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

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

using NameLookup = std::function<Result<ObjectId>(const std::string&)>;

class Resolver {
 public:
  Resolver(ObjectStore& store, std::string_view revision, const NameLookup& of_name)
      : store_(store), revision_(revision), of_name_(of_name) {}

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

  /// With the words in front that the error is about.
  template <class T>
  Result<T> About(Result<T> result) const {
    if (!result) result.error().message = fmt::format("'{}': {}", revision_, result.error().message);
    return result;
  }

  Result<ObjectId> OfReference(const std::string& name) const {
    auto id = of_name_(name);
    if (!id && id.error().kind == ErrorKind::kNotFound) return Unknown();
    return About(std::move(id));
  }

  Result<ObjectId> OfAbbreviation(const std::string& digits) const {
    auto id = store_.FindPrefix(digits);
    if (!id && id.error().kind == ErrorKind::kNotFound) return Unknown();
    return About(std::move(id));
  }

  /// Annotated tags name a commit, or another tag.
  Result<ObjectId> Peeled(ObjectId id) const {
    for (int depth = 0; depth < kTagDepthMax; ++depth) {
      auto header = store_.ReadHeader(id);
      if (!header && header.error().kind == ErrorKind::kNotFound)
        return NotFound(fmt::format("'{}': the repository has no commit {}", revision_, id.Hex()));
      if (!header) return About<ObjectId>(std::unexpected(header.error()));
      if (header->type == ObjectType::kCommit) return id;
      if (header->type != ObjectType::kTag || header->size > kTagBytesMax) {
        return Invalid(
            fmt::format("'{}' is a {}, not a commit: {}", revision_, ObjectTypeName(header->type), kGrammar));
      }
      auto tag = store_.Read(id, ObjectType::kTag, kTagBytesMax);
      if (!tag) return About<ObjectId>(std::unexpected(tag.error()));
      constexpr std::string_view kTarget = "object ";
      std::string_view text = tag->view();
      std::optional<ObjectId> target;
      if (text.starts_with(kTarget))
        target = ParseObjectId(text.substr(kTarget.size(), text.find('\n') - kTarget.size()));
      if (!target) return Invalid(fmt::format("'{}': the tag {} names no object", revision_, id.Hex()));
      id = *target;
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

  ObjectStore& store_;
  std::string_view revision_;
  const NameLookup& of_name_;
};

}  // namespace

Result<ObjectId> ResolveRevision(ObjectStore& store, std::string_view revision, const NameLookup& of_name) {
  return Resolver(store, revision, of_name).Run();
}

}  // namespace lockkeeper
