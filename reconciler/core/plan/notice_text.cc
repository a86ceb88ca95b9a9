// The words of a notice (SPEC 2.9).

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/notice.h"
#include "reconciler/core/time/zone.h"

namespace lockkeeper {
namespace {

constexpr size_t kLinesMax = 200;

/// Where it is described what is in a release; the way there may lead over several.
struct Described {
  std::string release;
  std::string url;
};

std::vector<Described> NotesBetween(const PlanContext& context, const ReleaseName& target,
                                    const Version& from) {
  std::vector<Described> notes;
  for (const Release* release : context.model.catalog().OfProvider(target.provider)) {
    auto name = ParseReleaseName(release->name);
    if (!name || name->version <= from || name->version > target.version) continue;
    if (release->state == ReleaseState::kWip) continue;
    notes.push_back({release->name, release->notes_url});
  }
  return notes;
}

std::string InZone(const std::string& zone_name, Instant at) {
  if (zone_name.empty() || zone_name == "UTC") return {};
  auto zone = Zone::Load(zone_name);
  return zone ? zone->Format(at) : std::string{};
}

struct Planned {
  const Contender* contender;
  std::optional<Instant> start;
};

std::vector<Planned> StartsOf(PlanContext& context, uint32_t upgrade, const NoticeRecord& notice) {
  std::vector<Planned> starts;
  const Contender* first = context.FirstOf(upgrade);
  for (size_t n = 0; n < context.model.upgrades()[upgrade].clusters.size(); ++n) {
    const Contender& c = first[n];
    if (!std::ranges::binary_search(notice.clusters, context.cluster(c).name)) continue;
    starts.push_back({&c, IsOver(c) ? std::nullopt : WindowPassesFrom(context, c, notice.planned)});
  }
  return starts;
}

std::string ClusterLines(const PlanContext& context, const std::vector<Planned>& starts) {
  std::string text = "| cluster | from | not before (UTC) | there |\n|---|---|---|---|\n";
  for (size_t i = 0; i < starts.size() && i < kLinesMax; ++i) {
    const Contender& c = *starts[i].contender;
    const auto& start = starts[i].start;
    text += fmt::format("| {} | {} | {} | {} |\n", context.cluster(c).name,
                        c.way->from.empty() ? "?" : c.way->from, start ? FormatInstant(*start) : "-",
                        start ? InZone(context.cluster(c).time_zone.str(), *start) : "");
  }
  if (starts.size() > kLinesMax) text += fmt::format("\nand {} more clusters\n", starts.size() - kLinesMax);
  return text;
}

}  // namespace

std::string NoticeText(PlanContext& context, uint32_t u, const NoticeRecord& notice,
                       std::optional<Seconds> reminder) {
  const UpgradeModel& upgrade = context.model.upgrades()[u];
  const std::vector<Planned> starts = StartsOf(context, u, notice);
  std::string text =
      fmt::format("# {}{}\n\n", reminder ? "Reminder: upgrade to " : "Upgrade to ", notice.to_release);
  if (reminder) text += fmt::format("It begins in {} at the earliest.\n\n", FormatDuration(*reminder));
  text +=
      fmt::format("{} cluster{} will be upgraded to {}, not before {}.\n\n", notice.clusters.size(),
                  notice.clusters.size() == 1 ? "" : "s", notice.to_release, FormatInstant(notice.planned));
  text += "## When\n\n" + ClusterLines(context, starts);
  text +=
      "\nClusters start inside their maintenance windows, perhaps later than this: one after the other where "
      "the "
      "plan says so.\n";

  Seconds longest{0};
  std::optional<Version> lowest;
  for (const Planned& planned : starts) {
    longest = std::max(longest, RunwayOf(context, *planned.contender));
    const auto& version = planned.contender->way->version;
    if (version && (!lowest || *version < *lowest)) lowest = version;
  }
  text += longest > Seconds{0}
              ? fmt::format("\nExpected duration: {} for each cluster.\n", FormatDuration(longest))
              : "\nExpected duration: not stated (the upgrade and its schedules name no runway).\n";

  text += "\n## What changes\n\n";
  const std::vector<Described> notes =
      lowest && upgrade.target ? NotesBetween(context, *upgrade.target, *lowest) : std::vector<Described>{};
  for (const Described& note : notes) {
    text += fmt::format("- {}{}\n", note.release, note.url.empty() ? "" : ": " + note.url);
  }
  if (notes.empty()) text += fmt::format("- {}\n", notice.to_release);

  const std::string name = upgrade.upgrade->name.str();
  text += fmt::format(
      "\n## What you can do\n\n"
      "- Nothing, if the time suits you.\n"
      "- Hold your cluster for a while: `lockkeeper lock cluster=NAME --reason WHY --ttl 2d`.\n"
      "- Have the whole upgrade held: `lockkeeper suspend {}`.\n"
      "- See what holds it, and until when: `lockkeeper explain NAME`.\n",
      name);
  return text;
}

}  // namespace lockkeeper
