#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

using Parse = std::expected<YamlStream, YamlError> (*)(std::string_view, const YamlLimits&);

// One line that says all about a tree: kind, style, value, and for scalars with a span the source between
// bars.
std::string Show(const YamlNode& node, std::string_view text) {
  std::string out;
  if (!node.anchor.empty()) out += "&" + node.anchor + " ";
  if (!node.tag.empty()) out += "<" + node.tag + "> ";
  switch (node.kind) {
    case NodeKind::kAlias:
      return out + "*" + node.value;
    case NodeKind::kScalar:
      out += "p'\"|>"[static_cast<int>(node.style)];
      out += node.value;
      if (node.begin != std::string_view::npos) {
        out += fmt::format("|{}|", text.substr(node.begin, node.end - node.begin));
      }
      return out;
    case NodeKind::kSequence:
      out += node.flow ? "[" : "-[";
      for (const YamlNode& child : node.children) out += Show(child, text) + ",";
      return out + "]";
    case NodeKind::kMapping:
      out += node.flow ? "{" : "-{";
      for (size_t i = 0; i < node.keys.size(); ++i) {
        out += Show(node.keys[i], text) + ":" + Show(node.children[i], text) + ",";
      }
      return out + "}";
  }
  return out;
}

struct SpanRow {
  const char* name;
  const char* text;
  const char* tree;
  const char* places;  // line:column of each scalar and alias, in order
};

void Places(const YamlNode& node, std::string& out) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (node.is_mapping()) Places(node.keys[i], out);
    Places(node.children[i], out);
  }
  if (node.is_scalar() || node.kind == NodeKind::kAlias)
    out += fmt::format("{}:{} ", node.mark.line, node.mark.column);
}

TEST(UserYaml, SpansAndMarksAreExact) {
  const SpanRow rows[] = {
      {"plain", "a: 1.2.3 # c\n", "-{pa|a|:p1.2.3|1.2.3|,}", "1:1 1:4 "},
      {"marks_are_inside_the_quotes", "a: 'b'\nc: \"d\"\n", "-{pa|a|:'b|b|,pc|c|:\"d|d|,}",
       "1:1 1:5 2:1 2:5 "},
      {"escapes_stay_in_the_span", "a: 'it''s'\nb: \"\\u00e9\"\n",
       "-{pa|a|:'it's|it''s|,pb|b|:\"\xC3\xA9|\\u00e9|,}", "1:1 1:5 2:1 2:5 "},
      {"columns_are_bytes", "{\xC3\xA9: b}\n", "{p\xC3\xA9|\xC3\xA9|:pb|b|,}", "1:2 1:6 "},
      {"byte_order_mark_takes_no_column",
       "\xEF\xBB\xBF"
       "a: b\n",
       "-{pa|a|:pb|b|,}", "1:1 1:4 "},
      {"crlf", "a: b\r\nc:\r\n- 'd'\r\n", "-{pa|a|:pb|b|,pc|c|:-['d|d|,],}", "1:1 1:4 2:1 3:4 "},
      {"literal_block", "a: |2-  # c\n   b\n\n  c\n\nd: e\n",
       "-{pa|a|:| b\n\nc|   b\n\n  c\n\n|,pd|d|:pe|e|,}", "1:1 2:4 6:1 6:4 "},
      {"folded_block", "a: >\n  b\n  c\n", "-{pa|a|:>b c\n|  b\n  c\n|,}", "1:1 2:3 "},
      {"comment_after_a_block_is_not_in_it", "a: |\n  b\n# c\nd: e\n", "-{pa|a|:|b\n|  b\n|,pd|d|:pe|e|,}",
       "1:1 2:3 4:1 4:4 "},
      {"tag_and_anchor", "a: !!str &x 1\nb: *x\n", "-{pa|a|:&x <tag:yaml.org,2002:str> p1|1|,pb|b|:*x,}",
       "1:1 1:13 2:1 2:4 "},
      {"value_not_there", "a:\nb: ~\n", "-{pa|a|:p,pb|b|:p~|~|,}", "1:1 1:2 2:1 2:4 "},
      {"empty_in_quotes", "a: \"\"\n", "-{pa|a|:\"||,}", "1:1 1:5 "},
      {"duplicate_keys_stay", "a: 1\na: 2\n", "-{pa|a|:p1|1|,pa|a|:p2|2|,}", "1:1 1:4 2:1 2:4 "},
      {"multi_line_plain", "a: b\n  c\n", "-{pa|a|:pb c|b\n  c|,}", "1:1 1:4 "},
      {"flow_in_block", "a: [b, {c: d}]\n", "-{pa|a|:[pb|b|,{pc|c|:pd|d|,},],}", "1:1 1:5 1:9 1:12 "},
      {"no_line_end", "a: b", "-{pa|a|:pb|b|,}", "1:1 1:4 "},
      {"brackets_that_are_not_indented", "a:\n  b: [\n  c,\n]\n  d: {\n}\n",
       "-{pa|a|:-{pb|b|:[pc|c|,],pd|d|:{},},}", "1:1 2:3 3:3 5:3 "},
      {"empty_block",
       "a:\n  b: |\n\n  # c: |\n  d: 1\n  e: >+ # f\n\n  g:\n  - h: |-\n    i: &x !!str |2\n  - j\nk: 'x |\n "
       " '\n",
       "-{pa|a|:-{pb|b|:||\n|,pd|d|:p1|1|,pe|e|:>\n|\n|,pg|g|:-[-{ph|h|:|||,pi|i|:&x <tag:yaml.org,2002:str> "
       "|||,},pj|j|,],},"
       "pk|k|:'x | |x |\n  |,}",
       "1:1 2:3 2:6 5:3 5:6 6:3 6:6 8:3 9:5 9:8 10:5 10:17 11:5 12:1 12:5 "},
      {"empty_block_in_a_list", "a:\n  - |\n  - >-\n  -\n    - |\n    - b\n",
       "-{pa|a|:-[|||,>||,-[|||,pb|b|,],],}", "1:1 2:5 3:5 5:7 6:7 "},
      {"pair_in_a_flow_list", "[a: b]", "[{pa|a|:pb|b|,},]", "1:2 1:5 "},
  };
  for (const SpanRow& row : rows) {
    auto stream = ParseUserYaml(row.text);
    ASSERT_TRUE(stream.has_value()) << row.name << ": " << stream.error().message;
    ASSERT_EQ(stream->documents.size(), 1U) << row.name;
    EXPECT_EQ(Show(stream->documents[0], row.text), row.tree) << row.name;
    std::string places;
    Places(stream->documents[0], places);
    EXPECT_EQ(places, row.places) << row.name;
  }
}

TEST(UserYaml, DocumentsAreCountedAsWritten) {
  auto stream = ParseUserYaml("---\na: 1\n---\n---\n# c\nb: 2\n...\n---\n");
  ASSERT_TRUE(stream.has_value());
  ASSERT_EQ(stream->documents.size(), 4U);
  EXPECT_TRUE(stream->documents[0].Find("a") != nullptr);
  EXPECT_TRUE(stream->documents[1].is_null());
  EXPECT_TRUE(stream->documents[2].Find("b") != nullptr);
  EXPECT_TRUE(stream->documents[3].is_null());
  EXPECT_EQ(ParseUserYaml("")->documents.size(), 0U);
  EXPECT_EQ(ParseUserYaml("# only a comment\n")->documents.size(), 0U);
}

TEST(ManifestYaml, SeesTheSameTree) {
  const SpanRow rows[] = {
      {"styles", "a: b\nc: 'd'\ne: \"f\"\ng: |\n  h\ni: >-\n  j\n  k\n",
       "-{pa:pb,pc:'d,pe:\"f,pg:|h\n,pi:>j k,}", "1:1 1:4 2:1 2:5 3:1 3:5 4:1 4:4 6:1 6:4 "},
      {"tags_and_anchors", "a: !!str &x 1\nb: *x\nc: &y !z 'q'\n",
       "-{pa:&x <tag:yaml.org,2002:str> p1,pb:*x,pc:&y <!z> 'q,}", "1:1 1:13 2:1 2:4 3:1 3:11 "},
      {"null_has_no_text", "a: ~\nb:\n", "-{pa:p,pb:p,}", "1:1 1:4 2:1 2:3 "},
      {"byte_order_mark",
       "\xEF\xBB\xBF"
       "a: b\r\nc: d\r\n",
       "-{pa:pb,pc:pd,}", "1:1 1:4 2:1 2:4 "},
      {"flow", "a: [b, {\xC3\xA9: d}]\n", "-{pa:[pb,{p\xC3\xA9:pd,},],}", "1:1 1:5 1:9 1:13 "},
  };
  for (const SpanRow& row : rows) {
    auto stream = ParseManifestYaml(row.text);
    ASSERT_TRUE(stream.has_value()) << row.name << ": " << stream.error().message;
    ASSERT_EQ(stream->documents.size(), 1U) << row.name;
    EXPECT_EQ(Show(stream->documents[0], row.text), row.tree) << row.name;
    std::string places;
    Places(stream->documents[0], places);
    EXPECT_EQ(places, row.places) << row.name;
  }
}

TEST(Yaml, BothParsersDecodeQuotedScalarsAlike) {
  const std::string rows[] = {
      "''''",
      "'''''b'",
      "'b''''\n  c''d'",
      "'a" + std::string(64, '\'') + "b'",
      "' a \t\n\n  \t b\n  c '",
      "'\r\n  \r\n a\r\n b'",
      "'\n '",
      R"("\"\\\n\x41\u00e9\U0001F600\ \/\t\0")",
      "\" a \\\n   b\n\n c \"",
      "a '' b\n  c",
  };
  for (const std::string& row : rows) {
    const std::string text = fmt::format("a: {}\nb: 1\n", row);
    auto user = ParseUserYaml(text);
    auto manifest = ParseManifestYaml(text);
    ASSERT_TRUE(user && manifest) << row;
    EXPECT_EQ(user->documents[0].Find("a")->value, manifest->documents[0].Find("a")->value) << row;
    EXPECT_EQ(user->documents[0].Find("b")->value, "1") << row;
  }
}

struct ErrorRow {
  const char* name;
  std::string text;
  const char* place;
  const char* code;
  bool user_too = true;
};

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Yaml, RefusesWithThePlace) {
  const std::string nul("a: b\nc: \0\n", 10);
  const ErrorRow rows[] = {
      {"comma", ",", "1:1", "yaml-syntax"},
      {"comma_after_list", "- x\n,", "2:1", "yaml-syntax"},
      {"comma_as_value", "key: ,", "1:6", "yaml-syntax"},
      {"bracket", "a: b\n]", "2:1", "yaml-syntax"},
      {"open_bracket", "a: [b", "1:4", "yaml-syntax"},
      {"open_bracket_above", "x: 1\na: [{b: [c], d\n\ne: f\n", "2:5", "yaml-syntax"},
      {"double_comma", "a: [1,,2]", "1:7", "yaml-syntax"},
      {"nested_value", "a: b\n  c: d\n", "1:4", "yaml-syntax"},
      {"unterminated_quote", "a: \"b\nc: d\n", "1:5", "yaml-syntax"},
      {"lone_quote", "\"", "1:2", "yaml-syntax"},
      {"tab_indent", "a:\n\tb: c\n", "2:1", "yaml-syntax"},
      {"helm", "a: b\n{{ if .c }}\n", "2:1", "yaml-syntax"},
      {"nul", nul, "2:4", "yaml-encoding"},
      {"escape_character", "a: \x1B[0m\n", "1:4", "yaml-encoding"},
      {"lone_carriage_return", "a: b\nc: d\re: f\n", "2:5", "yaml-encoding"},
      {"bad_utf8", "a: b\nc: \xFF\n", "2:4", "yaml-encoding"},
      {"overlong_utf8", "a: \xC0\x80\n", "1:4", "yaml-encoding"},
      {"surrogate", "a: \xED\xA0\x80\n", "1:4", "yaml-encoding"},
      {"cut_utf8", "a: \xE2\x82", "1:4", "yaml-encoding"},
      {"bad_utf8_in_directive", "%YAML \xFF\n---\na: b\n", "1:7", "yaml-encoding"},
      {"second_byte_order_mark",
       "a: b\n\xEF\xBB\xBF"
       "c: d\n",
       "2:1", "yaml-encoding"},
      {"utf16",
       std::string("\xFF\xFE"
                   "a\0",
                   4),
       "1:1", "yaml-encoding"},
      {"deep_flow", Repeat("[", 10'000), "1:101", "yaml-limit"},
      {"open_brackets", Repeat("[\n", 100'000), "50001:1", "yaml-limit"},
      {"deep_block", Repeat("- ", 100'000), "1:201", "yaml-limit"},
      {"deep_keys", Repeat("? ", 100'000), "1:201", "yaml-limit"},
      {"documents", Repeat("---\n", 1'001), "1001:1", "yaml-limit"},
      {"nodes", Repeat("- a\n", 200'000), "200000:3", "yaml-limit"},
      {"bytes", std::string((1U << 20U) + 1, '#'), "1:1", "yaml-limit"},
      {"duplicate_key", "a: 1\nb: 2\na: 3\n", "3:1", "yaml-duplicate-key", false},
      {"duplicate_key_by_quotes", "- {a: 1, 'a': 2}\n", "1:11", "yaml-duplicate-key", false},
  };
  for (const ErrorRow& row : rows) {
    auto manifest = ParseManifestYaml(row.text);
    ASSERT_FALSE(manifest.has_value()) << row.name;
    EXPECT_EQ(fmt::format("{}:{}", manifest.error().mark.line, manifest.error().mark.column), row.place)
        << row.name << ": " << manifest.error().message;
    EXPECT_EQ(manifest.error().code, row.code) << row.name;
    EXPECT_FALSE(manifest.error().message.empty()) << row.name;
    EXPECT_EQ(ParseUserYaml(row.text).has_value(), !row.user_too) << row.name;
  }
}

TEST(Yaml, AliasesAreNeverFollowed) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) bomb += fmt::format("a{}: &a{} [*a{}, *a{}]\n", i, i, i - 1, i - 1);
  for (Parse parse : {Parse{&ParseUserYaml}, Parse{&ParseManifestYaml}}) {
    auto stream = parse(bomb, {});
    ASSERT_TRUE(stream.has_value()) << stream.error().message;
    const YamlNode* last = stream->documents[0].Find("a59");
    ASSERT_NE(last, nullptr);
    ASSERT_EQ(last->children.size(), 2U);
    EXPECT_EQ(last->children[1].kind, NodeKind::kAlias);
    EXPECT_EQ(last->children[1].value, "a58");
    EXPECT_TRUE(parse("a: &x [*x]\n", {}).has_value());
  }
}

TEST(Yaml, TakesScalarsOfMegabytes) {
  const std::string big(5U << 20U, 'x');
  const std::string text = "a: " + big + "\nb: |\n  " + big + "\n";
  auto stream = ParseUserYaml(text, kUserFileLimits);
  ASSERT_FALSE(stream.has_value());
  EXPECT_EQ(stream.error().code, "yaml-limit");
  const std::string half = "a: \"" + big + "\"\nb: 1\n";
  stream = ParseUserYaml(half, kUserFileLimits);
  ASSERT_TRUE(stream.has_value()) << stream.error().message;
  EXPECT_EQ(stream->documents[0].Find("a")->value, big);
  EXPECT_EQ(stream->documents[0].Find("b")->mark, (Mark{2, 4}));
}

TEST(YamlNode, KnowsNull) {
  auto stream = ParseUserYaml("[~, null, Null, NULL, , nULL, '', 'null', !!str null, !!null x, {}, []]");
  ASSERT_FALSE(stream.has_value());  // an item between commas must be there
  stream = ParseUserYaml("[~, null, Null, NULL, nULL, '', 'null', !!str null, !!null x, {}, []]");
  ASSERT_TRUE(stream.has_value()) << stream.error().message;
  std::string nulls;
  for (const YamlNode& item : stream->documents[0].children) nulls += item.is_null() ? 'y' : 'n';
  EXPECT_EQ(nulls, "yyyynnnnynn");
}

TEST(YamlNode, FindTakesTheFirst) {
  auto stream = ParseUserYaml("a: 1\nb: [a]\na: 2\n");
  ASSERT_TRUE(stream.has_value());
  const YamlNode& root = stream->documents[0];
  EXPECT_EQ(root.Find("a")->value, "1");
  EXPECT_EQ(root.Find("c"), nullptr);
  EXPECT_EQ(root.Find("b")->Find("a"), nullptr);
  EXPECT_EQ(root.Find("a")->Find("a"), nullptr);
}

}  // namespace
}  // namespace lockkeeper
