// Every tests/data/manifests/bad/*.yaml has its findings beside it. LK_UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> FilesIn(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(LK_TEST_DATA) / "manifests" / folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string FindingsOf(const fs::path& path) {
  std::string text;
  for (const Diagnostic& finding : DecodeManifests(path.filename().string(), ReadFile(path)).diagnostics) {
    text += FormatDiagnostic(finding) + "\n";
  }
  return text;
}

TEST(ManifestGolden, BadFilesHaveExactlyTheseFindings) {
  auto files = FilesIn("bad", ".yaml");
  ASSERT_GE(files.size(), 10u);
  bool update = std::getenv("LK_UPDATE_GOLDEN") != nullptr;
  for (const fs::path& path : files) {
    fs::path expected = fs::path(path).replace_extension(".expected");
    std::string findings = FindingsOf(path);
    EXPECT_NE(findings.find(": error["), std::string::npos) << path << " has no error";
    if (update) {
      std::ofstream(expected, std::ios::binary) << findings;
    } else {
      EXPECT_EQ(findings, ReadFile(expected))
          << path << "\nLK_UPDATE_GOLDEN=1 writes the expected files anew";
    }
  }
  for (const fs::path& expected : FilesIn("bad", ".expected")) {
    EXPECT_TRUE(fs::exists(fs::path(expected).replace_extension(".yaml")))
        << expected << " belongs to no file";
  }
  if (update) GTEST_SKIP() << "golden files were written, not compared";
}

TEST(ManifestGolden, GoodFilesHaveNoFindings) {
  auto files = FilesIn("good", ".yaml");
  ASSERT_GE(files.size(), 4u);
  for (const fs::path& path : files) EXPECT_EQ(FindingsOf(path), "") << path;
}

TEST(ManifestGolden, WarnedFilesDecodeWithExactlyTheseWarnings) {
  auto files = FilesIn("warned", ".yaml");
  ASSERT_GE(files.size(), 2u);
  bool update = std::getenv("LK_UPDATE_GOLDEN") != nullptr;
  for (const fs::path& path : files) {
    std::string findings = FindingsOf(path);
    EXPECT_NE(findings, "") << path;
    EXPECT_EQ(findings.find(": error["), std::string::npos) << findings;
    fs::path expected = fs::path(path).replace_extension(".expected");
    if (update) {
      std::ofstream(expected, std::ios::binary) << findings;
    } else {
      EXPECT_EQ(findings, ReadFile(expected)) << path;
    }
  }
  if (update) GTEST_SKIP() << "golden files were written, not compared";
}

}  // namespace
}  // namespace lockkeeper
