// Commits that carry no record: those of people, merges, and the ones that rebuild the status.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reconciler/core/status/trailer_block.h"
#include "reconciler/cycle/altered_status.h"
#include "reconciler/cycle/audit_parts.h"
#include "reconciler/cycle/rebuild_status.h"
#include "reconciler/cycle/status_files.h"

namespace lockkeeper {
namespace {

/// What a cluster's refs hold, and the upgrade that moves it.
struct Standing {
  std::string release;
  std::string refs;
  std::string under_way;
};

/// By cluster: how it stood, in each parent where that matters.
using Standings = std::map<std::string, std::vector<Standing>>;

std::string UnderWay(const StatusBook& book, const std::string& cluster) {
  for (const auto& [name, record] : book) {
    const ClusterRecord* line = record.Find(cluster);
    if (line != nullptr && line->state == ClusterState::kRunning) return name.str();
  }
  return {};
}

/// What the refs of a cluster hold, all of them where they differ.
std::string ReleaseOf(const Cluster& cluster) {
  if (!cluster.release.empty()) return cluster.release.str();
  return cluster.refs.empty() ? std::string{} : cluster.refs.front().value;
}

std::string RefsOf(const Cluster& cluster) {
  std::string text;
  for (const Ref& ref : cluster.refs) text += fmt::format("{}\n{}\n", ref.path.str(), ref.value);
  return text;
}

class OtherAudit {
 public:
  OtherAudit(AuditWork& work, uint32_t place) : work_(work), place_(place), commit_(work.graph[place]) {}

  Result<void> Run() {
    if (commit_.parents.empty()) return {};
    const bool begun =
        std::ranges::any_of(commit_.parents, [&](uint32_t p) { return work_.commits[p].begun; });
    if (!begun) return {};
    if (commit_.parents.size() > 1) return Merge();
    if (auto from = RebuiltFrom(commit_)) return Rebuilt(*from);
    return Single();
  }

 private:
  const std::string& IdOf(uint32_t place) const { return work_.graph[place].id; }
  const std::string& Parent() const { return IdOf(commit_.parents.front()); }

  /// The state at a commit; null where there is no Fleet.
  Result<const FleetState*> StateAt(const std::string& id) {
    auto state = work_.reader.Read(id);
    if (!state) return state;
    return (*state)->fleet.settings ? *state : nullptr;
  }

  void Altered(const std::string& path, const FleetSettings& settings, const std::string& how) {
    const std::string name = path.substr(settings.status.path.size());
    auto upgrade = UpgradeOfStatusFile(name);
    work_.Report(place_, {.commit = commit_.id,
                          .upgrade = upgrade ? upgrade->str() : "",
                          .cluster = {},
                          .code = AuditCode::kAlteredStatus,
                          .message = fmt::format("{}: {}", path, how)});
  }

  Result<void> Single() {
    auto differences = work_.repository.Diff(Parent(), commit_.id);
    if (!differences) return std::unexpected(differences.error());
    if (differences->empty()) return {};
    auto state = StateAt(Parent());
    if (!state) return std::unexpected(state.error());
    if (*state == nullptr) return {};
    const FleetSettings settings = *(*state)->fleet.settings;
    std::set<std::string, std::less<>> files;
    std::vector<const TreeDifference*> records;
    for (const TreeDifference& difference : *differences) {
      if (IsRecordFile(settings, difference.entry.path)) {
        records.push_back(&difference);
      } else {
        files.insert(difference.entry.path);
      }
    }
    Standings before;
    TakeStandings(**state, files, before);
    if (before.empty() && records.empty()) return {};
    auto after = StateAt(commit_.id);
    if (!after) return std::unexpected(after.error());
    if (*after != nullptr) Compare(before, (*after)->fleet);
    // Who moves the status path takes the files along or leaves them: a rebuild writes those that count.
    if (*after != nullptr && (*after)->fleet.settings->status.path != settings.status.path) return {};
    for (const TreeDifference* record : records) {
      Altered(record->entry.path, settings,
              fmt::format("{} by {}, not by lockkeeper", record->removed ? "removed" : "changed",
                          commit_.author_name));
    }
    return {};
  }

  /// Of the clusters that have a ref in these files.
  static void TakeStandings(const FleetState& state, const std::set<std::string, std::less<>>& files,
                            Standings& standings) {
    if (files.empty()) return;
    for (const Cluster& cluster : state.fleet.clusters) {
      if (std::ranges::none_of(cluster.refs, [&](const Ref& ref) { return files.contains(ref.file.str()); }))
        continue;
      standings[cluster.name].push_back(
          {ReleaseOf(cluster), RefsOf(cluster), UnderWay(state.book, cluster.name)});
    }
  }

  void Compare(const Standings& before, const Fleet& after) {
    if (!work_.commits[place_].looked_at) return;
    for (const auto& [name, standings] : before) {
      auto cluster = std::ranges::lower_bound(after.clusters, name, {}, &Cluster::name);
      if (cluster == after.clusters.end() || cluster->name != name) continue;
      const std::string refs = RefsOf(*cluster);
      if (std::ranges::find(standings, refs, &Standing::refs) != standings.end()) continue;
      work_.result.others.push_back({.commit = commit_.id,
                                     .author = commit_.author_name,
                                     .subject = commit_.subject,
                                     .cluster = name,
                                     .from = standings.front().release,
                                     .to = ReleaseOf(*cluster),
                                     .upgrade = standings.front().under_way,
                                     .time = commit_.time});
    }
  }

  /// The commit of `status rebuild`: nothing but what the history says at its parent.
  Result<void> Rebuilt(const std::string& from) {
    auto report = [&](AuditCode code, std::string message) {
      work_.Report(
          place_,
          {.commit = commit_.id, .upgrade = {}, .cluster = {}, .code = code, .message = std::move(message)});
    };
    if (from != Parent()) {
      report(AuditCode::kWrongBase,
             fmt::format("it says that it was made from {}, and it stands on {}", from, Parent()));
    }
    auto state = StateAt(Parent());
    if (!state) return std::unexpected(state.error());
    if (*state == nullptr) return {};
    const FleetSettings settings = *(*state)->fleet.settings;
    if (commit_.author_email != settings.commit.author_email) {
      report(AuditCode::kWrongAuthor,
             fmt::format("its author is {} <{}>, not {} <{}>", commit_.author_name, commit_.author_email,
                         settings.commit.author_name, settings.commit.author_email));
    }
    auto files = RebuiltFiles(work_.repository, **state);
    if (!files) return std::unexpected(files.error());
    auto mismatches = CompareWrites(work_.repository, Parent(), commit_.id, *files, &work_.touched[place_]);
    if (!mismatches) return std::unexpected(mismatches.error());
    for (const FileMismatch& mismatch : *mismatches) {
      if (IsRecordFile(settings, mismatch.path)) {
        Altered(mismatch.path, settings, "a rebuild that is not what the history says");
      } else {
        report(AuditCode::kUnexpectedChange,
               fmt::format("{}: it is changed, and a rebuild changes status files only", mismatch.path));
      }
    }
    return {};
  }

  /// Files that lockkeeper's commits changed, asked for the first time where they were not judged.
  Result<const std::vector<std::string>*> Touched(uint32_t place) {
    auto [entry, is_new] = work_.touched.try_emplace(place);
    if (is_new && !work_.graph[place].parents.empty()) {
      auto differences = work_.repository.Diff(IdOf(work_.graph[place].parents.front()), IdOf(place));
      if (!differences) return std::unexpected(differences.error());
      for (const TreeDifference& d : *differences) entry->second.push_back(d.entry.path);
    }
    return &entry->second;
  }

  /// path -> the parents behind which lockkeeper wrote it last.
  Result<std::map<std::string, uint64_t, std::less<>>> News() {
    std::map<std::string, uint64_t, std::less<>> news;
    for (const auto& [place, parents] : work_.graph.ApartBehind(place_)) {
      if (!work_.commits[place].record && !RebuiltFrom(work_.graph[place])) continue;
      auto touched = Touched(place);
      if (!touched) return std::unexpected(touched.error());
      for (const std::string& path : **touched) news[path] |= parents;
    }
    return news;
  }

  /// A file of a merge must be as it is in a parent behind which lockkeeper wrote it, or in any parent where
  /// it wrote it behind all of them or none.
  Result<void> Merge() {
    const size_t parents = std::min<size_t>(commit_.parents.size(), 64);
    std::map<std::string, uint64_t> differs;  ///< path -> the parents in which it is not the same
    for (size_t i = 0; i < parents; ++i) {
      auto differences = work_.repository.Diff(IdOf(commit_.parents[i]), commit_.id);
      if (!differences) return std::unexpected(differences.error());
      for (const TreeDifference& d : *differences) differs[d.entry.path] |= uint64_t{1} << i;
    }
    auto news = News();
    if (!news) return std::unexpected(news.error());
    const uint64_t all = parents == 64 ? ~uint64_t{0} : (uint64_t{1} << parents) - 1;
    std::map<std::string, uint64_t, std::less<>> odd;  ///< path -> the parents that it should be as in one of
    for (const auto& [path, unlike] : differs) {
      auto written = news->find(path);
      const uint64_t wanted = written == news->end() ? all : written->second;
      if ((wanted & ~unlike) == 0) odd.emplace(path, wanted);
    }
    return odd.empty() ? Result<void>{} : TellMerge(odd);
  }

  Result<void> TellMerge(const std::map<std::string, uint64_t, std::less<>>& odd) {
    Standings before;
    std::set<std::string> kept;
    for (size_t i = 0; i < std::min<size_t>(commit_.parents.size(), 64); ++i) {
      std::set<std::string, std::less<>> files;
      for (const auto& [path, wanted] : odd) {
        if ((wanted >> i & 1) != 0) files.insert(path);
      }
      if (files.empty()) continue;
      auto state = StateAt(IdOf(commit_.parents[i]));
      if (!state) return std::unexpected(state.error());
      if (*state == nullptr) continue;
      for (const std::string& path : files) {
        if (IsRecordFile(*(*state)->fleet.settings, path) && kept.insert(path).second)
          Altered(path, *(*state)->fleet.settings, "the merge has not kept what lockkeeper wrote");
      }
      TakeStandings(**state, files, before);
    }
    if (before.empty()) return {};
    auto after = StateAt(commit_.id);
    if (!after) return std::unexpected(after.error());
    if (*after != nullptr) Compare(before, (*after)->fleet);
    return {};
  }

  AuditWork& work_;
  uint32_t place_;
  const GraphCommit& commit_;
};

}  // namespace

std::optional<std::string> RebuiltFrom(const GraphCommit& commit) {
  if (commit.message.empty() || IsRevert(commit.message)) return std::nullopt;
  for (const Trailer& trailer : FindTrailers(commit.message, kRebuiltTrailer)) {
    if (trailer.key == kRebuiltTrailer) return trailer.value;
  }
  return std::nullopt;
}

Result<void> AuditOtherCommit(AuditWork& work, uint32_t commit) { return OtherAudit{work, commit}.Run(); }

}  // namespace lockkeeper
