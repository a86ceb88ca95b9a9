#include <fmt/format.h>

#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/words.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";
constexpr size_t kHashDigits = 64;

/// `name` or `namespace/name`.
void DecodeUpgradeName(const Place& place, const ObjectName& from, Field<ObjectName>& target,
                       FieldReader& read) {
  std::string text;
  read.Line(place, text);
  if (text.empty() || read.findings().IsFaulty(place)) return;
  ObjectName name{from.ns, text};
  if (size_t slash = text.find('/'); slash != std::string::npos) {
    name = {text.substr(0, slash), text.substr(slash + 1)};
    if (auto problem = ProblemOfNamespace(name.ns))
      return read.findings().Error(place, "bad-name",
                                   fmt::format("the namespace {} {}", Quoted(name.ns), *problem));
  }
  if (auto problem = ProblemOfName(name.name)) {
    return read.findings().Error(place, "bad-name", fmt::format("{} {}", Quoted(name.name), *problem));
  }
  target = {std::move(name), place.mark()};
}

void DecodeClusterHash(const Place& place, std::string& target, FieldReader& read) {
  std::string text;
  read.Line(place, text);
  if (!place.has_text() || read.findings().IsFaulty(place)) return;
  std::string_view digits = text;
  bool prefixed = digits.starts_with(kHashPrefix);
  if (prefixed) digits.remove_prefix(kHashPrefix.size());
  if (!prefixed || digits.size() != kHashDigits ||
      digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return read.findings().Error(
        place, "bad-form",
        fmt::format("{} is no hash of cluster names; it is {} and {} small hex digits, or the field is left "
                    "out",
                    Quoted(text), kHashPrefix, kHashDigits));
  }
  target = std::move(text);
}

}  // namespace

UpgradeApproval DecodeApproval(const Place& document, FieldReader& read) {
  UpgradeApproval approval;
  read.Metadata(document["metadata"], approval.name);
  Place spec = document["spec"];
  DecodeUpgradeName(spec["upgrade"], approval.name, approval.upgrade, read);
  DecodeStageName(spec["stage"], approval.stage, read);
  Field<std::string> release;
  read.Parsed(spec["toRelease"], "bad-version", release, ParseReleaseName);
  approval.to_release = std::move(release.value);
  DecodeClusterHash(spec["clusters"], approval.clusters, read);
  read.Line(spec["by"], approval.by);
  std::optional<Instant> at;
  read.Moment(spec["at"], at);
  // Without it the approval is broken, and the schema has said so.
  if (at) approval.at = *at;
  Place end = spec["expiresAt"];
  read.Moment(end, approval.expires_at);
  if (at && approval.expires_at && *approval.expires_at <= *at) {
    read.findings().Error(end, "bad-value",
                          fmt::format("{} is not after at {}; the approval would never count",
                                      FormatInstant(*approval.expires_at), FormatInstant(*at)));
  }
  return approval;
}

}  // namespace lockkeeper
