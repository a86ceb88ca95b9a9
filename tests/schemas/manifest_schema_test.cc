// The schema files themselves, as editors read them.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "schemas/manifest/decode.h"
#include "schemas/manifest/schema_files.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

std::vector<std::pair<std::string, json>> AllSchemas() {
  std::vector<std::pair<std::string, json>> all;
  for (const EmbeddedFile& file : EmbeddedJsonSchemas()) {
    all.emplace_back(KindOfSchemaFile(file.name), json::parse(file.text));
  }
  return all;
}

/// Calls `visit` with every subschema and its path.
template <class Visit>
void Walk(const json& schema, const std::string& path, const Visit& visit) {
  if (!schema.is_object()) return;
  visit(schema, path);
  for (const char* group : {"properties", "definitions"}) {
    if (!schema.contains(group)) continue;
    for (const auto& [name, child] : schema[group].items())
      Walk(child, path + "/" + group + "/" + name, visit);
  }
  for (const char* part : {"items", "additionalProperties"}) {
    if (schema.contains(part)) Walk(schema[part], path + "/" + part, visit);
  }
}

TEST(ManifestSchema, EveryKindHasOne) {
  EXPECT_EQ(SchemaKinds(),
            (std::vector<std::string_view>{"ClusterLock", "ClusterUpgrade", "Fleet", "MaintenanceSchedule",
                                           "MaintenanceTask", "Release", "UpgradeApproval", "UpgradePlan",
                                           "UpgradePolicy"}));
  for (std::string_view kind : SchemaKinds()) {
    json schema = json::parse(SchemaText(kind));
    EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    EXPECT_EQ(schema["title"], kind);
  }
  EXPECT_EQ(SchemaText("NodeMaintenance"), "");
  EXPECT_EQ(SchemaText(""), "");
}

TEST(ManifestSchema, EveryFieldIsDescribedAndEveryMappingIsClosed) {
  // What people name themselves, and a check's parameters.
  for (const auto& [kind, schema] : AllSchemas()) {
    Walk(schema, kind, [&, &kind = kind](const json& part, const std::string& path) {
      bool is_items_ref = path.ends_with("/items") && part.contains("$ref");
      bool is_map_value = path.ends_with("/additionalProperties");
      if (!is_items_ref && !is_map_value) {
        EXPECT_TRUE(part.contains("description")) << path;
        if (part.contains("description")) {
          EXPECT_TRUE(part["description"].get<std::string>().ends_with(".")) << path;
        }
      }
      bool is_object = part.contains("type") && part["type"] == "object";
      if (!is_object || kind == kGiantSwarmRelease || path.ends_with("/definitions/check")) return;
      ASSERT_TRUE(part.contains("additionalProperties")) << path;
      if (part["additionalProperties"].is_boolean()) {
        EXPECT_EQ(part["additionalProperties"], false) << path;
      }
    });
  }
}

TEST(ManifestSchema, OneDefinitionReadsTheSameInEveryFile) {
  std::map<std::string, std::pair<std::string, json>> seen;
  for (const auto& [kind, schema] : AllSchemas()) {
    for (const auto& [name, definition] : schema["definitions"].items()) {
      if (kind == kGiantSwarmRelease && name == "component") continue;  // the lenient one
      auto [first, is_new] = seen.try_emplace(name, kind, definition);
      if (!is_new) {
        EXPECT_EQ(first->second.second, definition)
            << name << " in " << kind << " and " << first->second.first;
      }
    }
  }
}

TEST(ManifestSchema, EveryDefinitionIsUsedAndEveryReferenceLeadsToOne) {
  for (const auto& [kind, schema] : AllSchemas()) {
    std::set<std::string> used;
    Walk(schema, kind, [&](const json& part, const std::string&) {
      if (part.contains("$ref")) used.insert(part["$ref"].get<std::string>());
    });
    std::set<std::string> defined;
    for (const auto& [name, definition] : schema["definitions"].items())
      defined.insert("#/definitions/" + name);
    EXPECT_EQ(used, defined) << kind;
  }
}

// A pattern is judged by std::regex, whose stack grows with the text: the texts are cut, and the patterns are
// these.
TEST(ManifestSchema, PatternsAreFewAndAnchored) {
  std::set<std::string> patterns;
  for (const auto& [kind, schema] : AllSchemas()) {
    Walk(schema, kind, [&](const json& part, const std::string& path) {
      EXPECT_FALSE(part.contains("uniqueItems")) << path << ": its cost is quadratic";
      EXPECT_FALSE(part.contains("format")) << path << ": the library knows few";
      if (!part.contains("pattern")) return;
      patterns.insert(part["pattern"].get<std::string>());
      EXPECT_TRUE(part["pattern"].get<std::string>().starts_with("^")) << path;
      EXPECT_TRUE(part["pattern"].get<std::string>().ends_with("$")) << path;
    });
  }
  EXPECT_LE(patterns.size(), 8u);
}

TEST(ManifestSchema, APolicysTemplateMayHoldWhatAnUpgradeMay) {
  json upgrade = json::parse(SchemaText("ClusterUpgrade"))["properties"]["spec"]["properties"];
  json policy = json::parse(SchemaText("UpgradePolicy"))["definitions"]["upgradeTemplate"]["properties"];
  // What the scheduler decides.
  for (const char* name : {"matchers", "clusterSelector", "releaseRef"}) EXPECT_EQ(upgrade.erase(name), 1u);
  EXPECT_EQ(policy, upgrade);
}

TEST(ManifestSchema, TheExamplesInItDecode) {
  for (std::string_view kind : SchemaKinds()) {
    json schema = json::parse(SchemaText(kind));
    ASSERT_FALSE(schema["examples"].empty()) << kind;
    for (const json& example : schema["examples"]) {
      DecodedFile file = DecodeManifests(std::string{kind}, example.dump(2));
      for (const Diagnostic& finding : file.diagnostics) ADD_FAILURE() << FormatDiagnostic(finding);
    }
  }
}

}  // namespace
}  // namespace lockkeeper
