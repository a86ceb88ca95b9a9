// The daemon's loop over a real repository, with a clock that the test sets. Nothing here waits for time to
// pass but the waits of the loop itself.

#include "reconciler/daemon/loop.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/faulty_repository.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr const char* kFleet = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  inventory:
  - profile: capi-topology
    include: ["clusters/**"]
)";

constexpr const char* kSchedule = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: mornings}
spec:
  matchers: []
  maintenanceWindows:
  - {name: morning, startTime: 2026-01-05T06:00:00Z, duration: 4h, recurrence: FREQ=DAILY}
)";

constexpr const char* kUpgrade = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: up}
spec:
  matchers: [{key: cluster, value: c.*, isRegex: true}]
  releaseRef: {apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: v1.32.0}
)";

constexpr const char* kCluster = R"(apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: c1}
spec: {topology: {class: c, version: v1.31.0}}
)";

Instant At(std::string_view text) { return *ParseInstant(text); }
const Instant kNight = At("2026-03-02T03:00:00Z");
const Instant kMorning = At("2026-03-02T06:00:00Z");

struct SeenTurn {
  std::optional<Error> error;
  bool was_settled = false;
  std::string pushed;
  Rest rest;
  bool has_state = false;
};

/// Runs a loop in a thread and lets the test wait for its turns.
class RunningLoop : public LoopObserver {
 public:
  explicit RunningLoop(std::function<Result<std::unique_ptr<Repository>>()> open,
                       std::chrono::milliseconds poll_interval = 1h)
      : waker_([this] { return Instant{Seconds{now_.load()}}; }, 1ms),
        loop_({.poll_interval = poll_interval,
               .back_off = {.transient_first = 1ms},
               .open = std::move(open),
               .retry_after = {}},
              waker_, *this) {}

  ~RunningLoop() override { Stop(); }

  void Start() {
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void Stop() {
    waker_.Stop();
    if (thread_.joinable()) thread_.join();
  }
  void Set(Instant now) { now_.store(now.time_since_epoch().count()); }
  void Poke() { waker_.Poke(); }

  void TurnBegins(Instant) override {}
  void TurnEnds(const Turn& turn) override {
    const std::scoped_lock lock{mutex_};
    SeenTurn seen{.rest = turn.rest, .has_state = turn.state != nullptr};
    if (turn.result) {
      seen.was_settled = turn.result->was_settled;
      seen.pushed = turn.result->pushed;
    } else {
      seen.error = turn.result.error();
    }
    turns_.push_back(std::move(seen));
    changed_.notify_all();
  }

  /// The first turn from number `from` on that `is` holds for.
  template <class Is>
  SeenTurn Wait(size_t from, Is is) {
    std::unique_lock lock{mutex_};
    size_t found = 0;
    const bool came = changed_.wait_for(lock, 60s, [&] {
      for (found = from; found < turns_.size(); ++found) {
        if (is(turns_[found])) return true;
      }
      return false;
    });
    if (!came) throw std::runtime_error("the turn did not come");
    return turns_[found];
  }
  SeenTurn WaitSettled(size_t from) {
    return Wait(from, [](const SeenTurn& turn) { return !turn.error && turn.pushed.empty(); });
  }
  size_t turns() {
    const std::scoped_lock lock{mutex_};
    return turns_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SeenTurn> turns_;
  std::atomic<int64_t> now_ = kNight.time_since_epoch().count();
  Waker waker_;
  Loop loop_;
  std::thread thread_;
};

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    repository_.Commit({{"lockkeeper.yaml", kFleet},
                        {"upgrades/schedule.yaml", kSchedule},
                        {"upgrades/up.yaml", kUpgrade},
                        {"clusters/c1.yaml", kCluster}});
  }

  Result<std::unique_ptr<Repository>> Open() {
    ++opened_;
    auto real = OpenLocalRepository({.location = repository_.path(), .branch = "main"});
    if (!real) return real;
    auto faulty = std::make_unique<FaultyRepository>(std::move(*real));
    for (const auto& fault : faults_) faulty->FailAt(fault);
    faults_.clear();
    faulty_ = faulty.get();
    return faulty;
  }

  int Bumps() const {
    const std::string log = repository_.Git({"log", "--format=%B", "main"});
    int bumps = 0;
    for (size_t at = log.find("Lockkeeper-Bump:"); at != std::string::npos;
         at = log.find("Lockkeeper-Bump:", at + 1))
      ++bumps;
    return bumps;
  }

  TempRepository repository_;
  std::vector<FaultyRepository::Fault> faults_;
  FaultyRepository* faulty_ = nullptr;
  int opened_ = 0;
};

TEST_F(LoopTest, WakesWhenTheWindowOpensAndRestsBeforeAndAfter) {
  RunningLoop loop{[this] { return Open(); }};
  loop.Start();
  const SeenTurn night = loop.WaitSettled(0);
  EXPECT_EQ(night.rest.wake_at, kMorning);
  EXPECT_TRUE(night.has_state);
  EXPECT_EQ(Bumps(), 0);
  const size_t before = loop.turns();
  loop.Set(kMorning);
  loop.Wait(before, [](const SeenTurn& turn) { return !turn.pushed.empty(); });
  loop.WaitSettled(before);
  loop.Stop();
  EXPECT_EQ(Bumps(), 1);
  EXPECT_NE(repository_.Read("clusters/c1.yaml").find("v1.32.0"), std::string::npos);
}

TEST_F(LoopTest, ATurnWithNothingNewOnlyFetches) {
  RunningLoop loop{[this] { return Open(); }};
  loop.Start();
  loop.WaitSettled(0);
  // A pass that has settled; the next one knows it.
  size_t before = loop.turns();
  const size_t calls = faulty_->journal().size();
  loop.Poke();
  const SeenTurn turn = loop.WaitSettled(before);
  loop.Stop();
  EXPECT_TRUE(turn.was_settled);
  EXPECT_FALSE(turn.has_state);
  EXPECT_EQ(turn.rest.wake_at, kMorning);
  ASSERT_EQ(faulty_->journal().size(), calls + 1);
  EXPECT_EQ(faulty_->journal().back(), "Fetch");
}

TEST_F(LoopTest, APokeMakesItReadANewCommit) {
  RunningLoop loop{[this] { return Open(); }};
  loop.Set(kMorning);
  loop.Start();
  loop.WaitSettled(0);
  EXPECT_EQ(Bumps(), 1);
  std::string second = kCluster;
  second.replace(second.find("c1"), 2, "c2");
  const size_t before = loop.turns();
  repository_.Commit({{"clusters/c2.yaml", second}});
  loop.Poke();
  loop.Wait(before, [](const SeenTurn& turn) { return !turn.pushed.empty(); });
  loop.WaitSettled(before);
  loop.Stop();
  EXPECT_EQ(Bumps(), 2);
}

TEST_F(LoopTest, WhateverCallFailsTheEndIsTheSame) {
  using Fault = FaultyRepository::Fault;
  for (auto mode : {FaultyRepository::Mode::kBefore, FaultyRepository::Mode::kUnknownOutcome}) {
    for (int call = 1; call <= 30; ++call) {
      TempRepository repository;
      repository.Commit({{"lockkeeper.yaml", kFleet},
                         {"upgrades/schedule.yaml", kSchedule},
                         {"upgrades/up.yaml", kUpgrade},
                         {"clusters/c1.yaml", kCluster}});
      int opened = 0;
      RunningLoop loop{[&]() -> Result<std::unique_ptr<Repository>> {
        auto real = OpenLocalRepository({.location = repository.path(), .branch = "main"});
        if (!real) return real;
        auto faulty = std::make_unique<FaultyRepository>(std::move(*real));
        if (opened++ == 0) faulty->FailAt(Fault{call, ErrorKind::kTransient, mode});
        return faulty;
      }};
      loop.Set(kMorning);
      loop.Start();
      loop.WaitSettled(0);
      loop.Stop();
      const std::string log = repository.Git({"log", "--format=%B", "main"});
      const size_t first = log.find("Lockkeeper-Bump:");
      ASSERT_NE(first, std::string::npos) << "call " << call;
      ASSERT_EQ(log.find("Lockkeeper-Bump:", first + 1), std::string::npos) << "call " << call;
    }
  }
}

TEST_F(LoopTest, AfterErrorsInARowTheRepositoryIsOpenedAnew) {
  for (int call = 1; call <= 3; ++call) faults_.push_back({call, ErrorKind::kTransient, {}});
  RunningLoop loop{[this] { return Open(); }};
  loop.Start();
  loop.WaitSettled(0);
  loop.Stop();
  EXPECT_EQ(opened_, 2);
}

TEST_F(LoopTest, ABranchThatIsGoneIsWaitedFor) {
  RunningLoop loop{[this] { return Open(); }};
  loop.Set(kMorning);
  loop.Start();
  loop.WaitSettled(0);
  const std::string head = repository_.Head();
  size_t before = loop.turns();
  repository_.Git({"update-ref", "-d", "refs/heads/main"});
  loop.Poke();
  const SeenTurn gone = loop.Wait(before, [](const SeenTurn& turn) { return turn.error.has_value(); });
  EXPECT_EQ(gone.error->kind, ErrorKind::kNotFound) << gone.error->message;
  before = loop.turns();
  repository_.Git({"update-ref", "refs/heads/main", head});
  loop.Poke();
  loop.WaitSettled(before);
  loop.Stop();
  EXPECT_EQ(repository_.Head(), head);
}

TEST_F(LoopTest, ARewrittenBranchIsPlannedAnew) {
  const std::string begin = repository_.Head();
  RunningLoop loop{[this] { return Open(); }};
  loop.Set(kMorning);
  loop.Start();
  loop.WaitSettled(0);
  EXPECT_EQ(Bumps(), 1);
  size_t before = loop.turns();
  repository_.Git({"update-ref", "refs/heads/main", begin});
  loop.Poke();
  loop.Wait(before, [](const SeenTurn& turn) { return !turn.pushed.empty(); });
  loop.WaitSettled(before);
  loop.Stop();
  EXPECT_EQ(Bumps(), 1);
}

TEST_F(LoopTest, ABrokenFleetIsSaidAndAMendedOneGoesOn) {
  RunningLoop loop{[this] { return Open(); }};
  repository_.Commit({{"lockkeeper.yaml", "kind: Fleet\napiVersion: lockkeeper.dev/v1alpha1\nspec: 7\n"}});
  loop.Set(kMorning);
  loop.Start();
  const SeenTurn broken = loop.Wait(0, [](const SeenTurn& turn) { return turn.error.has_value(); });
  EXPECT_EQ(broken.error->kind, ErrorKind::kInvalid);
  EXPECT_NE(broken.error->message.find("lockkeeper.yaml"), std::string::npos) << broken.error->message;
  const size_t before = loop.turns();
  repository_.Commit({{"lockkeeper.yaml", kFleet}});
  loop.Poke();
  loop.WaitSettled(before);
  loop.Stop();
  EXPECT_EQ(Bumps(), 1);
}

TEST(IsNewAncestor, FollowsEveryParent) {
  TempRepository temp;
  const std::string root = temp.Commit({{"a", "1"}});
  const std::string side = temp.Commit({{"b", "1"}}, "Side", "side");
  const std::string main = temp.Commit({{"a", "2"}});
  const std::string tree = temp.Git({"rev-parse", "main^{tree}"});
  const std::string merge =
      temp.Git({"commit-tree", tree.substr(0, 40), "-p", main, "-p", side, "-m", "Merge"});
  auto repository = *OpenLocalRepository({.location = temp.path(), .branch = "main"});
  const std::string head = merge.substr(0, 40);
  EXPECT_TRUE(*IsNewAncestor(*repository, head, root));
  EXPECT_TRUE(*IsNewAncestor(*repository, head, side));
  EXPECT_TRUE(*IsNewAncestor(*repository, head, head));
  EXPECT_FALSE(*IsNewAncestor(*repository, main, head));
  EXPECT_FALSE(*IsNewAncestor(*repository, main, side));
}

}  // namespace
}  // namespace lockkeeper
