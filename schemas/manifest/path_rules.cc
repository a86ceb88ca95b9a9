#include "schemas/manifest/path_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/inventory/glob.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

Result<void> CheckTreePath(std::string_view path) {
  auto bad = [&](std::string_view why) { return Invalid(fmt::format("{} {}", Quoted(path), why)); };
  if (path.empty()) return bad("is empty");
  if (path.starts_with('/')) return bad("begins with '/'; write it from the repository's root, without it");
  if (path.find('\\') != std::string_view::npos)
    return bad("holds a backslash; folders are separated by '/'");
  for (size_t begin = 0; begin < path.size();) {
    size_t end = std::min(path.find('/', begin), path.size());
    std::string_view part = path.substr(begin, end - begin);
    if (part.empty()) return bad("has an empty part between two '/'");
    if (part == "." || part == "..")
      return bad(fmt::format("holds {}; write the path from the repository's root", Quoted(part)));
    if (part == ".git") return bad("leads into .git");
    begin = end + 1;
  }
  return {};
}

Result<void> CheckBranchName(std::string_view name) {
  auto bad = [&](std::string_view why) {
    return Invalid(fmt::format("{} is no name for a branch: it {}", Quoted(name), why));
  };
  if (name.starts_with("refs/")) return bad("begins with refs/; leave out refs/heads/");
  if (name.starts_with('/') || name.starts_with('-')) return bad("begins with '/' or '-'");
  if (name.find_first_of(" ~^:?*[\\\x7f\t") != std::string_view::npos)
    return bad("holds a blank or one of ~^:?*[\\");
  for (std::string_view part : {"..", "//", "@{", "/.", ".lock/"}) {
    if (name.find(part) != std::string_view::npos) return bad(fmt::format("holds '{}'", part));
  }
  if (name.starts_with('.') || name.ends_with('.') || name.ends_with(".lock"))
    return bad("begins or ends in '.', or ends in .lock");
  return {};
}

namespace {

/// Calls `check` with the text of every pair of braces.
template <class Check>
Result<void> CheckBraces(std::string_view text, Check check) {
  for (size_t at = text.find_first_of("{}"); at != std::string_view::npos;
       at = text.find_first_of("{}", at)) {
    size_t close = text.find_first_of("{}", at + 1);
    if (text[at] == '}' || close == std::string_view::npos || text[close] == '{') {
      return Invalid(fmt::format("{} has a brace without its partner", Quoted(text)));
    }
    if (Result<void> inside = check(text.substr(at + 1, close - at - 1)); !inside) return inside;
    at = close + 1;
  }
  return {};
}

}  // namespace

Result<void> CheckPlaceholders(std::string_view text, std::initializer_list<std::string_view> known) {
  return CheckBraces(text, [&](std::string_view name) -> Result<void> {
    if (std::ranges::find(known, name) != known.end()) return {};
    std::string all;
    for (std::string_view one : known) all += fmt::format("{}{{{}}}", all.empty() ? "" : " and ", one);
    return Invalid(fmt::format("{{{}}} is unknown; {} are filled in here", Shortened(name, 60), all));
  });
}

Result<void> CheckRefFile(std::string_view text) {
  if (text.starts_with('/')) {
    return Invalid(
        fmt::format("{} begins with '/'; the path is relative to the cluster's manifest", Quoted(text)));
  }
  return CheckPlaceholders(text, {"cluster", "namespace"});
}

Result<void> CheckForgeUrl(std::string_view url) {
  auto bad = [&](std::string_view why) { return Invalid(fmt::format("{} {}", Quoted(url), why)); };
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return bad("must begin with https:// or http://");
  }
  std::string_view host = rest.substr(0, rest.find('/'));
  // The message must not repeat what may be a password.
  if (host.find('@') != std::string_view::npos)
    return Invalid("holds a name or password; secrets never stand in the repository");
  if (host.empty() || host.find_first_of(" ?#") != std::string_view::npos) return bad("has no host");
  return {};
}

void CheckGlob(const Place& place, FieldReader& read) {
  if (!place.has_text() || read.findings().IsFaulty(place)) return;
  const std::string& pattern = place.node().value;
  if (pattern.empty()) return read.findings().Error(place, "bad-glob", "must not be empty");
  if (auto path = CheckTreePath(pattern); !path)
    return read.findings().Error(place, "bad-glob", path.error().message);
  if (auto glob = Glob::Compile(pattern); !glob)
    read.findings().Error(place, "bad-glob", glob.error().message);
}

}  // namespace lockkeeper
