#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"

namespace lockkeeper {

/// SemVer 2.0.0, and `1.32` (no patch: `parts` 2), as some tools name Kubernetes minors.
struct Version {
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  int parts = 3;           ///< numbers that were written, 2 or 3
  std::string prerelease;  ///< without '-'
  std::string build;       ///< without '+', e.g. rke2r1

  /// SemVer's precedence; then the build, compared number-aware (rke2r2 < rke2r10), since k3s and RKE2 ship
  /// fixes there.
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }
  std::string str() const;
};

/// SemVer's precedence alone: 1.31.7+rke2r1 equals 1.31.7.
std::strong_ordering ComparePrecedence(const Version& left, const Version& right);

/// No `v` in front. kInvalid says what is wrong (leading zeros, too few numbers, ...). At most 256 bytes and
/// 18 digits a number. Ranges, wildcards and `latest` are none; two numbers carry neither a prerelease nor a
/// build.
Result<Version> ParseVersion(std::string_view text);

/// `v1.20.0`, `aws-34.1.0`, `1.31.7+rke2r1`, `aws-v20.0.0`: everything before the first version is the
/// prefix.
struct ReleaseName {
  std::string prefix;    ///< verbatim: "", "v", "aws-", "aws-v"
  std::string provider;  ///< "aws"; empty: none
  Version version;
  std::string str() const { return prefix + version.str(); }
};
Result<ReleaseName> ParseReleaseName(std::string_view text);

enum class BumpLevel : uint8_t { kNone, kPatch, kMinor, kMajor };
/// By SemVer, of the way from `from` to `to` in either direction; a changed prerelease or build is a patch.
BumpLevel LevelOf(const Version& from, const Version& to);

/// A range: comparators with `>= > <= < =`, spaces or commas for AND, `||` for OR, `^1.2`, `~1.2`, `1.2.x`,
/// `*`. Prereleases count by their precedence (`<1.20.0` holds 1.20.0-rc1), except that they never satisfy
/// `*`, and that the end that `^ ~ 1.2.x` imply lies before the next version's prereleases (`~1.2` does not
/// hold 1.3.0-rc1). A number that is left out is a wildcard: `<=1.2` holds 1.2.9, `>1.2` begins at 1.3.0.
/// Builds count only where the range writes one: `=1.31.7` holds 1.31.7+rke2r1.
class VersionRange {
 public:
  /// kInvalid also for ranges that no version can be in, such as `>2 <1`.
  static Result<VersionRange> Parse(std::string_view text);
  bool Contains(const Version& version) const;

 private:
  struct Comparator {
    enum class Op : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kAnyRelease } op;
    Version version;  ///< unused by kAnyRelease
  };
  struct Parser;                                 ///< of one text, in version_range.cc
  std::vector<std::vector<Comparator>> any_of_;  ///< each inner list must hold whole
};

/// SPEC 2.2 `format`: literal text around `{version}` (the SemVer) or `{component.NAME}`.
struct VersionFormat {
  std::string before;
  std::string component;  ///< empty: {version}
  std::string after;
};
/// kInvalid: no or more than one placeholder, an unknown one, an unclosed brace.
Result<VersionFormat> ParseVersionFormat(std::string_view text);
/// The version text between the literals; nullopt if the literals are not there or the rest is no version.
std::optional<std::string> MatchFormat(const VersionFormat& format, std::string_view text);
/// The text to write for a version.
std::string ApplyFormat(const VersionFormat& format, std::string_view version);

}  // namespace lockkeeper
