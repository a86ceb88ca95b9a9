#include "gitops/edit/insert_field.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "gitops/edit/edit.h"
#include "schemas/yaml/field_path.h"
#include "schemas/yaml/limits.h"

namespace lockkeeper {
namespace {

struct Row {
  const char* name;
  std::string before;
  std::string after;
  const char* mapping = "spec";
  int document = 0;
};

TEST(InsertField, WritesOneFieldAndNothingElse) {
  const Row rows[] = {
      {"block", "kind: K\nspec:\n  a: 1\n", "kind: K\nspec:\n  suspend: true\n  a: 1\n"},
      {"indentation_of_the_file", "spec:\n      a: 1\nb: 2\n",
       "spec:\n      suspend: true\n      a: 1\nb: 2\n"},
      {"one_space", "spec:\n a: 1\n", "spec:\n suspend: true\n a: 1\n"},
      {"crlf", "spec:\r\n  a: 1\r\n", "spec:\r\n  suspend: true\r\n  a: 1\r\n"},
      {"mixed_line_ends", "spec:\r\n  a: 1\n", "spec:\r\n  suspend: true\r\n  a: 1\n"},
      {"no_final_line_end", "spec:\n  a: 1", "spec:\n  suspend: true\n  a: 1"},
      {"above_the_comment_of_the_next_field", "spec: # all\n\n  # which\n  a: 1\n",
       "spec: # all\n  suspend: true\n\n  # which\n  a: 1\n"},
      {"quoted_key", "spec:\n  \"a\": 1\n", "spec:\n  suspend: true\n  \"a\": 1\n"},
      {"anchored_key", "spec:\n  &x a: 1\n", "spec:\n  suspend: true\n  &x a: 1\n"},
      {"tagged_mapping", "spec: !!map\n  a: 1\n", "spec: !!map\n  suspend: true\n  a: 1\n"},
      {"anchor_on_a_line_of_its_own", "spec:\n  &x\n  a: 1\n", "spec:\n  &x\n  suspend: true\n  a: 1\n"},
      {"byte_order_mark", "\xEF\xBB\xBFspec:\n  a: 1\n", "\xEF\xBB\xBFspec:\n  suspend: true\n  a: 1\n"},
      {"second_document", "spec:\n  a: 1\n---\nspec:\n  a: 1\n",
       "spec:\n  a: 1\n---\nspec:\n  suspend: true\n  a: 1\n", "spec", 1},
      {"merge_key", "x: &x {b: 1}\nspec:\n  <<: *x\n", "x: &x {b: 1}\nspec:\n  suspend: true\n  <<: *x\n"},
      {"block_scalar_first", "spec:\n  a: |\n    # x\n  b: 1\n",
       "spec:\n  suspend: true\n  a: |\n    # x\n  b: 1\n"},
      {"list_item", "a:\n- b: 1\n  c: 2\n", "a:\n- b: 1\n  suspend: true\n  c: 2\n", "a.0"},
      {"flow", "spec: {a: 1}\n", "spec: {suspend: true, a: 1}\n"},
      {"flow_spaces", "spec: { a: 1 } # c\n", "spec: { suspend: true, a: 1 } # c\n"},
      {"flow_quoted", "spec: {'a': 1}\n", "spec: {suspend: true, 'a': 1}\n"},
      {"flow_empty", "spec: {}\n", "spec: {suspend: true}\n"},
      {"flow_anchored_key", "spec: {&x a: 1}\n", "spec: {suspend: true, &x a: 1}\n"},
      {"flow_lines", "spec: {\r\n  a: 1,\r\n}\r\n", "spec: {\r\n  suspend: true,\r\n  a: 1,\r\n}\r\n"},
      {"flow_in_flow", "{x: 1, spec: {a: {b: 1}}}\n", "{x: 1, spec: {suspend: true, a: {b: 1}}}\n"},
      {"json", "{\"spec\": {\"a\": 1}}\n", "{\"spec\": {\"suspend\": true, \"a\": 1}}\n"},
      {"json_lines", "{\n\t\"spec\": {\n\t\t\"a\": 1\n\t}\n}\n",
       "{\n\t\"spec\": {\n\t\t\"suspend\": true,\n\t\t\"a\": 1\n\t}\n}\n"},
      {"json_empty", "{\"spec\":{}}", "{\"spec\":{\"suspend\": true}}"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto result = InsertField(
        row.before, {.document = row.document, .mapping = row.mapping, .key = "suspend", .value = "true"});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(*result, row.after);
  }
}

TEST(InsertField, RefusesWithThePlaceAndTheReason) {
  struct Refusal {
    const char* name;
    std::string text;
    const char* message;
    const char* mapping = "spec";
  };
  const Refusal rows[] = {
      {"there_already", "spec:\n  a: 1\n  suspend: false\n", "3:3: spec: has 'suspend' already"},
      {"alias", "x: &x {a: 1}\nspec: *x\n", "is an alias"},
      {"shared_by_an_alias", "spec: &x\n  a: 1\nx: *x\n", "aliases of it would change along"},
      {"twice", "spec: {a: 1}\nspec: {a: 1}\n", "is twice"},
      {"null", "spec:\n", "no mapping"},
      {"list", "spec: [a]\n", "is a list, no mapping"},
      {"missing", "a: 1\n", "no key 'spec'"},
      {"in_a_text", "spec: |\n  a:\n    b: 1\n", "is in a text inside the file", "spec.a"},
      {"no_field_begins_a_line", "a:\n- b: 1\n", "write it by hand", "a.0"},
      {"no_yaml", "spec: [\n", ""},
  };
  for (const Refusal& row : rows) {
    SCOPED_TRACE(row.name);
    auto result = InsertField(row.text, {.mapping = row.mapping, .key = "suspend", .value = "true"});
    ASSERT_FALSE(result.has_value()) << *result;
    EXPECT_TRUE(result.error().message.contains(row.message)) << result.error().message;
  }
  EXPECT_FALSE(InsertField("spec: {a: 1}\n", {.mapping = "spec", .key = "a b: c", .value = "true"}));
  EXPECT_FALSE(InsertField("spec: {a: 1}\n", {.mapping = "spec", .key = "suspend", .value = "[x"}));
  EXPECT_FALSE(InsertField("spec: {a: 1}\n", {.document = 1, .mapping = "spec", .key = "b", .value = "c"}));
}

/// Upgrades in every way of writing that YAML has for them, around one `spec`.
class UpgradeWriter {
 public:
  explicit UpgradeWriter(unsigned seed) : random_(seed) {}

  struct Text {
    std::string text;
    int document = 0;
  };
  Text Write() {
    line_end_ = Chance(3) ? "\r\n" : "\n";
    Text out;
    if (Chance(8)) text_ = "\xEF\xBB\xBF";
    if (Chance(3)) Line("# suspend: true");
    if (Chance(3)) {
      Line("kind: Other");
      Line("spec: {suspend: false}");
      out.document = 1;
    }
    if (out.document == 1 || Chance(2)) Line(Chance(3) ? "--- # next" : "---");
    if (Chance(6)) {
      Json();
    } else {
      Block();
    }
    if (Chance(3)) {
      Line("---");
      Line("spec: {suspend: false}");
    }
    if (Chance(6)) text_.resize(text_.size() - line_end_.size());
    out.text = std::move(text_);
    return out;
  }

 private:
  bool Chance(unsigned of) { return random_() % of == 0; }
  std::string Pick(std::initializer_list<const char*> words) {
    return words.begin()[random_() % words.size()];
  }
  void Line(std::string_view line) { text_ += std::string{line} + line_end_; }
  std::string Comment() { return Chance(4) ? " # suspend: 'no" : ""; }

  void Block() {
    if (Chance(2)) Line("kind: ClusterUpgrade");
    if (Chance(2)) Line("metadata: {name: up, annotations: {suspend: x}}");
    if (Chance(4)) {
      Flow();
    } else {
      Line(Pick({"spec:", "\"spec\":", "spec: !!map", "spec: &s"}) + Comment());
      Fields(1 + random_() % 4);
    }
    if (Chance(3)) Line("tail:" + Comment());
  }
  void Fields(size_t indent) {
    const std::string front(indent, ' ');
    const size_t count = 1 + random_() % 4;
    for (size_t i = 0; i < count; ++i) {
      if (Chance(4)) Line("");
      if (Chance(4)) Line(front + "# which " + std::to_string(i));
      if (Chance(8)) Line("# at the margin");
      const std::string number = std::to_string(i);
      const std::string field = front + (Chance(6)   ? "&k" + number + " f" + number
                                         : Chance(6) ? "!!str f" + number
                                         : Chance(6) ? "'f" + number + "'"
                                                     : "f" + number);
      switch (random_() % 6) {
        case 0:
          Line(field + ": |" + Comment());
          Line(front + "  # suspend: true");
          Line(front + "  text");
          break;
        case 1:
          Line(field + ": >-");
          Line(front + "   suspend: true");
          break;
        case 2:
          Line(field + ":");
          Line(front + "- name: suspend");
          Line(front + "  value: 'x'");
          break;
        case 3:
          Line(field + ":");
          Line(front + "  suspend: deeper");
          break;
        case 4:
          Line(field + ": {suspend: deeper, a: [1, 2]}" + Comment());
          break;
        default:
          Line(field + ": " + Pick({"v1.2.3", "'a'", "\"b\"", "true", "", "\xC3\xA9"}) + Comment());
      }
    }
  }
  void Flow() {
    const std::string fields =
        Pick({"", "a: 1", "'a': 1", "\"a\": [x, {suspend: y}]", "&k a: 1", "a: 1, b: {c: d}", "a: 1,"});
    const std::string space = Pick({"", " "});
    if (Chance(3) && !fields.empty()) {
      Line("spec: {" + Comment());
      Line("    " + fields);
      Line("  }" + Comment());
    } else {
      Line("spec: {" + space + fields + space + "}" + Comment());
    }
  }
  void Json() {
    const std::string space = Pick({"", " "});
    Line("{\"kind\":" + space + "\"K\", \"spec\":" + space + "{" +
         Pick({"", "\"a\": 1", "\"a\":{\"b\":[]}"}) + "}}");
  }

  std::mt19937 random_;
  std::string text_;
  std::string line_end_;
};

// The law: bytes are added in one place, and without this field the documents are what they were.
TEST(InsertFieldProperty, SuspendIsAddedToAnyUpgradeAndCanBeSetFromThenOn) {
  constexpr unsigned kSeed = 20260301;
  for (unsigned i = 0; i < 2'000; ++i) {
    SCOPED_TRACE(fmt::format("seed {}", kSeed + i));
    const auto [text, document] = UpgradeWriter(kSeed + i).Write();
    auto result =
        InsertField(text, {.document = document, .mapping = "spec", .key = "suspend", .value = "true"});
    ASSERT_TRUE(result.has_value()) << result.error().message << "\n" << text;
    const size_t added = result->size() - text.size();
    const size_t at =
        static_cast<size_t>(std::mismatch(text.begin(), text.end(), result->begin()).first - text.begin());
    ASSERT_EQ(result->substr(at + added), text.substr(at)) << *result;
    // A file in which every line ends with CRLF keeps to it.
    const auto stream = ParseUserYaml(*result, kUserFileLimits);
    ASSERT_TRUE(stream.has_value()) << *result;
    const YamlNode* spec = stream->documents.at(static_cast<size_t>(document)).Find("spec");
    ASSERT_NE(spec, nullptr);
    ASSERT_NE(spec->Find("suspend"), nullptr) << *result;
    EXPECT_EQ(spec->Find("suspend")->value, "true") << *result;
    size_t bare = 0;
    for (size_t c = 0; c < result->size(); ++c)
      bare += (*result)[c] == '\n' && (c == 0 || (*result)[c - 1] != '\r') ? 1 : 0;
    size_t bare_before = 0;
    for (size_t c = 0; c < text.size(); ++c)
      bare_before += text[c] == '\n' && (c == 0 || text[c - 1] != '\r') ? 1 : 0;
    if (bare_before == 0 && text.contains("\r\n")) {
      EXPECT_EQ(bare, 0U) << *result;
    }
    const std::string was = "true";
    auto back = SetScalars(
        *result, {{.document = document, .path = "spec.suspend", .expected = &was, .value = "false"}});
    ASSERT_TRUE(back.has_value()) << back.error().message << "\n" << *result;
    auto again = SetScalars(*back, {{.document = document, .path = "spec.suspend", .value = "true"}});
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, *result);
  }
}

}  // namespace
}  // namespace lockkeeper
