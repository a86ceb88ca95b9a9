#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "gitops/edit/edit.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

// Writes documents of random shape in every style, and keeps the paths of their scalars.
class DocumentWriter {
 public:
  explicit DocumentWriter(unsigned seed) : random_(seed) {}

  struct Document {
    std::string text;
    std::vector<std::string> paths;
  };

  Document Write() {
    document_ = {};
    line_end_ = Chance(4) ? "\r\n" : "\n";
    if (Chance(8)) document_.text = "\xEF\xBB\xBF";
    if (Chance(3)) document_.text += "# v1.2.3" + line_end_ + "---" + line_end_;
    Mapping(0, "", 0);
    if (Chance(8)) document_.text.resize(document_.text.size() - line_end_.size());
    return std::move(document_);
  }

 private:
  bool Chance(unsigned of) { return random_() % of == 0; }
  std::string Pick(std::initializer_list<const char*> words) {
    return words.begin()[random_() % words.size()];
  }
  std::string Text() {
    return Pick({"v1.2.3", "1.2.3", "1.20", "7", "true", "nginx:1.25", "a b", "x-y_z", "\xC3\xA9\xE2\x82\xAC",
                 "2024-01-15", "~1.2", "a#b", "http://x/y=z", "v1.2.3-rc.1+b"});
  }
  std::string Key(size_t i) {
    return fmt::format("{}{}", Pick({"a", "version", "newTag", "k8s.io/name", "\xC3\xA9"}), i);
  }
  std::string PathKey(std::string_view key) { return FormatFieldPath({{{.key = std::string(key)}}}); }
  std::string Comment() { return Chance(4) ? " # v1.2.3: 'c" : ""; }
  void Line(std::string_view line) {
    document_.text += line;
    document_.text += line_end_;
  }

  void Mapping(size_t indent, const std::string& path, int depth) {
    const size_t fields = 1 + random_() % 4;
    for (size_t i = 0; i < fields; ++i) {
      const std::string key = Key(i);
      const std::string below = path.empty() ? PathKey(key) : path + "." + PathKey(key);
      document_.text += std::string(indent, ' ') + (Chance(6) ? "'" + key + "':" : key + ":");
      Value(indent, below, depth);
      if (Chance(6)) Line("");
      if (Chance(8)) Line(std::string(indent, ' ') + "# a: v1.2.3");
    }
  }

  void Value(size_t indent, const std::string& path, int depth) {
    switch (random_() % (depth > 3 ? 5 : 9)) {
      case 0:
        Scalar(path, " " + Text() + Comment());
        return;
      case 1:
        Scalar(path, " '" + Text() + "'" + Comment());
        return;
      case 2:
        Scalar(path, " \"" + Text() + "\"" + Comment());
        return;
      case 3:
        Scalar(path, Pick({" |", " |-", " |+", " >", " >-", " >+"}) + Comment() + line_end_ +
                         std::string(indent + 1 + random_() % 4, ' ') + Text());
        return;
      case 4:
        Line(fmt::format(" {{a: {}, \"b\": ['{}', \"{}\"]}}", Text(), Text(), Text()));
        for (const char* below : {".a", ".b.0", ".b.1"}) document_.paths.push_back(path + below);
        return;
      case 5:
        Line("");
        return Mapping(indent + 1 + random_() % 3, path, depth + 1);
      case 6:
        return List(indent, path, depth);
      default:
        return Embedded(indent, path, depth);
    }
  }
  void Scalar(const std::string& path, std::string_view rest) {
    document_.paths.push_back(path);
    Line(rest);
  }

  void List(size_t indent, const std::string& path, int depth) {
    Line("");
    const size_t items = 1 + random_() % 3;
    const std::string dash = std::string(indent + random_() % 3, ' ') + "-";
    for (size_t i = 0; i < items; ++i) {
      document_.text += dash + " name: n" + std::to_string(i) + line_end_;
      document_.text += std::string(dash.size() + 1, ' ') + "value:";
      Value(dash.size() + 1, fmt::format("{}.[name=n{}].value", path, i), depth + 1);
    }
  }

  // A document inside a string: in a block, or in quotes where it is JSON.
  void Embedded(size_t indent, const std::string& path, int depth) {
    if (Chance(3)) {
      const bool single = Chance(2);
      const std::string quote = single ? "\"" : "\\\"";
      Line(fmt::format(" {0}{{{1}a{1}: {1}{2}{1}, {1}b{1}: [{1}{3}{1}]}}{0}", single ? "'" : "\"", quote,
                       Text(), Text()));
      document_.paths.push_back(path + ".a");
      document_.paths.push_back(path + ".b.0");
      return;
    }
    const size_t inner = indent + 1 + random_() % 4;
    const std::string header = Pick({" |", " |-", " |+"});
    Document outside = std::move(document_);
    document_ = {};
    Mapping(0, "", depth + 1);
    for (const std::string& below : document_.paths) outside.paths.push_back(path + "." + below);
    outside.text += header + line_end_;
    for (size_t at = 0; at < document_.text.size();) {
      const size_t next = document_.text.find('\n', at) + 1;
      const std::string line = document_.text.substr(at, next - at);
      outside.text += (line == line_end_ ? "" : std::string(inner, ' ')) + line;
      at = next;
    }
    document_ = std::move(outside);
  }

  std::mt19937 random_;
  Document document_;
  std::string line_end_;
};

PathTarget LocateIn(const std::string& text, const std::string& path, size_t document = 0) {
  auto stream = ParseUserYaml(text, kUserFileLimits);
  EXPECT_TRUE(stream.has_value()) << stream.error().message;
  auto target = Locate(text, stream->documents.at(document), *ParseFieldPath(path));
  EXPECT_TRUE(target.has_value()) << path << ": " << target.error().message << "\n" << text;
  return target ? *target : PathTarget{};
}

// The law of an edit: exactly the value's bytes change, and the way back restores the text.
void CheckThereAndBack(const std::string& text, const std::string& path, const std::string& value,
                       int document = 0) {
  const PathTarget before = LocateIn(text, path, static_cast<size_t>(document));
  auto there =
      SetScalars(text, {{.document = document, .path = path, .expected = &before.value, .value = value}});
  ASSERT_TRUE(there.has_value()) << there.error().message << "\n" << text;
  ASSERT_EQ(*there, text.substr(0, before.begin) + value + text.substr(before.end)) << path;
  auto back =
      SetScalars(*there, {{.document = document, .path = path, .expected = &value, .value = before.value}});
  ASSERT_TRUE(back.has_value()) << back.error().message << "\n" << *there;
  if (*back == text) return;
  // A value that has another type than text in plain style comes back in quotes.
  const PathTarget after = LocateIn(*back, path, static_cast<size_t>(document));
  ASSERT_EQ(before.style, ScalarStyle::kPlain) << text;
  ASSERT_EQ(after.style, ScalarStyle::kDoubleQuoted) << text;
  ASSERT_EQ(after.value, before.value) << text;
}

TEST(EditProperty, EveryScalarOfRandomDocumentsCanBeChangedAndRestored) {
  constexpr unsigned kSeed = 20210310;
  size_t changed = 0;
  for (unsigned i = 0; i < 500; ++i) {
    SCOPED_TRACE(fmt::format("seed {}", kSeed + i));
    const auto document = DocumentWriter(kSeed + i).Write();
    for (const std::string& path : document.paths) {
      SCOPED_TRACE(path);
      ASSERT_NO_FATAL_FAILURE(CheckThereAndBack(document.text, path, "v9.8.7-test"));
      ++changed;
    }
  }
  EXPECT_GT(changed, 2000U);
}

TEST(EditProperty, AllScalarsOfADocumentCanBeChangedTogether) {
  constexpr unsigned kSeed = 7;
  for (unsigned i = 0; i < 500; ++i) {
    SCOPED_TRACE(fmt::format("seed {}", kSeed + i));
    const auto document = DocumentWriter(kSeed + i).Write();
    std::vector<ScalarEdit> edits;
    for (const std::string& path : document.paths) edits.push_back({.path = path, .value = "v9.8.7-test"});
    auto result = SetScalars(document.text, edits);
    ASSERT_TRUE(result.has_value()) << result.error().message << "\n" << document.text;
    for (const std::string& path : document.paths) ASSERT_EQ(LocateIn(*result, path).value, "v9.8.7-test");
  }
}

// Paths of all scalars of a document, into embedded texts too.
void CollectPaths(const YamlNode& node, std::vector<FieldPathStep>& way, std::vector<FieldPath>& paths) {
  if (node.is_scalar()) {
    paths.push_back({way});
    const bool may_hold_yaml =
        node.style != ScalarStyle::kPlain && node.value.find_first_of(":{[") != std::string::npos;
    if (!may_hold_yaml) return;
    auto inner = ParseUserYaml(node.value, kUserFileLimits);
    if (inner && inner->documents.size() == 1 && !inner->documents[0].is_scalar()) {
      CollectPaths(inner->documents[0], way, paths);
    }
  }
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (node.is_mapping() && !node.keys[i].is_scalar()) continue;
    way.push_back(node.is_mapping() ? FieldPathStep{.key = node.keys[i].value}
                                    : FieldPathStep{.kind = FieldPathStep::Kind::kIndex, .index = i});
    CollectPaths(node.children[i], way, paths);
    way.pop_back();
  }
}

TEST(EditProperty, EveryScalarOfTheFixturesCanBeChangedOrIsRefusedWithACode) {
  const std::filesystem::path folder = std::filesystem::path(LK_SHARED) / "fixtures";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the shared fixtures are not here";
  size_t files = 0;
  size_t unreadable = 0;
  size_t changed = 0;
  size_t refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml" && entry.path().extension() != ".yml") continue;
    SCOPED_TRACE(entry.path().string());
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto stream = ParseUserYaml(text, kUserFileLimits);
    if (!stream) {
      ++unreadable;  // Helm templates
      continue;
    }
    ++files;
    for (size_t document = 0; document < stream->documents.size(); ++document) {
      std::vector<FieldPathStep> way;
      std::vector<FieldPath> paths;
      CollectPaths(stream->documents[document], way, paths);
      // A few of each document: the files are alike, and every one costs two edits.
      const size_t step = 1 + paths.size() / 6;
      for (size_t i = 0; i < paths.size(); i += step) {
        auto target = Locate(text, stream->documents[document], paths[i]);
        if (!target) {
          EXPECT_FALSE(target.error().code.empty());
          ++refused;
          continue;
        }
        if (target->value.contains("{{") || target->value.contains("${")) continue;
        ASSERT_NO_FATAL_FAILURE(
            CheckThereAndBack(text, FormatFieldPath(paths[i]), "v9.8.7-test", static_cast<int>(document)));
        ++changed;
      }
    }
  }
  RecordProperty("files", static_cast<int>(files));
  RecordProperty("changed", static_cast<int>(changed));
  RecordProperty("refused", static_cast<int>(refused));
  EXPECT_GT(changed, 500U);
  EXPECT_LT(refused * 20, changed);
  EXPECT_LT(unreadable * 20, files);
}

}  // namespace
}  // namespace lockkeeper
