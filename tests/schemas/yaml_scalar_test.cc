#include <gtest/gtest.h>

#include <string>

#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

struct ValueRow {
  const char* name;
  std::string scalar;
  std::string value;
};

// The expected values are those of the YAML 1.2 specification; libfyaml, yaml-cpp or both give others for
// many rows.
TEST(YamlScalar, IsDecodedByTheSpecification) {
  const ValueRow rows[] = {
      {"quotes_in_a_row", "'''''b''''c'''", "''b''c'"},
      {"many_quotes", "'" + std::string(128, '\'') + "'", std::string(64, '\'')},
      {"quotes_over_lines", "'b''''\n  c''d'", "b'' c'd"},
      {"folded_quotes", "' a \t\n\n\n  \t b\n  c '", " a\n\nb c "},
      {"last_line_empty", "'a\n  '", "a "},
      {"only_line_breaks", "'\n\n\n  '", "\n\n"},
      {"crlf_in_quotes", "\"a\r\n\r\n  b\r\n  c\"", "a\nb c"},
      {"named_escapes", R"("\a\b\t\n\v\f\r\e\"\/\\\_\N")", "\a\b\t\n\v\f\r\x1B\"/\\\xC2\xA0\xC2\x85"},
      {"nul_escape", R"("a\0b")", std::string("a\0b", 3)},
      {"hex_escapes", R"("\x41\u00e9\u20AC\U0001F600")", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"escaped_line_end", "\"a \\\n   b\\\n  \\  c\"", "a b  c"},
      {"escaped_line_end_before_empty_lines", "\"a\\\n\n\n  b\"", "a\n\nb"},
      {"plain_over_lines", "a ' b\n\n\n  c\n  d", "a ' b\n\nc d"},
      {"literal", "|\n  a\n   b\n\n  c\n\n", "a\n b\n\nc\n"},
      {"literal_strip", "|-\n  a\n\n\n", "a"},
      {"literal_keep", "|+\n  a\n\n  \n", "a\n\n\n"},
      {"literal_keep_before_comment", "|+\n  a\n\n# c\n", "a\n\n"},
      {"literal_crlf", "|\r\n  a\r\n\r\n  b\r\n", "a\n\nb\n"},
      {"literal_indicator", "|1+  # c | d\n  a\n b\n", " a\nb\n"},
      {"literal_of_spaces", "|2\n    \n", "  \n"},
      {"literal_of_blank_lines", "|\n\n   \n\n", ""},
      {"literal_of_blank_lines_kept", "|+\n\n   \n\n", "\n\n\n"},
      {"literal_tab", "|\n  \ta\n  b\t\n", "\ta\nb\t\n"},
      {"literal_trailing_space", "|\n  a  \n  b\n", "a  \nb\n"},
      {"folded", ">\n  a\n  b\n\n  c\n\n\n  d\n", "a b\nc\n\nd\n"},
      {"folded_indented", ">\n  a\n   b\n  c\n", "a\n b\nc\n"},
      {"folded_empty_before_indented", ">-\n  a\n\n   b\n\n  c\n", "a\n\n b\n\nc"},
      {"folded_keep", ">+\n  a  \n  b\n\n", "a   b\n\n"},
      {"folded_leading_empty_lines", ">\n\n\n  a\n", "\n\na\n"},
      {"tagged_block_behind_a_comment", "!!str &x # a | b\n  |\n  a\n", "a\n"},
  };
  for (const ValueRow& row : rows) {
    for (const std::string& around :
         {std::string("a: "), std::string("- "), std::string("x:\n- y: 1\n  a: ")}) {
      // An indicator and continuation lines count from the collection around.
      const bool nested = around.size() > 3;
      std::string scalar = row.scalar;
      if (nested) {
        for (size_t at = scalar.find('\n'); at != std::string::npos && at + 1 < scalar.size();
             at = scalar.find('\n', at + 1)) {
          if (scalar[at + 1] != '\n' && scalar[at + 1] != '\r') scalar.insert(at + 1, "  ");
        }
      }
      auto stream = ParseUserYaml(around + scalar);
      ASSERT_TRUE(stream.has_value())
          << row.name << ": " << around << scalar << ": " << stream.error().message;
      const YamlNode* at = &stream->documents[0];
      while (!at->is_scalar()) at = &at->children.back();
      // What comes behind a line break at the very end of the text is not there.
      EXPECT_EQ(at->value, row.value) << row.name << " in\n" << around << scalar;
    }
  }
}

TEST(YamlScalar, ABlockAtTheEndOfTheTextMayHaveNoLineEnd) {
  EXPECT_EQ(ParseUserYaml("a: |\n  b")->documents[0].Find("a")->value, "b");
  EXPECT_EQ(ParseUserYaml("--- |1\n  b\n")->documents[0].value, " b\n");
  EXPECT_EQ(ParseUserYaml("? |2\n   a\n: >1-\n   b\n")->documents[0].Find(" a\n")->value, "  b");
}

TEST(YamlScalar, JsonSurrogatesAreOneCharacter) {
  auto stream = ParseUserYaml(R"({"a": "\ud83d\ude00"})");
  ASSERT_TRUE(stream.has_value()) << stream.error().message;
  EXPECT_EQ(stream->documents[0].Find("a")->value, "\xF0\x9F\x98\x80");
  for (const char* text : {R"({"a": "\ud83d"})", R"({"a": "\ude00"})", R"({"a": "\ud83dx"})"}) {
    auto lone = ParseUserYaml(text);
    ASSERT_FALSE(lone.has_value()) << text;
    EXPECT_EQ(lone.error().mark.line, 1);
  }
}

}  // namespace
}  // namespace lockkeeper
