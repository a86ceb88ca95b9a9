#include "reconciler/daemon/back_off.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Row {
  const char* name;
  std::vector<ErrorKind> before;
  ErrorKind kind;
  double random;
  std::optional<seconds> retry_after;
  milliseconds expected;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class BackOffTable : public testing::TestWithParam<Row> {};

TEST_P(BackOffTable, Waits) {
  ErrorBackOff back_off{seconds{60}};
  for (ErrorKind kind : GetParam().before) back_off.Next(kind, 0.5, std::nullopt);
  EXPECT_EQ(back_off.Next(GetParam().kind, GetParam().random, GetParam().retry_after), GetParam().expected);
}

constexpr auto kT = ErrorKind::kTransient;
constexpr auto kD = ErrorKind::kDenied;

INSTANTIATE_TEST_SUITE_P(
    Rows, BackOffTable,
    testing::Values(
        Row{"first", {}, kT, 1.0, {}, milliseconds{1000}},
        Row{"at_least_half", {}, kT, 0.0, {}, milliseconds{500}},
        Row{"doubled", {kT, kT, kT}, kT, 1.0, {}, milliseconds{8000}},
        Row{"bounded", std::vector<ErrorKind>(100, kT), kT, 1.0, {}, milliseconds{300'000}},
        Row{"conflict_as_transient", {}, ErrorKind::kConflict, 1.0, {}, milliseconds{1000}},
        Row{"denied_is_slow", {}, kD, 1.0, {}, milliseconds{30'000}},
        Row{"denied_bounded", std::vector<ErrorKind>(100, kD), kD, 1.0, {}, milliseconds{900'000}},
        Row{"another_kind_begins_anew", {kT, kT, kT, kT}, kD, 1.0, {}, milliseconds{30'000}},
        Row{"invalid_waits_for_a_commit", {}, ErrorKind::kInvalid, 1.0, {}, milliseconds{60'000}},
        Row{"not_found_waits_for_a_commit", {}, ErrorKind::kNotFound, 1.0, {}, milliseconds{60'000}},
        Row{"server_asks_for_more", {}, kT, 0.0, seconds{17}, milliseconds{17'000}},
        Row{"server_asks_for_less", {kT, kT, kT, kT}, kT, 1.0, seconds{2}, milliseconds{16'000}},
        Row{"server_asks_for_a_year", {}, kT, 0.0, seconds{31'536'000}, milliseconds{3'600'000}}),
    [](const auto& row) { return row.param.name; });

TEST(BackOff, ASuccessForgetsTheErrors) {
  ErrorBackOff back_off{seconds{60}};
  for (int i = 0; i < 5; ++i) back_off.Next(kT, 1.0, std::nullopt);
  EXPECT_EQ(back_off.errors(), 5);
  back_off.Reset();
  EXPECT_EQ(back_off.Next(kT, 1.0, std::nullopt), milliseconds{1000});
}

}  // namespace
}  // namespace lockkeeper
