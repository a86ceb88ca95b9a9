#include "reconciler/cli/commands/init_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/core/time/zone.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

/// A text that may hold anything, for YAML: JSON's quoting is YAML's.
std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string QuotedList(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + Quoted(text);
  return "[" + out + "]";
}

/// Text of others in a comment: one line, without what would end it.
std::string InComment(const std::string& text) {
  const std::string quoted = Quoted(text);
  return quoted.substr(1, quoted.size() - 2);
}

std::string FleetName(const std::string& folder) {
  constexpr size_t kNameMax = 63;
  std::string name;
  for (char c : folder) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), kNameMax));
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "fleet" : name;
}

/// A guess without a single release that may be changed would only make findings: it is shown, and not used.
bool IsUsed(const RecognisedRule& found) {
  return found.confidence == RecognitionConfidence::kCertain || found.usable != 0;
}

std::string RuleText(const RecognisedRule& found) {
  const bool is_guess = found.confidence == RecognitionConfidence::kGuess;
  std::string out = fmt::format("  # {}{} cluster{}", is_guess ? "A guess: " : "", found.clusters,
                                found.clusters == 1 ? "" : "s");
  if (found.usable != found.clusters)
    out += fmt::format(", {} of them with a release that may be changed", found.usable);
  out += ".\n";
  for (const std::string& example : found.examples) out += fmt::format("  #   {}\n", InComment(example));
  if (!found.note.empty()) out += fmt::format("  # Note: {}.\n", InComment(found.note));
  const std::string_view begin = IsUsed(found) ? "  " : "  # ";
  out += fmt::format("{}- profile: {}\n", begin, found.rule.profile);
  if (!found.rule.include.empty())
    out += fmt::format("{}  include: {}\n", begin, QuotedList(found.rule.include));
  if (!found.rule.exclude.empty())
    out += fmt::format("{}  exclude: {}\n", begin, QuotedList(found.rule.exclude));
  if (!IsUsed(found)) return out;
  out += "    # labels: {provider: aws}         # for matchers, beside the labels of the manifests\n";
  out += "    # timeZone: Europe/Stockholm      # of these clusters, for what people read\n";
  return out;
}

constexpr std::string_view kOwnShape =
    "  # Nothing here looks like a cluster that a built-in profile knows ('lockkeeper profiles' lists "
    "them).\n"
    "  # Say yourself where the clusters are: take the '#' away and change what is different.\n"
    "  inventory: []\n"
    "  # inventory:\n"
    "  # - name: our-clusters\n"
    "  #   include: [\"clusters/*/cluster.yaml\"]    # the files\n"
    "  #   select: {kind: Cluster}                 # the documents in them\n"
    "  #   cluster: metadata.name                  # what names a cluster\n"
    "  #   labelsFrom: metadata.labels\n"
    "  #   refs:                                   # where its release stands\n"
    "  #   - path: spec.version\n"
    "  #     format: \"v{version}\"\n";

std::string FleetText(const FirstFleet& fleet) {
  std::string out = fmt::format(
      "# What lockkeeper knows about this repository. Written by 'lockkeeper init'; from here on it is "
      "yours.\n"
      "# 'lockkeeper schema Fleet' prints the JSON Schema of this file, for editors; 'lockkeeper validate' "
      "checks it.\n"
      "apiVersion: lockkeeper.dev/v1alpha1\n"
      "kind: Fleet\n"
      "metadata:\n"
      "  name: {}\n"
      "spec:\n"
      "  # Folders with upgrades, schedules and lockkeeper's other objects.\n"
      "  manifests: [upgrades/]\n",
      Quoted(FleetName(fleet.folder)));
  if (fleet.release_folders.empty()) {
    out +=
        "  # Folders with Release objects. With any, every upgrade must name a release that is there.\n"
        "  # releases: [releases/]\n";
  } else {
    out += "  # Folders with Release objects: every upgrade must name one of them.\n";
    out += fmt::format("  releases: {}\n", QuotedList(fleet.release_folders));
  }
  out +=
      "  # How clusters are found: for each file the first matching rule wins. 'lockkeeper clusters' shows "
      "the result.\n";
  if (std::ranges::none_of(fleet.rules, IsUsed)) {
    out += kOwnShape;
    if (!fleet.rules.empty()) out += "  # Or, if these are right:\n  # inventory:\n";
  } else {
    out += "  inventory:\n";
  }
  if (!fleet.rules.empty()) {
    for (const RecognisedRule& rule : fleet.rules) out += RuleText(rule);
  }
  out +=
      "  # A cluster that no schedule governs: only upgrades with a startTime may run (or: Open, Closed).\n"
      "  unscheduled: RequireStartTime\n"
      "  # How a change reaches the branch: commit, branch or mergeRequest (which needs a forge).\n"
      "  delivery: {mode: commit}\n"
      "  # Where the record is written.\n"
      "  status: {path: status/}\n"
      "  # commit: {authorName: lockkeeper, authorEmail: lockkeeper@example.com}\n";
  return out;
}

/// Monday to Thursday; at or after the day that the wall shows now.
std::chrono::local_days FirstWorkingDay(const FirstFleet& fleet) {
  auto zone = Zone::Load(fleet.zone);
  const CivilTime shown = zone ? zone->Civil(fleet.now) : CivilTime{fleet.now.time_since_epoch()};
  auto day = std::chrono::floor<std::chrono::days>(shown);
  for (unsigned weekday = std::chrono::weekday(day).iso_encoding(); weekday > 4; ++weekday) {
    day += std::chrono::days{1};
    if (weekday == 7) break;
  }
  return day;
}

std::string ScheduleText(const FirstFleet& fleet) {
  const std::string day = FormatCivil(FirstWorkingDay(fleet)).substr(0, 10);
  return fmt::format(
      "# When clusters may be upgraded. 'lockkeeper windows' shows the openings.\n"
      "apiVersion: lockkeeper.dev/v1alpha1\n"
      "kind: MaintenanceSchedule\n"
      "metadata:\n"
      "  name: working-hours\n"
      "spec:\n"
      "  timeZone: {}\n"
      "  # Governs every cluster that no other schedule governs. Instead: matchers, as in an upgrade.\n"
      "  default: true\n"
      "  maintenanceWindows:\n"
      "  - name: working-hours\n"
      "    startTime: {}T09:00:00    # the first day, and the time of day\n"
      "    duration: 7h\n"
      "    recurrence: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH\n"
      "  # An exclusion always wins over a window.\n"
      "  # maintenanceExclusions:\n"
      "  # - name: end-of-year\n"
      "  #   startTime: {}-12-15T00:00:00\n"
      "  #   duration: 24d\n"
      "  #   recurrence: FREQ=YEARLY\n"
      "  # An upgrade starts only if that much of the window is left.\n"
      "  runway: 1h\n",
      Quoted(fleet.zone), day, day.substr(0, 4));
}

struct Example {
  std::string cluster = "my-cluster";
  std::string now;
  std::string next = "1.2.3";
};

/// Of what was found: `mgab6 33.1.1 (clusters/mgab6.yaml)`.
Example ExampleOf(const FirstFleet& fleet) {
  Example example;
  for (const RecognisedRule& rule : fleet.rules) {
    for (const std::string& text : rule.examples) {
      const size_t space = text.find(' ');
      if (space == std::string::npos) continue;
      const std::string release = text.substr(space + 1, text.find(' ', space + 1) - space - 1);
      auto version = ParseVersion(release);
      if (!version) continue;
      version->prerelease.clear();
      version->build.clear();
      ++version->patch;
      version->parts = 3;
      return {.cluster = text.substr(0, space), .now = release, .next = version->str()};
    }
  }
  return example;
}

std::string UpgradeText(const FirstFleet& fleet) {
  const Example example = ExampleOf(fleet);
  return fmt::format(
      "# An upgrade to copy. As it stands it does nothing: every line is a comment. Take the '# ' away from "
      "the lines\n"
      "# below, or copy them to a file of their own beside this one; 'lockkeeper plan' then says what would "
      "happen, and\n"
      "# when.\n"
      "#\n"
      "# apiVersion: lockkeeper.dev/v1alpha1\n"
      "# kind: ClusterUpgrade\n"
      "# metadata:\n"
      "#   name: first-upgrade\n"
      "# spec:\n"
      "#   # The clusters: all of these must hold. 'lockkeeper clusters -o json' shows every cluster's "
      "labels.\n"
      "#   matchers:\n"
      "#   - {{name: cluster_id, value: {}}}{}\n"
      "#   # The release to go to.\n"
      "#   releaseRef: {{name: {}}}\n"
      "#   # Not before this instant.\n"
      "#   startTime: {}\n",
      Quoted(example.cluster),
      example.now.empty() ? "" : fmt::format("    # runs {} now", InComment(example.now)),
      Quoted(example.next), FormatInstant(std::chrono::floor<std::chrono::days>(fleet.now)));
}

}  // namespace

std::vector<FirstFile> FirstFiles(const FirstFleet& fleet) {
  return {
      {"upgrades/working-hours.yaml", ScheduleText(fleet),
       fmt::format("a first schedule: Monday to Thursday, 09:00 to 16:00 in {}", fleet.zone)},
      {"upgrades/example-upgrade.yaml", UpgradeText(fleet), "an upgrade to copy; it does nothing yet"},
      {"lockkeeper.yaml", FleetText(fleet), "what lockkeeper knows about this repository"},
  };
}

}  // namespace lockkeeper
