#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reconciler/core/time/recurrence.h"
#include "tests/core/time_oracle.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using testing::Civil;
using testing::OracleRule;
using testing::OracleStarts;
using testing::Pick;
using testing::Random;

Recurrence Make(const OracleRule& rule, CivilTime start) {
  auto parsed = ParseRecurrenceRule(rule.Text());
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return Recurrence::Once(start);
  }
  std::optional<CivilTime> until;
  if (parsed->until) until = std::get<CivilTime>(*parsed->until);
  return Recurrence{std::move(*parsed), start, until};
}

/// The first and last differing starts tell more than the whole lists.
void ExpectSameStarts(const Recurrence& recurrence, const std::vector<CivilTime>& expected, CivilTime start,
                      CivilTime last) {
  CivilTime at = start - days{3};
  for (CivilTime wanted : expected) {
    auto found = recurrence.NextAtOrAfter(at);
    ASSERT_TRUE(found.has_value()) << "missing " << FormatCivil(wanted);
    ASSERT_EQ(FormatCivil(*found), FormatCivil(wanted)) << "after " << FormatCivil(at);
    at = *found + Seconds{1};
  }
  auto next = recurrence.NextAtOrAfter(at);
  ASSERT_FALSE(next && *next <= last) << "too many: " << FormatCivil(*next);
}

void ExpectSameJumps(const Recurrence& recurrence, const std::vector<CivilTime>& expected, CivilTime start,
                     CivilTime last, Random& random) {
  for (int i = 0; i < 20; ++i) {
    CivilTime at =
        start + Seconds{static_cast<int64_t>(random() % static_cast<uint64_t>((last - start).count()))};
    if (!expected.empty() && i % 2 == 0) {
      at = expected[random() % expected.size()] + Seconds{Pick(random, -1, 1)};
    }
    const auto after = std::ranges::lower_bound(expected, at);
    auto next = recurrence.NextAtOrAfter(at);
    if (after != expected.end()) {
      ASSERT_EQ(next, *after) << "at or after " << FormatCivil(at);
    } else {
      ASSERT_FALSE(next && *next <= last) << FormatCivil(at);
    }
    const auto above = std::ranges::upper_bound(expected, at);
    auto before = recurrence.LastAtOrBefore(at);
    ASSERT_EQ(before.has_value(), above != expected.begin()) << "at or before " << FormatCivil(at);
    if (before) {
      ASSERT_EQ(FormatCivil(*before), FormatCivil(*(above - 1))) << "at or before " << FormatCivil(at);
    }
  }
}

/// Long enough to see some periods of the rule, short enough for the oracle.
CivilTime LastDay(const OracleRule& rule, CivilTime start, Random& random) {
  const int years = Pick(random, 1, rule.freq == "YEARLY" ? 12 : 4);
  return start + days{366 * years};
}

CivilTime RandomStart(Random& random) {
  const bool anywhere = Pick(random, 0, 9) == 0;
  const int year = anywhere ? Pick(random, 1, 9'970) : Pick(random, 1965, 2040);
  const CivilTime new_year{std::chrono::local_days{std::chrono::year{year} / 1 / 1}};
  return new_year + days{Pick(random, 0, 365)} + Seconds{Pick(random, 0, 86'399)};
}

TEST(RecurrenceProperty, RandomRulesAgreeWithTheOracle) {
  const uint64_t seed = testing::SeedOr(20260326);
  constexpr int kRules = 2'500;
  for (int i = 0; i < kRules; ++i) {
    Random random{seed + static_cast<uint64_t>(i)};
    OracleRule rule = testing::RandomRule(random);
    const CivilTime start = RandomStart(random);
    const CivilTime last = LastDay(rule, start, random);
    if (Pick(random, 0, 4) == 0) rule.count = Pick(random, 1, 60);
    if (!rule.count && Pick(random, 0, 4) == 0) rule.until = start + Seconds{Pick(random, 0, 86'400 * 700)};
    SCOPED_TRACE(fmt::format("LK_SEED={} {} from {}", seed + static_cast<uint64_t>(i), rule.Text(),
                             FormatCivil(start)));
    const std::vector<CivilTime> expected = OracleStarts(rule, start, last);
    const Recurrence recurrence = Make(rule, start);
    ExpectSameStarts(recurrence, expected, start, last);
    ExpectSameJumps(recurrence, expected, start, last, random);
    if (HasFailure()) return;
  }
}

TEST(RecurrenceProperty, GapsAreThoseOfTheStarts) {
  const uint64_t seed = testing::SeedOr(7);
  for (int i = 0; i < 1'000; ++i) {
    Random random{seed + static_cast<uint64_t>(i)};
    const OracleRule rule = testing::RandomRule(random);
    const CivilTime start = Civil("2019-01-31T22:00:00") + days{Pick(random, 0, 3'000)};
    SCOPED_TRACE(fmt::format("LK_SEED={} {} from {}", seed + static_cast<uint64_t>(i), rule.Text(),
                             FormatCivil(start)));
    const Recurrence recurrence = Make(rule, start);
    const Seconds gap = std::chrono::hours{Pick(random, 1, 24 * 500)};
    const bool at_most = recurrence.GapsAtMost(gap);
    // A longer look than the rule's own: some hundred starts.
    bool broken = false;
    auto at = recurrence.NextAtOrAfter(start);
    for (int n = 0; n < 500 && at && !broken; ++n) {
      auto next = recurrence.NextAtOrAfter(*at + Seconds{1});
      broken = !next || *next - *at > gap;
      at = next;
    }
    if (at_most) {
      ASSERT_TRUE(!broken && at) << "a gap of more than " << gap.count() << " s";
    }
  }
}

}  // namespace
}  // namespace lockkeeper
