#include "schemas/version.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {
namespace {

/// Longer than any name Kubernetes or git tags carry in practice; bounds the search for a name's version.
constexpr size_t kMaxVersionBytes = 256;
/// Keeps every number, and the number after it, inside uint64_t.
constexpr size_t kMaxDigits = 18;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsIdentifierChar(char c) { return IsDigit(c) || IsLower(c) || (c >= 'A' && c <= 'Z') || c == '-'; }
bool IsNumeric(std::string_view text) { return std::ranges::all_of(text, IsDigit); }

std::unexpected<Error> NotAVersion(std::string_view text, std::string_view why) {
  return Invalid(
      fmt::format("'{}' is not a version such as 1.20.0: {}", text.substr(0, kMaxVersionBytes), why));
}

/// Takes the identifier up to the next '.' off the front.
std::string_view TakeIdentifier(std::string_view& rest) {
  size_t end = std::min(rest.find('.'), rest.size());
  std::string_view identifier = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return identifier;
}

/// What is wrong with the dot-separated identifiers after '-' or '+'; empty: nothing.
std::string_view CheckIdentifiers(std::string_view text, bool numbers_are_exact) {
  if (text.empty() || text.back() == '.') return "an identifier is empty";
  while (!text.empty()) {
    std::string_view identifier = TakeIdentifier(text);
    if (identifier.empty()) return "an identifier is empty";
    if (!std::ranges::all_of(identifier, IsIdentifierChar)) {
      return "identifiers consist of letters, digits and '-'";
    }
    if (numbers_are_exact && identifier.size() > 1 && identifier.front() == '0' && IsNumeric(identifier)) {
      return "a number in the prerelease has a leading zero";
    }
  }
  return {};
}

/// Digit runs without leading zeros, of any length, by value.
std::strong_ordering CompareDigits(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

/// SemVer 2.0.0 item 11: a version without prerelease comes after those with one.
std::strong_ordering ComparePrereleases(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) return left.empty() <=> right.empty();
  while (!left.empty() && !right.empty()) {
    std::string_view a = TakeIdentifier(left);
    std::string_view b = TakeIdentifier(right);
    bool a_numeric = IsNumeric(a);
    bool b_numeric = IsNumeric(b);
    if (a_numeric != b_numeric) return b_numeric <=> a_numeric;
    if (auto order = a_numeric ? CompareDigits(a, b) : a <=> b; order != 0) return order;
  }
  return left.size() <=> right.size();
}

std::string_view TakeDigits(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && IsDigit(text[end])) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  return digits.substr(zeros);
}

/// Number-aware: runs of digits by value, before any other character; all else by byte.
std::strong_ordering CompareBuilds(std::string_view left, std::string_view right) {
  const std::string_view whole_left = left;
  const std::string_view whole_right = right;
  while (!left.empty() && !right.empty()) {
    bool left_digit = IsDigit(left.front());
    bool right_digit = IsDigit(right.front());
    if (left_digit != right_digit) return right_digit <=> left_digit;
    if (left_digit) {
      if (auto order = CompareDigits(TakeDigits(left), TakeDigits(right)); order != 0) return order;
      continue;
    }
    if (left.front() != right.front()) return left.front() <=> right.front();
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  if (left.empty() != right.empty()) return right.empty() <=> left.empty();
  // r01 and r1 have one value; the bytes decide, so that equal means the same text.
  return whole_left <=> whole_right;
}

}  // namespace

std::strong_ordering ComparePrecedence(const Version& left, const Version& right) {
  if (auto order = left.major <=> right.major; order != 0) return order;
  if (auto order = left.minor <=> right.minor; order != 0) return order;
  if (auto order = left.patch <=> right.patch; order != 0) return order;
  return ComparePrereleases(left.prerelease, right.prerelease);
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (auto order = ComparePrecedence(*this, other); order != 0) return order;
  return CompareBuilds(build, other.build);
}

std::string Version::str() const {
  std::string out =
      parts == 2 ? fmt::format("{}.{}", major, minor) : fmt::format("{}.{}.{}", major, minor, patch);
  if (!prerelease.empty()) out += "-" + prerelease;
  if (!build.empty()) out += "+" + build;
  return out;
}

Result<Version> ParseVersion(std::string_view text) {
  if (text.size() > kMaxVersionBytes) {
    return NotAVersion(text, fmt::format("it is longer than {} bytes", kMaxVersionBytes));
  }
  if (text.empty()) return NotAVersion(text, "it is empty");
  if (text.front() == 'v') return NotAVersion(text, "no 'v' may stand in front of it here");
  Version version;
  uint64_t* numbers[] = {&version.major, &version.minor, &version.patch};
  std::string_view rest = text;
  for (version.parts = 0; version.parts < 3; ++version.parts) {
    if (version.parts > 0) {
      if (rest.empty() || rest.front() != '.') break;
      rest.remove_prefix(1);
    }
    size_t digits = 0;
    while (digits < rest.size() && IsDigit(rest[digits])) ++digits;
    if (digits == 0) return NotAVersion(text, "a number is missing");
    if (digits > 1 && rest.front() == '0') return NotAVersion(text, "a number has a leading zero");
    if (digits > kMaxDigits) return NotAVersion(text, "a number is too large");
    for (char c : rest.substr(0, digits)) {
      *numbers[version.parts] = *numbers[version.parts] * 10 + static_cast<uint64_t>(c - '0');
    }
    rest.remove_prefix(digits);
  }
  if (version.parts < 2) return NotAVersion(text, "it has too few numbers, write major.minor.patch");
  if (rest.empty()) return version;
  if (version.parts < 3) return NotAVersion(text, "it has too few numbers before what follows them");
  if (rest.front() == '-') {
    size_t plus = std::min(rest.find('+'), rest.size());
    version.prerelease = rest.substr(1, plus - 1);
    if (auto why = CheckIdentifiers(version.prerelease, true); !why.empty()) return NotAVersion(text, why);
    rest.remove_prefix(plus);
  }
  if (!rest.empty() && rest.front() == '+') {
    version.build = rest.substr(1);
    if (auto why = CheckIdentifiers(version.build, false); !why.empty()) return NotAVersion(text, why);
    return version;
  }
  if (!rest.empty()) return NotAVersion(text, "after three numbers comes '-prerelease', '+build' or nothing");
  return version;
}

Result<ReleaseName> ParseReleaseName(std::string_view text) {
  auto bad = [&](std::string_view why) {
    return Invalid(fmt::format("'{}' is not a release's name such as v1.20.0 or aws-34.1.0: {}",
                               text.substr(0, kMaxVersionBytes), why));
  };
  if (text.size() > kMaxVersionBytes) return bad(fmt::format("it is longer than {} bytes", kMaxVersionBytes));
  std::string problem = "it has no version";
  for (size_t at = 0; at < text.size(); ++at) {
    if (!IsDigit(text[at])) continue;
    std::string_view prefix = text.substr(0, at);
    std::string_view provider = prefix;
    if (provider.ends_with('v') && (provider.size() == 1 || provider[provider.size() - 2] == '-')) {
      provider.remove_suffix(1);
    }
    // A version begins the name or follows '-' (and a 'v'); the 8 in k8s-1.30.0 does not.
    if (!provider.empty() && !provider.ends_with('-')) continue;
    auto version = ParseVersion(text.substr(at));
    if (!version) {
      problem = version.error().message;
      continue;
    }
    if (!provider.empty()) {
      provider.remove_suffix(1);
      bool well_formed =
          !provider.empty() && IsLower(provider.front()) &&
          std::ranges::all_of(provider, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
      if (!well_formed) {
        return bad("before the version stands a provider of lower-case letters, digits and '-', then '-'");
      }
    }
    return ReleaseName{std::string(prefix), std::string(provider), *std::move(version)};
  }
  return bad(problem);
}

BumpLevel LevelOf(const Version& from, const Version& to) {
  if (from.major != to.major) return BumpLevel::kMajor;
  if (from.minor != to.minor) return BumpLevel::kMinor;
  return from == to ? BumpLevel::kNone : BumpLevel::kPatch;
}

}  // namespace lockkeeper
