#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "schemas/yaml/simple_yaml.h"

namespace lockkeeper {
namespace {

constexpr YamlLimits kLimits;

// Everything that a node says, but for the end of a block collection.
std::string Dump(const YamlNode& node) {
  bool block = !node.is_scalar() && node.kind != NodeKind::kAlias && !node.flow;
  std::string text = fmt::format("({} {} {} '{}' <{}> &{} {}:{} [{},{})", static_cast<int>(node.kind),
                                 static_cast<int>(node.style), node.flow, node.value, node.tag, node.anchor,
                                 node.mark.line, node.mark.column, node.begin, block ? 0 : node.end);
  for (const YamlNode& key : node.keys) text += "\n K" + Dump(key);
  for (const YamlNode& child : node.children) text += "\n V" + Dump(child);
  return text + ")";
}

std::string Dump(const YamlStream& stream) {
  std::string text;
  for (const YamlNode& document : stream.documents) text += Dump(document) + "\n";
  return text;
}

enum class Seen { kLeft, kRead };

// Whatever the simple reader reads, libfyaml reads likewise.
Seen Compare(std::string_view text) {
  auto simple = ParseSimpleYaml(text, kLimits);
  if (!simple) return Seen::kLeft;
  auto whole = ParseWithLibfyaml(text, kLimits);
  EXPECT_TRUE(whole) << "libfyaml refuses (" << whole.error().message << "):\n" << text;
  if (whole) {
    EXPECT_EQ(Dump(*simple), Dump(*whole)) << text;
  }
  return Seen::kRead;
}

TEST(SimpleYaml, ReadsWhatManifestsConsistOf) {
  for (const char* text : {
           "a: b\n",
           "a: b",
           "---\na: b # c\n---\n# c\nb: 'c'\n",
           "a:\n  b:\n    c: \"d\"  # e\n  f:\ng:\n",
           "a:\n- b\n- c: d\n  e: f\n-   g: h\n    i:\n    - j\nk: l\n",
           "a:\n  - b\n\n  # c\n  - d\n",
           "- a\n- b: c\n  d:\n  - e\n",
           "a: {}\nb: [] # c\n",
           "a: |\n  b\n   c\n\n  d\ne: |-\n  f\n\n\ng: h\n",
           "a:\n  b: |\n    c\n\n\n  d: e\n",
           "a: |\n  b",
           "a:\n  - b: |\n      c\n  - d\n",
           "a.b/c-d: x:y\nurl: https://x/y?z=1#2\nn: -1\n",
           "a: b\n\n   \nc: d\n",
           "a: 1.20\nb: ~\nc: null\nd: 'it is'\n",
           "a: |\n  # no comment\n  b: c\nd: e\n",
       }) {
    EXPECT_EQ(Compare(text), Seen::kRead) << text;
  }
}

TEST(SimpleYaml, LeavesEverythingElse) {
  for (const char* text : {
           "",
           "# c\n",
           "---\n",
           "---\n---\n",
           "a\n",
           "a: b\n c\n",
           "a: b\n  c: d\n",
           "a: b: c\n",
           "a: *b\n",
           "a: &b c\n",
           "a: !b c\n",
           "a: {b: c}\n",
           "a: [b]\n",
           "a: >\n  b\n",
           "a: |+\n  b\n",
           "a: |2\n  b\n",
           "a: \"b\\n\"\n",
           "a: 'b''c'\n",
           "a: 'b\n  c'\n",
           "? a\n",
           "a:\tb\n",
           "a: b\r\n",
           "a: \xC3\xA4\n",
           "%YAML 1.2\n---\na: b\n",
           "a: b\n...\n",
           "--- a\n",
           "-\n",
           "- - a\n",
           "a: |\n\n  b\n",
           "a: |\n  b\n # c\n",
           "a: |\nb: c\n",
           " a: b\n",
           "a: b\nc\n",
           "'a': b\n",
           "a: b\n- c\n",
           "a:\n- b\n c: d\n",
           "a: @b\n",
           "a: `b\n",
           "a: b:\n",
           "<<: a\n",
           "a: |  # c\n  b\n",
           "a: 'b' c\n",
           "a: {} b\n",
           "- a: b\n   c: d\n",
           "a: |\n  b\n \n  c\n",
           "a: - b\n",
       }) {
    EXPECT_EQ(Compare(text), Seen::kLeft) << text;
  }
}

std::vector<std::string> RealFiles() {
  std::vector<std::string> texts;
  for (std::filesystem::path root :
       {std::filesystem::path(LK_TEST_DATA), std::filesystem::path(LK_SHARED) / "fixtures"}) {
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      std::string extension = entry.path().extension();
      if (extension != ".yaml" && extension != ".yml") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream out;
      out << in.rdbuf();
      if (out.str().size() < 8'000) texts.push_back(out.str());
    }
  }
  return texts;
}

TEST(SimpleYaml, AgreesOnRealFilesAndOnWhatIsLikeThem) {
  std::vector<std::string> texts = RealFiles();
  std::ranges::sort(texts);
  ASSERT_GT(texts.size(), 50U);
  size_t read = 0;
  for (const std::string& text : texts) read += Compare(text) == Seen::kRead ? 1 : 0;
  EXPECT_GT(read, texts.size() / 3);
  std::mt19937 random(20260302);
  auto below = [&](size_t end) { return static_cast<size_t>(random()) % std::max<size_t>(end, 1); };
  const std::string_view pieces[] = {" ",      "  ", "\n",   "\n\n", "#", " #",    ":",      ": ", "- ",
                                     "-",      "|",  "|-\n", "\"",   "'", "---\n", "a: b\n", "{}", "[]",
                                     "  a:\n", "x",  "&a ",  "*a",   "!", "~",     ".",      "\\", "%"};
  size_t mutants_read = 0;
  for (int i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) {
    std::string text = texts[below(texts.size())];
    if (text.size() > 1'500) text = text.substr(0, 300 + below(1'200));
    for (size_t n = 1 + below(3); n > 0; --n) {
      size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.insert(at, pieces[below(std::size(pieces))]);
          break;
        case 1:
          text.erase(at, 1 + below(3));
          break;
        case 2: {  // A line again somewhere else.
          size_t begin = text.rfind('\n', at) + 1;
          std::string line = text.substr(begin, text.find('\n', begin) - begin + 1);
          text.insert(text.rfind('\n', below(text.size())) + 1, line);
          break;
        }
        default: {  // A line further in or out.
          size_t begin = text.rfind('\n', at) + 1;
          if (below(2) == 0) {
            text.insert(begin, 1 + below(2), ' ');
          } else if (text[begin] == ' ') {
            text.erase(begin, 1);
          }
        }
      }
    }
    mutants_read += Compare(text) == Seen::kRead ? 1 : 0;
  }
  EXPECT_GT(mutants_read, 2'000U);
}

}  // namespace
}  // namespace lockkeeper
