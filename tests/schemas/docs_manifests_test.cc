// docs/manifests.md and the schemas say the same: every field with its type and default, and nothing else.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

const std::string& Page() {
  static const std::string kPage = ReadFile(std::filesystem::path(LK_TEST_DATA) / "../../docs/manifests.md");
  return kPage;
}

using Rows = std::set<std::string>;            // "path | type | default"
using Sections = std::map<std::string, Rows>;  // by heading

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    size_t begin = cell.find_first_not_of(' ');
    size_t end = cell.find_last_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

Sections SectionsOfPage() {
  Sections sections;
  std::string heading;
  std::istringstream in(Page());
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ") || line.starts_with("### ")) heading = line.substr(line.find(' ') + 1);
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells = Cells(line);
    if (cells.size() != 4) continue;  // the table of codes has two
    EXPECT_FALSE(cells[3].empty()) << line;
    sections[heading].insert(fmt::format("{} | {} | {}", cells[0], cells[1], cells[2]));
  }
  return sections;
}

bool IsMapping(const json& schema) { return schema.value("type", json()) == "object"; }

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

const json& Definition(const json& root, const json& schema) {
  std::string name = schema.at("$ref").get<std::string>();
  return root.at("definitions").at(name.substr(name.rfind('/') + 1));
}

std::string TypeOf(const json& root, const json& schema) {
  if (schema.contains("$ref")) {
    const json& definition = Definition(root, schema);
    if (!IsMapping(definition)) return TypeOf(root, definition);
    std::string title = definition.at("title");
    std::string anchor = Lower(title);
    std::ranges::replace(anchor, ' ', '-');
    return fmt::format("[{}](#{})", title, anchor);
  }
  if (schema.contains("enum")) {
    std::string values;
    for (const json& value : schema["enum"]) {
      if (value.is_string() && value != "")
        values += fmt::format("{}`{}`", values.empty() ? "" : ", ", value.get<std::string>());
    }
    return values;
  }
  if (!schema.contains("type")) return "anything";
  if (schema.contains("title") && !IsMapping(schema)) return Lower(schema["title"]);
  std::string type = schema["type"].is_string() ? schema["type"].get<std::string>() : "string";
  if (type == "array") return "list of " + TypeOf(root, schema["items"]);
  if (type == "object") return schema["additionalProperties"].is_object() ? "mapping of text" : "mapping";
  return type == "integer" ? "whole number" : type == "boolean" ? "true or false" : "text";
}

void AddRows(const json& root, const json& schema, const std::string& prefix, Rows& rows) {
  if (!schema.contains("properties")) return;
  std::set<std::string> required;
  if (schema.contains("required")) required = schema["required"].get<std::set<std::string>>();
  for (const auto& [name, field] : schema["properties"].items()) {
    std::string standard = required.contains(name)     ? "required"
                           : field.contains("default") ? fmt::format("`{}`", field["default"].dump())
                                                       : "";
    rows.insert(fmt::format("`{}{}` | {} | {}", prefix, name, TypeOf(root, field), standard));
    if (IsMapping(field)) AddRows(root, field, prefix + name + ".", rows);
    if (field.contains("items") && IsMapping(field["items"]))
      AddRows(root, field["items"], prefix + name + "[].", rows);
  }
}

TEST(DocsManifests, TablesAreThoseOfTheSchemas) {
  Sections expected;
  for (std::string_view kind : SchemaKinds()) {
    json schema = json::parse(SchemaText(kind));
    AddRows(schema, schema, "", expected[std::string{kind}]);
    for (const auto& [name, definition] : schema["definitions"].items()) {
      if (IsMapping(definition))
        AddRows(schema, definition, "", expected[definition["title"].get<std::string>()]);
    }
  }
  Sections written = SectionsOfPage();
  for (const auto& [heading, rows] : expected) {
    for (const std::string& row : rows)
      EXPECT_TRUE(written[heading].contains(row)) << heading << " lacks: " << row;
  }
  for (const auto& [heading, rows] : written) {
    for (const std::string& row : rows)
      EXPECT_TRUE(expected[heading].contains(row)) << heading << " has: " << row;
  }
}

TEST(DocsManifests, ExamplesDecode) {
  size_t objects = 0;
  for (size_t at = Page().find("```yaml\n"); at != std::string::npos; at = Page().find("```yaml\n", at)) {
    size_t begin = at + 8;
    size_t end = Page().find("```", begin);
    ASSERT_NE(end, std::string::npos);
    DecodedFile file = DecodeManifests("docs/manifests.md", Page().substr(begin, end - begin));
    for (const Diagnostic& finding : file.diagnostics) ADD_FAILURE() << FormatDiagnostic(finding);
    size_t found = file.fleets.size() + file.upgrades.size() + file.schedules.size() + file.releases.size() +
                   file.plans.size() + file.policies.size() + file.locks.size() + file.approvals.size() +
                   file.tasks.size();
    EXPECT_GT(found, 0u) << Page().substr(begin, end - begin);
    objects += found;
    at = end + 3;
  }
  EXPECT_GE(objects, SchemaKinds().size());
}

TEST(DocsManifests, EveryCodeOfTheGoldenFilesIsExplained) {
  std::set<std::string> codes;
  for (const char* folder : {"bad", "warned"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(LK_TEST_DATA) / "manifests" / folder)) {
      if (entry.path().extension() != ".expected") continue;
      std::istringstream in(ReadFile(entry.path()));
      for (std::string line; std::getline(in, line);) {
        size_t open = line.find('[');
        codes.insert(line.substr(open + 1, line.find(']', open) - open - 1));
      }
    }
  }
  EXPECT_GT(codes.size(), 20u);
  for (const std::string& code : codes)
    EXPECT_NE(Page().find("| `" + code + "` |"), std::string::npos) << code;
}

}  // namespace
}  // namespace lockkeeper
