#include "gitops/remote/pkt_line.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace lockkeeper {
namespace {

// What a reader finds when the bytes come in pieces of this size.
std::vector<std::string> Read(std::string_view bytes, size_t piece) {
  PktLineReader reader;
  std::vector<std::string> found;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view input = bytes.substr(at, piece);
    while (true) {
      auto line = reader.Next(input);
      if (!line) return found.emplace_back("error"), found;
      if (!*line) break;
      found.emplace_back((*line)->flush ? "flush" : fmt::format("[{}]", (*line)->data));
    }
    EXPECT_TRUE(input.empty());
  }
  if (reader.unfinished()) found.emplace_back("unfinished");
  return found;
}

TEST(PktLines, AreFoundInPiecesOfAnySize) {
  std::string bytes;
  AppendPktLine(bytes, "hello\n");
  AppendPktLine(bytes, "");
  bytes += kFlush;
  AppendPktLine(bytes, std::string(kPktDataMax, 'x'));
  AppendPktLine(bytes, "0000");
  const std::vector<std::string> expected{"[hello\n]", "[]", "flush",
                                          "[" + std::string(kPktDataMax, 'x') + "]", "[0000]"};
  for (const size_t piece :
       {size_t{1}, size_t{2}, size_t{3}, size_t{5}, size_t{7}, size_t{4096}, bytes.size()})
    EXPECT_EQ(Read(bytes, piece), expected) << piece;
}

TEST(PktLines, OthersAreSeen) {
  struct Row {
    const char* bytes;
    std::vector<std::string> found;
  };
  for (const Row& row : {
           Row{"", {}},
           Row{"00", {"unfinished"}},
           Row{"0009hell", {"unfinished"}},
           Row{"0001", {"error"}},
           Row{"0003", {"error"}},
           Row{"0000fff1", {"flush", "error"}},
           Row{"-001", {"error"}},
           Row{" 01 ", {"error"}},
           Row{"0x10", {"error"}},
           Row{"HTTP", {"error"}},
           Row{"000Aa bcde", {"[a bcde]"}},
       }) {
    for (const size_t piece : {size_t{1}, size_t{100}})
      EXPECT_EQ(Read(row.bytes, piece), row.found) << row.bytes;
  }
}

}  // namespace
}  // namespace lockkeeper
