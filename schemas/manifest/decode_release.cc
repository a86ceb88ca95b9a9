#include <fmt/format.h>

#include <array>

#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/words.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

void DecodeComponents(const Place& list, std::vector<ReleaseComponent>& target, FieldReader& read) {
  for (const Place& place : list.Items()) {
    ReleaseComponent component;
    read.Line(place["name"], component.name);
    read.Line(place["version"], component.version);
    target.push_back(std::move(component));
  }
  read.DistinctNames(list, "name");
}

void DecodeBlockedFrom(const Place& list, Release& release, FieldReader& read) {
  for (const Place& place : list.Items()) {
    BlockedFrom blocked;
    read.Parsed(place["range"], "bad-range", blocked.range, VersionRange::Parse);
    read.Prose(place["reason"], blocked.reason);
    read.Line(place["url"], blocked.url);
    ClusterMatch match = DecodeMatch(place, read);
    if (match.written) blocked.match = std::move(match);
    release.blocked_from.push_back(std::move(blocked));
  }
}

}  // namespace

Release DecodeRelease(const Place& document, ReleaseGroup group, FieldReader& read) {
  using enum ReleaseState;
  static constexpr std::array<std::pair<std::string_view, ReleaseState>, 4> kStates{
      {{"active", kActive}, {"deprecated", kDeprecated}, {"wip", kWip}, {"preview", kPreview}}};
  static constexpr std::array<std::pair<std::string_view, Disruption>, 3> kDisruptions{
      {{"None", Disruption::kNone},
       {"ControlPlane", Disruption::kControlPlane},
       {"Nodes", Disruption::kNodes}}};
  Release release;
  Place name = document["metadata"]["name"];
  Field<std::string> release_name;
  read.Parsed(name, "bad-version", release_name, ParseReleaseName);
  release.name = release_name.value;
  Place spec = document["spec"];
  read.Choice<ReleaseState>(spec["state"], kStates, release.state);
  read.Day(spec["date"], release.date);
  read.Day(spec["endOfLifeDate"], release.end_of_life);
  DecodeComponents(spec["components"], release.components, read);
  DecodeComponents(spec["apps"], release.components, read);
  if (group == ReleaseGroup::kGiantSwarm) return release;
  read.Flag(spec["security"], release.security);
  read.Parsed(spec["upgradesFrom"], "bad-range", release.upgrades_from, VersionRange::Parse);
  DecodeBlockedFrom(spec["blockedFrom"], release, read);
  read.Line(spec["notesURL"], release.notes_url);
  if (Place disruption = spec["disruption"]; disruption.exists()) {
    read.Choice<Disruption>(disruption, kDisruptions, release.disruption.emplace());
  }
  return release;
}

}  // namespace lockkeeper
