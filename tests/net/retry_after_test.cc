#include "net/retry_after.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

TEST(RetryAfter, IsReadAsSecondsOrAsADate) {
  const std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";
  struct Row {
    const char* name;
    std::string_view value;
    std::string_view date;
    int seconds;  // -1: nothing
  };
  for (const Row& row : {
           Row{"seconds", "120", date, 120},
           Row{"zero", "0", "", 0},
           Row{"spaces", "  7 ", "", 7},
           Row{"bounded", "86400", "", 3600},
           Row{"many_digits", "99999999999999999999", "", 3600},
           Row{"date", "Sun, 06 Nov 1994 08:50:00 GMT", date, 23},
           Row{"date_past", "Sun, 06 Nov 1994 08:49:00 GMT", date, 0},
           Row{"date_far", "Sun, 06 Nov 2094 08:49:00 GMT", date, 3600},
           Row{"over_midnight", "Mon, 07 Nov 1994 00:00:10 GMT", "Sun, 06 Nov 1994 23:59:59 GMT", 11},
           Row{"date_without_date", "Sun, 06 Nov 1994 08:50:00 GMT", "", -1},
           Row{"date_with_rubbish", "Sun, 06 Nov 1994 08:50:00 GMT", "today", -1},
           Row{"negative", "-1", date, -1},
           Row{"fraction", "1.5", date, -1},
           Row{"empty", "", date, -1},
           Row{"words", "soon", date, -1},
           Row{"no_such_day", "Sun, 31 Feb 1994 08:50:00 GMT", date, -1},
           Row{"no_such_hour", "Sun, 06 Nov 1994 24:50:00 GMT", date, -1},
           Row{"another_zone", "Sun, 06 Nov 1994 08:50:00 EST", date, -1},
       }) {
    SCOPED_TRACE(row.name);
    const auto wait = ParseRetryAfter(row.value, row.date);
    EXPECT_EQ(wait ? wait->count() : -1, row.seconds);
  }
}

}  // namespace
}  // namespace lockkeeper
