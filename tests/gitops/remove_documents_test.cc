#include "gitops/edit/remove_documents.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

TEST(RemoveDocuments, TakesOutWholeDocumentsAndKeepsEveryOtherByte) {
  struct Row {
    const char* name;
    std::string before;
    std::set<int> documents;
    std::string after;
  };
  const Row rows[] = {
      {"first", "a: 1\n---\nb: 2 # c\n", {0}, "---\nb: 2 # c\n"},
      {"first_with_marker", "---\na: 1\n---\nb: 2\n", {0}, "---\nb: 2\n"},
      {"last", "a: 1 # x\n---\n# of b\nb: 2\n", {1}, "a: 1 # x\n"},
      {"middle", "a: 1\n--- # y\nb: 2\n---\nc: 3", {1}, "a: 1\n---\nc: 3"},
      {"two", "a: 1\n---\nb: 2\n---\nc: 3\n", {0, 2}, "---\nb: 2\n"},
      {"comments_above_stay", "# licence\n---\na: 1\n---\nb: 2\n", {0}, "# licence\n---\nb: 2\n"},
      {"crlf", "a: 1\r\n---\r\nb: 2\r\n", {1}, "a: 1\r\n"},
      {"marker_in_a_block_is_none", "a: |\n  ---\n  x\n---\nb: 2\n", {1}, "a: |\n  ---\n  x\n"},
      {"byte_order_mark", "\xEF\xBB\xBF---\na: 1\n---\nb: 2\n", {1}, "\xEF\xBB\xBF---\na: 1\n"},
      {"all", "a: 1\n---\nb: 2\n", {0, 1}, ""},
      {"only_empty_ones_are_left", "---\na: 1\n---\n", {0}, ""},
      {"none", "a: 1\n", {}, "a: 1\n"},
      {"content_on_the_marker_line", "a: 1\n--- {b: 2}\n---\nc: 3\n", {1}, "a: 1\n---\nc: 3\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto result = RemoveDocuments(row.before, row.documents);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(*result, row.after);
  }
}

TEST(RemoveDocuments, RefusesWhatIsNotSafe) {
  struct Row {
    const char* name;
    std::string text;
    std::set<int> documents;
    const char* message;
  };
  const Row rows[] = {
      {"end_markers", "a: 1\n...\n---\nb: 2\n", {1}, "'...'"},
      {"directives", "%YAML 1.2\n---\na: 1\n---\nb: 2\n", {1}, "directive"},
      {"no_such_document", "a: 1\n", {1}, "there is no document 1"},
      {"negative", "a: 1\n", {-1}, "there is no document -1"},
      {"no_yaml", "a: [\n---\nb: 2\n", {1}, ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto result = RemoveDocuments(row.text, row.documents);
    ASSERT_FALSE(result.has_value()) << *result;
    EXPECT_TRUE(result.error().message.contains(row.message)) << result.error().message;
  }
}

}  // namespace
}  // namespace lockkeeper
