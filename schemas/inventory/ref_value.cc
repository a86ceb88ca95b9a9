#include "schemas/inventory/ref_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "schemas/version.h"

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, 24> kFloatingWords = {
    "latest",  "main",       "master",      "head",    "trunk",   "stable",   "edge",     "nightly",
    "dev",     "develop",    "development", "next",    "current", "rolling",  "canary",   "lts",
    "staging", "production", "prod",        "testing", "default", "unstable", "snapshot", "release"};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, Lower);
}

bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// `1`, `v1`, `1.x`, `1.2.*`: numbers and wildcards with dots between, fewer than a version or with a
// wildcard.
bool IsPartialVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  int parts = 0;
  bool wildcard = false;
  while (true) {
    size_t dot = text.find('.');
    std::string_view part = text.substr(0, dot);
    bool any = part == "x" || part == "X" || part == "*";
    if (!any && !IsDigits(part)) return false;
    wildcard = wildcard || any;
    ++parts;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return wildcard || parts < 2;
}

std::string Shortened(std::string_view text) {
  constexpr size_t kShownMax = 80;
  if (text.size() <= kShownMax) return std::string(text);
  size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{}...", text.substr(0, end));
}

}  // namespace

bool IsTemplated(std::string_view text) {
  return text.contains("${") || text.contains("{{") || text.contains("$(") || text.contains("<%");
}

bool IsEncrypted(std::string_view text) { return text.starts_with("ENC["); }

bool IsFloating(std::string_view text) {
  if (text.empty()) return false;
  if (text.starts_with("refs/heads/") || text.starts_with("origin/")) return true;
  if (std::string_view("^~><=!*|").contains(text.front())) return true;
  if (text.contains("||") || text.contains(" - ") || text.contains(" <") || text.contains(",<")) return true;
  auto is_word = [&](std::string_view word) { return EqualsIgnoringCase(text, word); };
  return std::ranges::any_of(kFloatingWords, is_word) || IsPartialVersion(text);
}

void JudgeRefValue(const RefFormat& format, std::string_view written_format, TextPool& texts, Ref& ref) {
  auto refuse = [&](std::string_view code, std::string message) {
    ref.problem_code = code;
    ref.problem = std::move(message);
    if (ref.format.empty())
      ref.format = texts.Share(written_format.empty() ? "{v}{version}" : written_format);
  };
  if (ref.value.empty())
    return refuse("missing", fmt::format("{} is empty, so no release stands there", ref.path));
  std::string shown = Shortened(ref.value);
  if (IsEncrypted(ref.value)) {
    return refuse("encrypted",
                  fmt::format("{} is encrypted (SOPS); a release must stand there in the clear", ref.path));
  }
  if (IsTemplated(ref.value)) {
    return refuse("templated", fmt::format("'{}' is filled in by another program; name the place where the "
                                           "release itself stands",
                                           shown));
  }
  auto match = format.Find(ref.value);
  std::string_view core = match ? std::string_view{match->core} : std::string_view{ref.value};
  if (match && ParseVersion(core)) {
    std::string concrete = format.Concrete(*match);
    if (auto parsed = ParseVersionFormat(concrete); parsed && MatchFormat(*parsed, ref.value)) {
      ref.version = match->core;
      ref.format = texts.Share(concrete);
      return;
    }
    return refuse("unparsable",
                  fmt::format("'{}' has braces beside the version, which no format can say", shown));
  }
  if (IsFloating(core) || IsFloating(ref.value)) {
    return refuse("floating", fmt::format("'{}' names no single release; pin it to one", shown));
  }
  std::string expected =
      written_format.empty() ? "a version, with or without v" : std::string(written_format);
  refuse("unparsable", fmt::format("'{}' does not read as {}", shown, expected));
}

}  // namespace lockkeeper
