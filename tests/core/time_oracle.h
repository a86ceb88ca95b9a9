#pragma once

// A slow and plain second opinion: every day of every period is held against RFC 5545's table, every instant
// comes from the C library. It shares no code with what it tests.

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "schemas/instant.h"

namespace lockkeeper::testing {

struct OracleRule {
  std::string freq = "DAILY";
  int interval = 1;
  std::optional<int> count;
  std::optional<WrittenTime> until;
  int wkst = 1;  ///< Sunday = 0
  std::vector<int> bymonth, byweekno, byyearday, bymonthday, byhour, byminute, bysecond, bysetpos;
  std::vector<std::pair<int, int>> byday;  ///< ordinal (0: every) and weekday

  /// The RRULE.
  std::string Text() const;
};

class OracleZone {
 public:
  explicit OracleZone(const std::string& name);
  Instant Start(CivilTime time) const;
  Instant End(CivilTime time) const;

 private:
  /// From `from` on the wall shows UTC plus `offset`.
  struct Segment {
    int64_t from;
    int64_t offset;
  };
  std::vector<Segment> segments_;
};

/// The starts from `start` to `last`, COUNT included, UNTIL as far as it is civil.
std::vector<CivilTime> OracleStarts(const OracleRule& rule, CivilTime start, CivilTime last);

using Random = std::mt19937_64;
/// From `min` to `max`, both included.
int Pick(Random& random, int min, int max);
/// A valid rule; many parts, most of them absent. No COUNT and UNTIL.
OracleRule RandomRule(Random& random);
/// The seed of a property test: LK_SEED of the environment, or this fixed one.
uint64_t SeedOr(uint64_t fixed);

}  // namespace lockkeeper::testing
