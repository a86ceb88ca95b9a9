#include "gitops/edit/edit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

struct EditRow {
  const char* name;
  std::string before;
  const char* path;
  const char* value;
  std::string after;
  int document = 0;
};

TEST(SetScalars, ChangesTheBytesOfTheValue) {
  const EditRow rows[] = {
      {"plain", "a:\n  b: 1.2.3 # c\n  c: 1.2.3\n", "a.b", "1.2.4", "a:\n  b: 1.2.4 # c\n  c: 1.2.3\n"},
      {"single_quoted", "a: '1.2.3'\n", "a", "it's", "a: 'it''s'\n"},
      {"double_quoted", "a: \"1.2.3\"\n", "a", "b\\c\"d", "a: \"b\\\\c\\\"d\"\n"},
      {"into_empty_quotes", "a: \"\" # c\n", "a", "x", "a: \"x\" # c\n"},
      {"to_empty", "a: x # c\n", "a", "", "a: \"\" # c\n"},
      {"literal", "a: |\n  1.2.3\nb: c\n", "a", "1.2.4", "a: |\n  1.2.4\nb: c\n"},
      {"literal_with_line_break", "a: |\n  1.2.3\nb: c\n", "a", "1.2.4\n", "a: |\n  1.2.4\nb: c\n"},
      {"literal_strip_indicator", "a: |2-  # c\n   1.2.3\n\n", "a", "1.2.4", "a: |2-  # c\n  1.2.4\n\n"},
      {"literal_keep", "a: |+\n  1.2.3\n\n", "a", "# 1.2.4", "a: |+\n  # 1.2.4\n\n"},
      {"folded", "a: >-\n    1.2.3\nb: c\n", "a", "1.2.4: x", "a: >-\n    1.2.4: x\nb: c\n"},
      {"flow", "{a: {b: 1.2.3, c: [1.2.3, 1.2.3]}}\n", "a.c.1", "v2", "{a: {b: 1.2.3, c: [1.2.3, v2]}}\n"},
      {"crlf", "a: 1\r\nb: v1 \r\nc: 2\r\n", "b", "v2", "a: 1\r\nb: v2 \r\nc: 2\r\n"},
      {"byte_order_mark",
       "\xEF\xBB\xBF"
       "a: v1\n",
       "a", "v2",
       "\xEF\xBB\xBF"
       "a: v2\n"},
      {"no_line_end", "a: v1", "a", "v2", "a: v2"},
      {"second_document", "a: v1\n---\na: v1\n...\n", "a", "v2", "a: v1\n---\na: v2\n...\n", 1},
      {"list_item", "images:\n- name: x\n  newTag: v1\n- name: node\n  newTag: v1\n",
       "images.[name=node].newTag", "v2", "images:\n- name: x\n  newTag: v1\n- name: node\n  newTag: v2\n"},
      {"anchor_without_alias", "a: &x v1\n", "a", "v2", "a: &x v2\n"},
      {"tag", "a: !!str 1.19 # c\n", "a", "1.20", "a: !!str 1.20 # c\n"},
      {"the_same_value", "a: 1.20\n", "a", "1.20", "a: 1.20\n"},
      {"not_in_the_comment", "# a: v1\na: v1 # v1\n", "a", "v2", "# a: v1\na: v2 # v1\n"},
      {"duplicate_elsewhere", "a: v1\nb: {c: 1, c: 2}\n", "a", "v2", "a: v2\nb: {c: 1, c: 2}\n"},
      {"alias_elsewhere", "a: v1\nb: &x {c: 1}\nd:\n  <<: *x\n", "a", "v2",
       "a: v2\nb: &x {c: 1}\nd:\n  <<: *x\n"},
      {"colon_inside", "image: nginx:1.25\n", "image", "nginx:1.26", "image: nginx:1.26\n"},
      {"wide", "\xC3\xA9: \xE2\x82\xAC\n", "\xC3\xA9", "\xF0\x9F\x98\x80", "\xC3\xA9: \xF0\x9F\x98\x80\n"},
      {"anchored_block_in_a_list", "v: v1\nlist:\n  - &x |-\n    a: b\n    c: d\n  - *x\n", "v", "v2",
       "v: v2\nlist:\n  - &x |-\n    a: b\n    c: d\n  - *x\n"},
      {"behind_an_empty_block", "a:\n  b: |\n  c: v1\n", "a.c", "v2", "a:\n  b: |\n  c: v2\n"},
      {"embedded", "data:\n  values: |\n    # c\n    a:\n      b: 1.2.3 # d\n\n    z: 1.2.3\nb: 1.2.3\n",
       "data.values.a.b", "1.2.4",
       "data:\n  values: |\n    # c\n    a:\n      b: 1.2.4 # d\n\n    z: 1.2.3\nb: 1.2.3\n"},
      {"embedded_crlf", "v: |\r\n  a: x\r\n  b: v1\r\n", "v.b", "v2", "v: |\r\n  a: x\r\n  b: v2\r\n"},
      {"embedded_twice", "v: |\n  w: |-\n    b: 'v1'\n  c: d\n", "v.w.b", "it's",
       "v: |\n  w: |-\n    b: 'it''s'\n  c: d\n"},
      {"embedded_block", "v: |\n  w: |-\n    v1\n  c: d\n", "v.w", "v2", "v: |\n  w: |-\n    v2\n  c: d\n"},
      {"embedded_in_single_quotes", "v: '{\"a\": \"it''s\", \"b\": \"v1\"}'\n", "v.b", "o'x",
       "v: '{\"a\": \"it''s\", \"b\": \"o''x\"}'\n"},
      {"embedded_in_double_quotes", R"(v: "{\"a\": \"x\", \"b\": \"v1\"}")", "v.b", "a\"b",
       R"(v: "{\"a\": \"x\", \"b\": \"a\\\"b\"}")"},
      {"embedded_in_double_quotes_with_line_ends", R"(v: "a: 1.19\nb: v1\n")", "v.b", "1.20",
       R"(v: "a: 1.19\nb: \"1.20\"\n")"},
      {"embedded_json_string", "v: |\n  {\"a\": \"1.19\"}\n", "v.a", "1.20", "v: |\n  {\"a\": \"1.20\"}\n"},
      {"embedded_json_number_to_text", "v: |\n  {\"a\": 1}\n", "v.a", "v1", "v: |\n  {\"a\": \"v1\"}\n"},
      {"embedded_json_number", "v: |\n  {\"a\": 1}\n", "v.a", "2", "v: |\n  {\"a\": 2}\n"},
      {"json_file", "{\n\t\"a\": [\n\t\t{\"b\": \"v1\"}\n\t]\n}\n", "a.0.b", "v2",
       "{\n\t\"a\": [\n\t\t{\"b\": \"v2\"}\n\t]\n}\n"},
      {"embedded_folded", "v: >\n  a:\n    b: v1\n    c: 1\n", "v.a.b", "v2",
       "v: >\n  a:\n    b: v2\n    c: 1\n"},
      {"embedded_multi_document_file", "a: 1\n---\nv: |\n  ---\n  b: v1\n", "v.b", "v2",
       "a: 1\n---\nv: |\n  ---\n  b: v2\n", 1},
  };
  for (const EditRow& row : rows) {
    auto result = SetScalars(row.before, {{.document = row.document, .path = row.path, .value = row.value}});
    ASSERT_TRUE(result.has_value()) << row.name << ": " << result.error().message;
    EXPECT_EQ(*result, row.after) << row.name;
  }
}

struct TypeRow {
  const char* before;
  const char* value;
  const char* after;
};

TEST(SetScalars, QuotesAPlainValueThatWouldChangeType) {
  const TypeRow rows[] = {
      {"1.19.3", "1.20.0", "1.20.0"},
      {"1.19.3", "1.20", "\"1.20\""},
      {"v1.19", "1.20", "\"1.20\""},
      {"1.19", "1.20", "1.20"},
      {"1.19", "1.20.1", "1.20.1"},
      {"19", "20", "20"},
      {"19", "20.1", "20.1"},
      {"19", "20.10", "\"20.10\""},
      {"19", "0123", "\"0123\""},
      {"0122", "0123", "0123"},
      {"v1", "0123", "\"0123\""},
      {"v1", "1_000", "\"1_000\""},
      {"v1", "12:30:00", "\"12:30:00\""},
      {"v1", "12:30:00.5", "\"12:30:00.5\""},
      {"v1", "0x1F", "\"0x1F\""},
      {"v1", "0o17", "\"0o17\""},
      {"v1", "0b11", "\"0b11\""},
      {"abc1234", "12e4567", "\"12e4567\""},
      {"v1", "1e5", "\"1e5\""},
      {"v1", ".5", "\".5\""},
      {"v1", "5.", "\"5.\""},
      {"v1", "-.inf", "\"-.inf\""},
      {"v1", ".nan", "\".nan\""},
      {"v1", "-1", "\"-1\""},
      {"v1", "yes", "\"yes\""},
      {"v1", "Off", "\"Off\""},
      {"v1", "y", "\"y\""},
      {"v1", "true", "\"true\""},
      {"v1", "True", "\"True\""},
      {"true", "false", "false"},
      {"true", "no", "\"no\""},
      {"yes", "no", "no"},
      {"yes", "true", "true"},
      {"v1", "null", "\"null\""},
      {"v1", "~", "\"~\""},
      {"v1", "<<", "\"<<\""},
      {"v1", "2024-01-15", "\"2024-01-15\""},
      {"2024-01-15", "2024-02-15", "2024-02-15"},
      {"v1", "2024-01-15T10:00:00Z", "\"2024-01-15T10:00:00Z\""},
      {"v1", "2024.01.15", "2024.01.15"},
      {"v1", "1.2.3-rc.1+b2", "1.2.3-rc.1+b2"},
      {"v1", ">=1.2 <2", "\">=1.2 <2\""},
      {"v1", "~1.2", "~1.2"},
      {"v1", "^1.2", "^1.2"},
      {"v1", "*", "\"*\""},
      {"v1", "- a", "\"- a\""},
      {"v1", "-a", "-a"},
      {"v1", "--- a", "\"--- a\""},
      {"v1", "? a", "\"? a\""},
      {"v1", "?a", "?a"},
      {"::1/128", "::2/128", "::2/128"},
      {"v1", ":", "\":\""},
      {"[v1]", "?a", "[\"?a\"]"},
      {"[v1]", ":a", "[\":a\"]"},
      {"[v1]", "-a", "[-a]"},
      {"v1", "a: b", "\"a: b\""},
      {"v1", "a:", "\"a:\""},
      {"v1", "a:b", "a:b"},
      {"v1", "a #b", "\"a #b\""},
      {"v1", "a#b", "a#b"},
      {"v1", "#a", "\"#a\""},
      {"v1", " a", "\" a\""},
      {"v1", "a ", "\"a \""},
      {"v1", "a\tb", "\"a\tb\""},
      {"v1", "@a", "\"@a\""},
      {"v1", "`a", "\"`a\""},
      {"v1", "'a'", "\"'a'\""},
      {"v1", "\"a\"", "\"\\\"a\\\"\""},
      {"v1", "{a}", "\"{a}\""},
      {"v1", "a, b]", "a, b]"},
      {"v1", "%a", "\"%a\""},
      {"v1", "!a", "\"!a\""},
      {"v1", "&a", "\"&a\""},
      {"v1", "|", "\"|\""},
      {"[v1]", "a, b", "[\"a, b\"]"},
      {"[v1]", "a}", "[\"a}\"]"},
      {"[v1]", "a:b", "[a:b]"},
  };
  for (const TypeRow& row : rows) {
    const std::string before = fmt::format("a: {} # c\n", row.before);
    auto result = SetScalars(before, {{.path = row.before[0] == '[' ? "a.0" : "a", .value = row.value}});
    ASSERT_TRUE(result.has_value()) << row.before << " to " << row.value << ": " << result.error().message;
    EXPECT_EQ(*result, fmt::format("a: {} # c\n", row.after)) << row.before << " to " << row.value;
  }
}

TEST(SetScalars, TakesSeveralEditsTogether) {
  const std::string before =
      "a: v1\nd: |\n  b: v1\n  e: '{\"c\": \"v1\", \"d\": \"v1\"}'\nz: v1\n---\na: v1\n";
  auto result = SetScalars(before, {{.path = "z", .value = "v5"},
                                    {.path = "d.e.d", .value = "it's"},
                                    {.path = "d.b", .value = "v3"},
                                    {.document = 1, .path = "a", .value = "v6"},
                                    {.path = "d.e.c", .value = "v4"}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(*result, "a: v1\nd: |\n  b: v3\n  e: '{\"c\": \"v4\", \"d\": \"it''s\"}'\nz: v5\n---\na: v6\n");
  EXPECT_EQ(*SetScalars(before, {}), before);
}

struct RefusalRow {
  const char* name;
  std::string before;
  const char* path;
  std::string value;
  const char* says;
  int document = 0;
};

TEST(SetScalars, RefusesWithAReason) {
  const RefusalRow rows[] = {
      {"no_yaml", "a: b\n]", "a", "v2", "2:1: "},
      {"bad_path", "a: 1\n", "a..b", "v2", "column 3"},
      {"no_document", "a: 1\n", "a", "v2", "there is no document 1; the text has 1", 1},
      {"negative_document", "a: 1\n", "a", "v2", "there is no document -1", -1},
      {"empty_text", "", "a", "v2", "there is no document 0; the text has 0"},
      {"missing", "a: 1\n", "b", "v2", "1:1: b: no key 'b'"},
      {"alias", "a: &x v1\nb: *x\n", "b", "v2", "2:4: b: b is an alias"},
      {"aliased", "a: &x v1\nb: *x\n", "a", "v2", "aliases of it"},
      {"merge_key", "a: &x {c: v1}\nb:\n  <<: *x\n", "b.c", "v2", "merge key"},
      {"duplicate_key", "a: v1\na: v1\n", "a", "v2", "2:1: a: the key 'a' is twice"},
      {"null", "a:\n", "a", "v2", "no value that could be changed"},
      {"tilde", "a: ~\n", "a", "v2", "no value that could be changed"},
      {"mapping", "a: {b: c}\n", "a", "v2", "is a mapping"},
      {"multi_line_plain", "a: b\n  c\n", "a", "v2", "several lines"},
      {"multi_line_literal", "a: |\n  b\n  c\n", "a", "v2", "not one line"},
      {"multi_line_folded", "a: >\n  b\n  c\n", "a", "v2", "several lines"},
      {"helm_template", "a: '{{ .Values.v }}'\n", "a", "v2", "template"},
      {"substitution", "a: v${version}\n", "a", "v2", "template"},
      {"sops", "a: ENC[AES256_GCM,data:x]\n", "a", "v2", "SOPS"},
      {"escapes", "a: \"v\\x31\"\n", "a", "v2", "escapes"},
      {"line_break", "a: v1\n", "a", "v2\nb", "line break"},
      {"carriage_return", "a: v1\n", "a", "v2\rb", "line break"},
      {"unicode_line_break", "a: v1\n", "a",
       "v2\xE2\x80\xA8"
       "b",
       "line break"},
      {"trailing_line_break", "a: v1\n", "a", "v2\n", "line break"},
      {"bad_utf8", "a: v1\n", "a", "v\xFF", "UTF-8"},
      {"nul", "a: v1\n", "a", std::string("v\0", 2), "U+0000"},
      {"byte_order_mark", "a: v1\n", "a",
       "\xEF\xBB\xBF"
       "a",
       "byte order mark"},
      {"block_to_empty", "a: |\n  v1\n", "a", "", "empty"},
      {"block_to_space", "a: |\n  v1\n", "a", " v2", "indentation"},
      {"parsers_differ", "a: v1\nb: {c: d?e}\n", "a", "v2",
       "the second YAML parser does not read the text: 2:"},
  };
  for (const RefusalRow& row : rows) {
    auto result = SetScalars(row.before, {{.document = row.document, .path = row.path, .value = row.value}});
    ASSERT_FALSE(result.has_value()) << row.name << ": " << *result;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalid) << row.name;
    EXPECT_NE(result.error().message.find(row.says), std::string::npos)
        << row.name << ": " << result.error().message;
  }
}

TEST(SetScalars, AnEditOfSomethingElseIsAConflict) {
  const std::string seen = "v1";
  const std::string text = "a: v2\nb: |\n  v1\n";
  auto result = SetScalars(text, {{.path = "a", .expected = &seen, .value = "v3"}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(result.error().message, "1:4: a: is 'v2' now, no longer 'v1'; read the file and decide again");
  result = SetScalars(text, {{.path = "c", .expected = &seen, .value = "v3"}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::kConflict);
  const std::string with_line_end = "v1\n";
  EXPECT_TRUE(SetScalars(text, {{.path = "b", .expected = &seen, .value = "v3"}}).has_value());
  EXPECT_TRUE(SetScalars(text, {{.path = "b", .expected = &with_line_end, .value = "v3"}}).has_value());
}

TEST(SetScalars, RefusesTwoEditsOfOneValue) {
  EXPECT_FALSE(
      SetScalars("a: v1\n", {{.path = "a", .value = "v2"}, {.path = "[a]", .value = "v3"}}).has_value());
  EXPECT_FALSE(
      SetScalars("a: ''\n", {{.path = "a", .value = "v2"}, {.path = "a", .value = "v3"}}).has_value());
  EXPECT_FALSE(SetScalars("a: \"{b: v1}\"\n", {{.path = "a.b", .value = "v2"}, {.path = "a", .value = "v3"}})
                   .has_value());
}

}  // namespace
}  // namespace lockkeeper
