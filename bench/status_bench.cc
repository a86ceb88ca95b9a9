// The status of one upgrade of 100,000 clusters, of which half have run: about 23 MB as a file.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "reconciler/core/status/rebuild.h"
#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/status/write_status.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr int kClusters = 100'000;
const ObjectName kUpgrade{.ns = "default", .name = "upgrade-to-v1-20"};

Instant Hour(int hours) { return Instant{std::chrono::hours{450'000 + hours}}; }

std::string ClusterName(int i) { return fmt::format("org-{:02}/cluster-{:05}", i / 1000, i); }

Record FirstSight() {
  Record record{.at = Hour(0),
                .decided_on = std::string(40, 'a'),
                .transitions = {TargetSet{kUpgrade, "aws-34.1.0", "sha256:0"}}};
  for (int i = 0; i < kClusters; ++i) {
    record.transitions.emplace_back(
        StateChanged{.upgrade = kUpgrade,
                     .cluster = ClusterName(i),
                     .reason = "window",
                     .until = Hour(7),
                     .message = "default/working-hours is closed; it opens at 07:00"});
  }
  return record;
}

Record Bump(int begin, int end) {
  const WindowRecord window{
      .schedule = "default/working-hours", .name = "working hours", .start = Hour(7), .end = Hour(17)};
  Record record{.at = Hour(8), .decided_on = fmt::format("{:040x}", begin), .transitions = {}};
  for (int i = begin; i < end; ++i) {
    record.transitions.emplace_back(Bumped{kUpgrade, ClusterName(i), "aws-33.4.0", "aws-34.1.0", window, {}});
    record.transitions.emplace_back(StateChanged{.upgrade = kUpgrade,
                                                 .cluster = ClusterName(i),
                                                 .state = ClusterState::kFinished,
                                                 .outcome = Outcome::kUnverified});
  }
  return record;
}

const StatusBook& HalfDone() {
  static const StatusBook book = [] {
    StatusBook made;
    Apply(FirstSight(), made);
    Apply(Bump(0, kClusters / 2), made);
    return made;
  }();
  return book;
}

const std::string& File() {
  static const std::string text = FormatStatusFile(HalfDone().at(kUpgrade));
  return text;
}

void SetBytes(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(bytes));
}

void BM_Summarise(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Summarise(HalfDone().at(kUpgrade)));
}
BENCHMARK(BM_Summarise)->Unit(benchmark::kMillisecond);

void BM_FormatStatusFile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(FormatStatusFile(HalfDone().at(kUpgrade)));
  SetBytes(state, File().size());
}
BENCHMARK(BM_FormatStatusFile)->Unit(benchmark::kMillisecond);

void BM_ParseStatusFile(benchmark::State& state) {
  for (auto _ : state) LK_ASSERT(ParseStatusFile("s.yaml", File()).has_value());
  SetBytes(state, File().size());
}
BENCHMARK(BM_ParseStatusFile)->Unit(benchmark::kMillisecond);

void BM_ParseStatusFileFormattedOtherwise(benchmark::State& state) {
  const std::string text = "# by hand\n" + File();
  for (auto _ : state) LK_ASSERT(ParseStatusFile("s.yaml", text).has_value());
  SetBytes(state, text.size());
}
BENCHMARK(BM_ParseStatusFileFormattedOtherwise)->Unit(benchmark::kMillisecond);

void BM_WriteStatusOfOneBump(benchmark::State& state) {
  StatusBook book = HalfDone();
  const Record record = Bump(kClusters - 1, kClusters);
  for (auto _ : state)
    benchmark::DoNotOptimize(WriteStatus(record, book, [](const std::string&) { return std::string{}; }));
}
BENCHMARK(BM_WriteStatusOfOneBump)->Unit(benchmark::kMillisecond);

void BM_FormatTrailers(benchmark::State& state) {
  const Record record = Bump(0, static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(FormatTrailers(record));
  SetBytes(state, FormatTrailers(record).size());
}
BENCHMARK(BM_FormatTrailers)->Arg(1)->Arg(kClusters);

void BM_ParseTrailers(benchmark::State& state) {
  const std::string message = "Upgrade\n\n" + FormatTrailers(Bump(0, static_cast<int>(state.range(0))));
  for (auto _ : state) LK_ASSERT(ParseTrailers(message)->has_value());
  SetBytes(state, message.size());
}
BENCHMARK(BM_ParseTrailers)->Arg(1)->Arg(kClusters);

void BM_ApplyFirstSight(benchmark::State& state) {
  const Record record = FirstSight();
  for (auto _ : state) {
    StatusBook book;
    Apply(record, book);
    benchmark::DoNotOptimize(book);
  }
}
BENCHMARK(BM_ApplyFirstSight)->Unit(benchmark::kMillisecond);

/// A commit for each cluster.
void BM_Rebuild(benchmark::State& state) {
  std::vector<std::string> messages{"Take it up\n\n" + FormatTrailers(FirstSight())};
  for (int i = 0; i < kClusters; ++i) messages.push_back("Upgrade\n\n" + FormatTrailers(Bump(i, i + 1)));
  for (auto _ : state) {
    StatusRebuild rebuild;
    for (const std::string& message : messages) rebuild.AddCommit("c0ffee", message);
    LK_ASSERT(rebuild.problems().empty());
    LK_ASSERT(rebuild.Files().size() == kClusters + 1);
  }
}
BENCHMARK(BM_Rebuild)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lockkeeper
