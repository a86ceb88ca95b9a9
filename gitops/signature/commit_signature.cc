#include "gitops/signature/commit_signature.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {
namespace {

constexpr std::string_view kSsh = "SSH SIGNATURE";
constexpr std::string_view kGpg = "PGP SIGNATURE";

/// Whether the text is `-----BEGIN WHAT-----`, lines, `-----END WHAT-----`, and nothing else.
bool IsArmour(std::string_view text, std::string_view what) {
  const std::string begin = fmt::format("-----BEGIN {}-----\n", what);
  const std::string end = fmt::format("\n-----END {}-----\n", what);
  if (!text.starts_with(begin) || !text.ends_with(end) || text.size() <= begin.size() + end.size())
    return false;
  // Only the first and the last line have a mark.
  text.remove_prefix(begin.size());
  text.remove_suffix(end.size());
  return text.find("-----") == std::string_view::npos && text.find('\0') == std::string_view::npos;
}

CommitSignature Unsigned(std::string problem) {
  return {.kind = SignatureKind::kNone, .armour = {}, .payload = {}, .problem = std::move(problem)};
}

}  // namespace

CommitSignature SplitSignature(std::string_view commit) {
  CommitSignature signature;
  size_t signatures = 0;
  enum class In : uint8_t { kOther, kSignature, kForeign } in = In::kOther;
  while (!commit.empty() && commit.front() != '\n') {
    const size_t end = std::min(commit.find('\n'), commit.size() - 1) + 1;
    std::string_view line = commit.substr(0, end);
    commit.remove_prefix(end);
    if (line.starts_with("gpgsig ")) {
      in = In::kSignature;
      ++signatures;
      line.remove_prefix(std::string_view("gpgsig ").size());
    } else if (line.starts_with("gpgsig")) {
      // That of the same commit in a SHA-256 repository, say. Git signs without it.
      in = In::kForeign;
    } else if (line.front() == ' ' && in == In::kSignature) {
      line.remove_prefix(1);
    } else if (line.front() != ' ') {
      in = In::kOther;
    }
    if (in == In::kOther) signature.payload += line;
    if (in != In::kSignature) continue;
    signature.armour += line;
    if (signature.armour.size() > kSignatureBytesMax) {
      return Unsigned(fmt::format("its signature is longer than {} KiB", kSignatureBytesMax >> 10));
    }
  }
  if (signatures == 0) return Unsigned("it has no signature");
  if (signatures > 1) return Unsigned("it has several signatures");
  signature.payload += commit;
  if (IsArmour(signature.armour, kSsh)) {
    signature.kind = SignatureKind::kSsh;
  } else if (IsArmour(signature.armour, kGpg)) {
    signature.kind = SignatureKind::kGpg;
  } else {
    return Unsigned("its signature is neither one of SSH nor one of GPG, or there is more than that");
  }
  return signature;
}

}  // namespace lockkeeper
