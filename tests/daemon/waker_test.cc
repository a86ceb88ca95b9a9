#include "reconciler/daemon/waker.h"

#include <gtest/gtest.h>

#include <thread>

namespace lockkeeper {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

const Instant kNow = *ParseInstant("2026-03-02T06:00:00Z");

class WakerTest : public testing::Test {
 protected:
  Waker waker_{[] { return kNow; }, 1ms};
};

TEST_F(WakerTest, APokeEndsTheWaitThatComes) {
  waker_.Poke();
  waker_.Poke();
  EXPECT_EQ(waker_.Wait({.poll_at = steady_clock::now() + 1h, .wake_at = {}}), Waker::Reason::kPoke);
  // Several are one.
  EXPECT_EQ(waker_.Wait({.poll_at = steady_clock::now(), .wake_at = {}}), Waker::Reason::kPoll);
}

TEST_F(WakerTest, APokeFromAnotherThreadEndsTheWait) {
  std::thread other{[this] { waker_.Poke(); }};
  EXPECT_EQ(waker_.Wait({.poll_at = steady_clock::now() + 1h, .wake_at = {}}), Waker::Reason::kPoke);
  other.join();
}

TEST_F(WakerTest, APokeDoesNotUndercutWhatAServerAskedFor) {
  const auto asked = steady_clock::now() + 50ms;
  waker_.Poke();
  EXPECT_EQ(waker_.Wait({.poll_at = steady_clock::now() + 1h, .wake_at = {}, .not_before = asked}),
            Waker::Reason::kPoke);
  EXPECT_GE(steady_clock::now(), asked);
}

TEST_F(WakerTest, TheWallClockWakes) {
  EXPECT_EQ(waker_.Wait({.poll_at = steady_clock::now() + 1h, .wake_at = kNow}), Waker::Reason::kWake);
}

TEST_F(WakerTest, StopWinsOverEverything) {
  waker_.Poke();
  waker_.Stop();
  EXPECT_EQ(waker_.Wait({.poll_at = steady_clock::now(), .wake_at = kNow}), Waker::Reason::kStop);
  EXPECT_EQ(waker_.Wait(
                {.poll_at = steady_clock::now() + 1h, .wake_at = {}, .not_before = steady_clock::now() + 1h}),
            Waker::Reason::kStop);
}

}  // namespace
}  // namespace lockkeeper
