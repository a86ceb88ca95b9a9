#include <fmt/format.h>

#include <algorithm>

#include "schemas/version.h"

namespace lockkeeper {
namespace {

constexpr size_t kMaxRangeBytes = 1024;
constexpr size_t kMaxComparators = 64;

bool IsSpace(char c) { return c == ' ' || c == '\t'; }
bool IsWildcard(char c) { return c == 'x' || c == 'X' || c == '*'; }
bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A version in a range: after the first `parts` numbers come wildcards.
struct PartialVersion {
  Version version;
  int parts = 3;
};

Version Numbers(uint64_t major, uint64_t minor, uint64_t patch) {
  Version version;
  version.major = major;
  version.minor = minor;
  version.patch = patch;
  return version;
}

/// The first version past all that a partial version with wildcards holds.
Version After(const PartialVersion& partial) {
  const Version& v = partial.version;
  return partial.parts == 1 ? Numbers(v.major + 1, 0, 0) : Numbers(v.major, v.minor + 1, 0);
}

/// Where `^` ends: the leftmost number that is not zero stays, else the last one that was written.
Version CaretEnd(const PartialVersion& partial) {
  const Version& v = partial.version;
  if (v.major > 0 || partial.parts == 1) return Numbers(v.major + 1, 0, 0);
  if (v.minor > 0 || partial.parts == 2) return Numbers(0, v.minor + 1, 0);
  return Numbers(0, 0, v.patch + 1);
}

/// `0` comes before every other prerelease, so `<1.3.0-0` leaves out 1.3.0-rc1.
Version BeforePrereleases(Version version) {
  version.prerelease = "0";
  return version;
}

Result<PartialVersion> ParsePartial(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  int wildcards = 0;
  // The x of 1.2.3-rc.x is the name of a prerelease.
  const bool can_have_wildcards = rest.find_first_of("-+") == std::string_view::npos;
  while (can_have_wildcards && rest.size() >= 2 && IsWildcard(rest.back()) && rest[rest.size() - 2] == '.') {
    rest.remove_suffix(2);
    ++wildcards;
  }
  PartialVersion partial;
  if (rest.size() == 1 && IsWildcard(rest.front())) {
    partial.parts = 0;
  } else if (IsNumber(rest)) {
    auto version = ParseVersion(std::string(rest) + ".0");
    if (!version) return std::unexpected(version.error());
    partial = {*std::move(version), 1};
  } else {
    auto version = ParseVersion(rest);
    if (!version) return std::unexpected(version.error());
    partial.parts = version->parts;
    partial.version = *std::move(version);
  }
  if (wildcards > 0 && (partial.parts == 3 || partial.parts + wildcards > 3)) {
    return Invalid(fmt::format("'{}' has too many parts", text));
  }
  partial.version.parts = 3;
  return partial;
}

}  // namespace

struct VersionRange::Parser {
  using Op = Comparator::Op;
  using Conjunction = std::vector<Comparator>;

  std::string_view text;
  std::string_view rest = text;
  size_t comparators = 0;

  std::unexpected<Error> Bad(std::string_view why) const {
    return Invalid(fmt::format("'{}' is not a version range such as \">=1.19.0 <1.20.0\": {}",
                               text.substr(0, kMaxRangeBytes), why));
  }

  void SkipSpaces() {
    while (!rest.empty() && IsSpace(rest.front())) rest.remove_prefix(1);
  }

  std::string_view TakeOperator() {
    size_t end = std::min(rest.find_first_not_of("<>=^~!"), rest.size());
    std::string_view op = rest.substr(0, end);
    rest.remove_prefix(end);
    return op;
  }

  Result<void> Whole(std::vector<Conjunction>& any_of) {
    if (text.size() > kMaxRangeBytes) return Bad(fmt::format("it is longer than {} bytes", kMaxRangeBytes));
    while (true) {
      Conjunction all_of;
      if (auto done = All(all_of); !done) return done;
      if (IsEmpty(all_of)) return Bad("no version is in it");
      any_of.push_back(std::move(all_of));
      if (rest.empty()) return {};
      rest.remove_prefix(2);
    }
  }

  /// Comparators up to the end or to `||`, which stays.
  Result<void> All(Conjunction& out) {
    bool after_comma = false;
    while (true) {
      SkipSpaces();
      if (rest.empty() || rest.starts_with("||")) {
        if (after_comma) return Bad("nothing follows a comma");
        if (out.empty()) return Bad("a version is missing");
        return {};
      }
      if (auto done = One(out); !done) return done;
      if (++comparators > kMaxComparators)
        return Bad(fmt::format("it has more than {} parts", kMaxComparators));
      SkipSpaces();
      after_comma = rest.starts_with(',');
      if (after_comma) rest.remove_prefix(1);
    }
  }

  Result<void> One(Conjunction& out) {
    std::string_view op = TakeOperator();
    SkipSpaces();
    size_t end = std::min(rest.find_first_of(" \t,|<>=^~!"), rest.size());
    if (end == 0) return Bad("a version is missing");
    auto partial = ParsePartial(rest.substr(0, end));
    if (!partial) return Bad(partial.error().message);
    rest.remove_prefix(end);
    return Desugar(op, *partial, out);
  }

  Result<void> Desugar(std::string_view op, const PartialVersion& partial, Conjunction& out) const {
    const Version& version = partial.version;
    bool whole = partial.parts == 3;
    if (op == ">=") {
      if (partial.parts == 0) return Add(out, Op::kAnyRelease, {});
      return Add(out, Op::kGreaterEqual, version);
    }
    if (op.empty() || op == "=" || op == "^" || op == "~") {
      if (partial.parts == 0) return Add(out, Op::kAnyRelease, {});
      if (whole && (op.empty() || op == "=")) return Add(out, Op::kEqual, version);
      Version after = op == "^"            ? CaretEnd(partial)
                      : partial.parts == 1 ? Numbers(version.major + 1, 0, 0)
                                           : Numbers(version.major, version.minor + 1, 0);
      out.push_back({Op::kGreaterEqual, version});
      return Add(out, Op::kLess, BeforePrereleases(after));
    }
    if (op == "<=") {
      if (partial.parts == 0) return Add(out, Op::kAnyRelease, {});
      if (whole) return Add(out, Op::kLessEqual, version);
      return Add(out, Op::kLess, BeforePrereleases(After(partial)));
    }
    if (op == "<" || op == ">") {
      if (partial.parts == 0) return Bad(fmt::format("no version is in '{}*'", op));
      if (op == "<") return Add(out, Op::kLess, version);
      if (whole) return Add(out, Op::kGreater, version);
      return Add(out, Op::kGreaterEqual, After(partial));
    }
    return Bad(fmt::format("'{}' is no operator; these are: >= > <= < = ^ ~", op));
  }

  static Result<void> Add(Conjunction& out, Op op, Version version) {
    out.push_back({op, std::move(version)});
    return {};
  }

  /// Only what is empty for certain: two bounds that exclude each other.
  static bool IsEmpty(const Conjunction& all_of) {
    for (const Comparator& low : all_of) {
      bool bounds_below = low.op == Op::kGreater || low.op == Op::kGreaterEqual || low.op == Op::kEqual;
      if (!bounds_below) continue;
      for (const Comparator& high : all_of) {
        bool bounds_above = high.op == Op::kLess || high.op == Op::kLessEqual || high.op == Op::kEqual;
        if (!bounds_above) continue;
        auto order = ComparePrecedence(low.version, high.version);
        // Between two builds of one version there may be a third.
        bool builds = !low.version.build.empty() || !high.version.build.empty();
        if (order == 0 && builds) continue;
        bool both_inside = low.op != Op::kGreater && high.op != Op::kLess;
        if (order > 0 || (order == 0 && !both_inside)) return true;
      }
    }
    return false;
  }
};

Result<VersionRange> VersionRange::Parse(std::string_view text) {
  VersionRange range;
  Parser parser{.text = text};
  if (auto done = parser.Whole(range.any_of_); !done) return std::unexpected(done.error());
  return range;
}

bool VersionRange::Contains(const Version& version) const {
  auto holds = [&](const Comparator& comparator) {
    using Op = Comparator::Op;
    if (comparator.op == Op::kAnyRelease) return version.prerelease.empty();
    auto order = comparator.version.build.empty() ? ComparePrecedence(version, comparator.version)
                                                  : version <=> comparator.version;
    switch (comparator.op) {
      case Op::kLess:
        return order < 0;
      case Op::kLessEqual:
        return order <= 0;
      case Op::kGreater:
        return order > 0;
      case Op::kGreaterEqual:
        return order >= 0;
      default:
        return order == 0;
    }
  };
  return std::ranges::any_of(any_of_, [&](const auto& all_of) { return std::ranges::all_of(all_of, holds); });
}

}  // namespace lockkeeper
