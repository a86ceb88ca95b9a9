#include "schemas/shared_text.h"

#include <gtest/gtest.h>

#include <sstream>
#include <utility>
#include <vector>

namespace lockkeeper {
namespace {

std::string Copy(const std::string& text) { return text; }
size_t Length(std::string_view text) { return text.size(); }

TEST(SharedText, ReadsLikeAString) {
  SharedText text = "clusters/a.yaml";
  std::string copy = text;
  EXPECT_EQ(copy, "clusters/a.yaml");
  EXPECT_EQ(text, "clusters/a.yaml");
  EXPECT_EQ(text, copy);
  EXPECT_EQ(Copy(text), copy);
  EXPECT_EQ(Length(text), copy.size());
  EXPECT_LT(text, "clusters/b.yaml");
  EXPECT_EQ(fmt::format("{:>20}", text), "     clusters/a.yaml");
  EXPECT_EQ(text + ":1", "clusters/a.yaml:1");
  std::ostringstream out;
  out << text;
  EXPECT_EQ(out.str(), copy);
  EXPECT_TRUE(SharedText("").empty());
  EXPECT_EQ(SharedText(), "");
}

TEST(SharedText, CopiesShareAndOutliveTheirOrigin) {
  std::vector<SharedText> copies;
  {
    SharedText text = std::string(100, 'x');
    copies.assign(10, text);
    EXPECT_EQ(copies[3].str().data(), text.str().data());
  }
  EXPECT_EQ(copies[9], std::string(100, 'x'));
  copies[1] = copies[1];
  copies[2] = std::move(copies[3]);
  EXPECT_TRUE(copies[3].empty());
  EXPECT_EQ(copies[1], copies[2]);
}

}  // namespace
}  // namespace lockkeeper
