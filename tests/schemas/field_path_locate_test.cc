#include <fmt/format.h>
#include <gtest/gtest.h>

#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

std::expected<PathTarget, PathProblem> LocateIn(std::string_view text, std::string_view path,
                                                size_t document = 0) {
  auto stream = ParseUserYaml(text);
  if (!stream)
    return std::unexpected(PathProblem{stream.error().code, stream.error().message, stream.error().mark});
  auto steps = ParseFieldPath(path);
  EXPECT_TRUE(steps.has_value()) << path;
  return Locate(text, stream->documents.at(document), *steps);
}

struct FoundRow {
  const char* name;
  std::string text;
  const char* path;
  const char* value;
  const char* place;
  int embedded = 0;
};

TEST(Locate, FindsTheBytes) {
  const FoundRow rows[] = {
      {"plain", "a:\n  b: 1.2.3 # c\n", "a.b", "1.2.3", "2:6"},
      {"single_quoted", "a: 'x y'\n", "a", "x y", "1:5"},
      {"double_quoted", "a: \"x y\"\n", "a", "x y", "1:5"},
      {"empty", "a: \"\"\n", "a", "", "1:5"},
      {"index", "a: [b, c, {d: e}]\n", "a.2.d", "e", "1:15"},
      {"digits_as_a_key", "a:\n  0: b\n", "a.[0]", "b", "2:6"},
      {"match", "images:\n- name: x\n  newTag: v1\n- name: node\n  newTag: v2\n", "images.[name=node].newTag",
       "v2", "5:11"},
      {"key_with_dots", "labels:\n  a.b/c: d\n", "labels.[a.b/c]", "d", "2:10"},
      {"tagged", "a: !!str 1.20\n", "a", "1.20", "1:10"},
      {"anchor_without_aliases", "a: &x 1.20\nb: *y\nc: &y 1\n", "a", "1.20", "1:7"},
      {"key_beside_a_merge_key", "x: &x {b: 1}\na:\n  <<: *x\n  b: 2\n", "a.b", "2", "4:6"},
      {"one_line_literal", "a: |\n  1.2.3\n", "a", "1.2.3", "2:3"},
      {"one_line_folded", "a: >-\n\n    1.2.3\n\nb: c\n", "b", "c", "5:4"},
      {"one_line_folded_value", "a: >-\n    1.2.3\n\nb: c\n", "a", "1.2.3", "2:5"},
      {"indentation_indicator", "a: |2-\n   1.2.3\n", "a", " 1.2.3", "2:4"},
      {"in_a_literal", "data:\n  values: |\n    # c\n\n    a:\n      b: 1.2.3\nz: 1\n", "data.values.a.b",
       "1.2.3", "6:10", 1},
      {"in_a_literal_with_crlf", "v: |\r\n  a: x\r\n  b: 1.2\r\n", "v.b", "1.2", "3:6", 1},
      {"in_a_literal_behind_a_byte_order_mark", "\xEF\xBB\xBFv: |\n  b: 1.2\n", "v.b", "1.2", "2:6", 1},
      {"in_a_kept_literal_without_line_end", "v: |+\n  a: x\n\n  b: 1.2", "v.b", "1.2", "4:6", 1},
      {"in_a_literal_with_indicator", "v: |1\n   a: x\n   b: 1.2\n", "v.b", "1.2", "3:7", 1},
      {"in_a_literal_in_a_literal", "v: |\n  w: |\n    b: 1.2\n  c: d\n", "v.w.b", "1.2", "3:8", 2},
      {"in_json", "v: |\n  {\"a\": {\"b\": \"1.2\"}}\n", "v.a.b", "1.2", "2:16", 1},
      {"in_single_quotes", "v: '{\"a\": \"it''s\", \"b\": \"1.2\"}'\n", "v.b", "1.2", "1:26", 1},
      {"in_double_quotes", R"(v: "{\"a\": \"x\", \"b\": \"1.2\"}")", "v.b", "1.2", "1:29", 1},
      {"in_double_quotes_with_line_ends", R"(v: "a: \u00e9\nb: 1.2\n")", "v.b", "1.2", "1:19", 1},
      {"in_a_folded_block", "v: >\n  a:\n    b: 1.2\n", "v.a.b", "1.2", "3:8", 1},
      {"in_quotes_over_lines", "v: '{a: x,\n\n  b: 1.2}'\n", "v.b", "1.2", "3:6", 1},
      {"in_double_quotes_over_lines", "v: \"{a: x, \\\n  \\  b: 1.2}\"\n", "v.b", "1.2", "2:9", 1},
      {"wide_characters", "v: |\n  \xC3\xA9: x\n  b: 1.2\n", "v.b", "1.2", "3:6", 1},
      {"json_file", "{\n\t\"a\": [\n\t\t{\"b\": \"1.2\"}\n\t]\n}\n", "a.0.b", "1.2", "3:10"},
  };
  for (const FoundRow& row : rows) {
    auto target = LocateIn(row.text, row.path);
    ASSERT_TRUE(target.has_value()) << row.name << ": " << target.error().code << ": "
                                    << target.error().message;
    EXPECT_EQ(target->value, row.value) << row.name;
    EXPECT_EQ(std::string_view(row.text).substr(target->begin, target->end - target->begin), row.value)
        << row.name;
    EXPECT_EQ(fmt::format("{}:{}", target->mark.line, target->mark.column), row.place) << row.name;
    EXPECT_EQ(target->embedded, row.embedded) << row.name;
  }
}

TEST(Locate, FindsTheSecondDocument) {
  auto target = LocateIn("a: 1.2\n---\na: 1.3\n", "a", 1);
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->value, "1.3");
  EXPECT_EQ(target->mark, (Mark{3, 4}));
}

struct RefusedRow {
  const char* name;
  const char* text;
  const char* path;
  const char* code;
  const char* place;
};

TEST(Locate, RefusesWithACode) {
  const RefusedRow rows[] = {
      {"no_key", "a:\n  b: c\n", "a.c", "missing", "2:3"},
      {"no_index", "a: [b]\n", "a.1", "missing", "1:4"},
      {"no_match", "a: [{name: b}]\n", "a.[name=c]", "missing", "1:4"},
      {"key_of_a_list", "a: [{b: c}]\n", "a.b", "missing", "1:4"},
      {"match_in_a_mapping", "a: {b: c}\n", "a.[b=c]", "missing", "1:4"},
      {"below_a_plain_string", "a: b\n", "a.c", "missing", "1:4"},
      {"below_null", "a:\n", "a.c", "missing", "1:2"},
      {"alias", "a: &x 1\nb: *x\n", "b", "alias", "2:4"},
      {"behind_an_alias", "a: &x {c: 1}\nb: *x\n", "b.c", "alias", "2:4"},
      {"aliased_anchor", "a: &x 1\nb: *x\n", "a", "alias", "1:7"},
      {"below_an_aliased_anchor", "a: &x {c: 1}\nb: *x\n", "a.c", "alias", "1:7"},
      {"merge_key", "a: &x {c: 1}\nb:\n  <<: *x\n", "b.c", "alias", "3:3"},
      {"match_behind_an_alias", "x: &x {name: n}\na: [*x]\n", "a.[name=n].b", "alias", "2:4"},
      {"duplicate_key", "a: 1\nb: 2\na: 3\n", "a", "duplicate-key", "3:1"},
      {"duplicate_key_on_the_way", "a: {b: 1}\n'a': {c: 2}\n", "a.c", "duplicate-key", "2:2"},
      {"duplicate_match_key", "a: [{name: n, name: n, b: 1}]\n", "a.[name=n].b", "duplicate-key", "1:5"},
      {"duplicate_key_inside", "v: |\n  a: 1\n  a: 2\n", "v.a", "duplicate-key", "3:3"},
      {"ambiguous", "a: [{n: x}, {n: x}]\n", "a.[n=x].b", "ambiguous", "1:13"},
      {"two_documents_inside", "v: |\n  a: 1\n  ---\n  a: 2\n", "v.a", "ambiguous", "2:3"},
      {"mapping", "a: {b: c}\n", "a", "not-a-scalar", "1:4"},
      {"list", "a: [b]\n", "a", "not-a-scalar", "1:4"},
      {"template", "a: {{ .Values.b }}\n", "a", "not-a-scalar", "1:4"},
      {"null", "a:\nb: 1\n", "a", "null", "1:2"},
      {"null_with_comment", "a: # c\n\nb: 1\n", "a", "null", "1:2"},
      {"tilde", "a: ~\n", "a", "null", "1:4"},
      {"unreadable", "v: |\n  a: 1\n  {{ b }}\n", "v.a", "unreadable", "3:3"},
      {"multi_line_plain", "a: b\n  c\n", "a", "multi-line", "1:4"},
      {"multi_line_quoted", "a: 'b\n  c'\n", "a", "multi-line", "1:5"},
      {"multi_line_literal", "a: |\n  b\n  c\n", "a", "multi-line", "2:3"},
      {"multi_line_after_blank", "a: |\n\n  b\n", "a", "multi-line", "3:3"},
      {"empty_block", "a: |\nb: c\n", "a", "multi-line", "1:4"},
      {"folded", "a: >\n  b\n  c\n", "a", "folded", "2:3"},
      {"inside_folded", "v: >\n  a: {b: 1\n  2}\n", "v.a.b", "folded", "2:10"},
      {"single_quoted_escape", "a: 'it''s'\n", "a", "encoded", "1:5"},
      {"double_quoted_escape", "a: \"\\x41\"\n", "a", "encoded", "1:5"},
      {"escape_inside", R"(v: "a: 1.\x32")", "v.a", "encoded", "1:8"},
  };
  for (const RefusedRow& row : rows) {
    auto target = LocateIn(row.text, row.path);
    ASSERT_FALSE(target.has_value()) << row.name << ": " << target->value;
    EXPECT_EQ(target.error().code, row.code) << row.name << ": " << target.error().message;
    EXPECT_EQ(fmt::format("{}:{}", target.error().mark.line, target.error().mark.column), row.place)
        << row.name << ": " << target.error().message;
    EXPECT_FALSE(target.error().message.empty()) << row.name;
  }
}

}  // namespace
}  // namespace lockkeeper
