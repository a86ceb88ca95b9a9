#include "schemas/yaml/field_path.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace lockkeeper {
namespace {

std::string Show(const FieldPath& path) {
  std::string out;
  for (const FieldPathStep& step : path.steps) {
    switch (step.kind) {
      case FieldPathStep::Kind::kKey:
        out += fmt::format("<{}>", step.key);
        break;
      case FieldPathStep::Kind::kIndex:
        out += fmt::format("#{}", step.index);
        break;
      case FieldPathStep::Kind::kMatch:
        out += fmt::format("<{}={}>", step.key, step.value);
        break;
    }
  }
  return out;
}

struct PathRow {
  const char* text;
  const char* steps;
  const char* shortest;  // nullptr: as written
};

TEST(FieldPath, ReadsAndWrites) {
  const PathRow rows[] = {
      {"a", "<a>", nullptr},
      {"spec.topology.version", "<spec><topology><version>", nullptr},
      {R"(metadata.labels.release\.giantswarm\.io/version)",
       "<metadata><labels><release.giantswarm.io/version>",
       "metadata.labels.[release.giantswarm.io/version]"},
      {"metadata.annotations.[a.b/c]", "<metadata><annotations><a.b/c>", nullptr},
      {"images.[name=node].newTag", "<images><name=node><newTag>", nullptr},
      {"images[name=node].newTag", "<images><name=node><newTag>", "images.[name=node].newTag"},
      {"[name=a.b=c]", "<name=a.b=c>", nullptr},
      {"[name=]", "<name=>", nullptr},
      {R"([a\=b=c\]d])", "<a=b=c]d>", nullptr},
      {"a[0][1].b", "<a>#0#1<b>", "a.[0].[1].b"},
      {"a.0.b", "<a>#0<b>", "a.[0].b"},
      {"a.007", "<a><007>", nullptr},
      {R"(a.\0)", "<a><0>", nullptr},
      {"a.[0x1]", "<a><0x1>", "a.0x1"},
      {R"(a\[0])", "<a[0]>", nullptr},
      {R"(a\\.b)", "<a\\><b>", nullptr},
      {"a=b", "<a=b>", nullptr},
      {"a b.\xC3\xA9", "<a b><\xC3\xA9>", nullptr},
      {"a.1234567890", "<a><1234567890>", nullptr},
  };
  for (const PathRow& row : rows) {
    auto path = ParseFieldPath(row.text);
    ASSERT_TRUE(path.has_value()) << row.text << ": " << path.error().message;
    EXPECT_EQ(Show(*path), row.steps) << row.text;
    EXPECT_EQ(FormatFieldPath(*path), row.shortest == nullptr ? row.text : row.shortest);
  }
}

struct BadPathRow {
  std::string text;
  const char* says;
};

TEST(FieldPath, RefusesWithTheColumn) {
  const BadPathRow rows[] = {
      {"", "column 1: expected a key"},
      {".a", "column 1: expected a key"},
      {"a.", "column 3: expected a key"},
      {"a..b", "column 3: expected a key"},
      {"a.[b", "column 3: this '[' has no ']'"},
      {"a.[b=c", "column 3: this '[' has no ']'"},
      {"a[]", "column 3: expected an index, a key or field=value"},
      {"[=b]", "column 2: expected an index, a key or field=value"},
      {"[a]b", "column 4: expected '.' or '[' or the end"},
      {"a\\", "column 2: expected a character after '\\'"},
      {"[0]0", "column 4: expected"},
      {std::string(5000, 'a'), "more than 4096 bytes"},
      {std::string(100, '[') + "x", "has no ']'"},
  };
  for (const BadPathRow& row : rows) {
    auto path = ParseFieldPath(row.text);
    ASSERT_FALSE(path.has_value()) << row.text;
    EXPECT_EQ(path.error().kind, ErrorKind::kInvalid);
    EXPECT_NE(path.error().message.find(row.says), std::string::npos) << path.error().message;
  }
  std::string steps = "a";
  for (int i = 1; i < 100; ++i) steps += ".a";
  EXPECT_TRUE(ParseFieldPath(steps).has_value());
  EXPECT_FALSE(ParseFieldPath(steps + ".a").has_value());
}

TEST(FieldPath, EveryPathSurvivesTheRoundTrip) {
  constexpr unsigned kSeed = 20210310;
  std::mt19937 random(kSeed);
  const std::string_view alphabet = "ab01.\\[]=/-\xC3\xA9 \n";
  auto word = [&](size_t min) {
    std::string out;
    const size_t length = min + random() % 5;
    while (out.size() < length) out += alphabet[random() % alphabet.size()];
    return out;
  };
  for (int i = 0; i < 20'000; ++i) {
    FieldPath path;
    const size_t count = 1 + random() % 4;
    while (path.steps.size() < count) {
      FieldPathStep step{.kind = static_cast<FieldPathStep::Kind>(random() % 3)};
      if (step.kind == FieldPathStep::Kind::kIndex) {
        step.index = random() % 1000;
      } else {
        step.key = word(1);
        if (step.kind == FieldPathStep::Kind::kMatch) step.value = word(0);
      }
      path.steps.push_back(std::move(step));
    }
    const std::string text = FormatFieldPath(path);
    auto back = ParseFieldPath(text);
    ASSERT_TRUE(back.has_value()) << "seed " << kSeed << ", path " << text << ": " << back.error().message;
    ASSERT_EQ(Show(*back), Show(path)) << "seed " << kSeed << ", path " << text;
    ASSERT_EQ(*back, path) << "seed " << kSeed << ", path " << text;
  }
}

}  // namespace
}  // namespace lockkeeper
