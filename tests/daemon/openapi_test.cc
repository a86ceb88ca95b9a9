#include "schemas/openapi.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "reconciler/daemon/api.h"
#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using testing::IsEmpty;
using testing::Not;

const json& Document() {
  static const json kDocument = json::parse(OpenApiText());
  return kDocument;
}

void Visit(json& node, const std::function<void(json&)>& visit) {
  visit(node);
  for (json& child : node) {
    if (child.is_structured()) Visit(child, visit);
  }
}

const json& Resolved(const json& node) {
  auto ref = node.find("$ref");
  if (ref == node.end()) return node;
  return Document().at(json::json_pointer(ref->get<std::string>().substr(1)));
}

/// The schema of an answer, closed: readers must bear members that come later, but these here are all there
/// are now.
json ClosedSchema(const std::string& path, const char* method, const char* status) {
  const json& response = Resolved(Document()["paths"][path][method]["responses"][status]);
  json schema = response["content"]["application/json"]["schema"];
  schema["components"] = Document()["components"];
  Visit(schema["components"]["schemas"], [](json& node) {
    if (node.is_object() && node.contains("properties") && node["properties"].is_object() &&
        !node.contains("additionalProperties")) {
      node["additionalProperties"] = false;
    }
  });
  return schema;
}

std::vector<std::string> Problems(const json& schema_text, const json& value) {
  valijson::Schema schema;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_text), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  std::vector<std::string> problems;
  if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(value), &results)) return problems;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    std::string where;
    for (const std::string& step : error.context) where += step;
    problems.push_back(where + ": " + error.description);
  }
  return problems;
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  json document = Document();
  int count = 0;
  Visit(document, [&](json& node) {
    if (!node.is_object() || !node.contains("$ref")) return;
    const std::string ref = node["$ref"];
    EXPECT_TRUE(Document().contains(json::json_pointer(ref.substr(1)))) << ref;
    ++count;
  });
  EXPECT_GT(count, 50);
}

TEST(OpenApi, NothingIsThereForNobody) {
  const std::string text(OpenApiText());
  for (const auto& [group, parts] : Document()["components"].items()) {
    if (group == "securitySchemes") continue;
    for (const auto& [name, part] : parts.items())
      EXPECT_NE(text.find("\"#/components/" + group + "/" + name + "\""), std::string::npos)
          << group << " " << name;
  }
  std::set<std::string> ids;
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [method, operation] : methods.items())
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path;
  }
}

/// The paths that no command answers.
const std::set<std::string> kOthers{"/api/v1/openapi.json", "/healthz",        "/readyz",       "/metrics",
                                    "/webhook/gitlab",      "/webhook/github", "/webhook/gitea"};

TEST(OpenApi, HasWhatTheTableHasAndNothingElse) {
  std::set<std::string> paths = kOthers;
  for (const ApiResource& resource : ApiResources()) paths.emplace(resource.path);
  std::set<std::string> described;
  for (const auto& [path, methods] : Document()["paths"].items()) described.insert(path);
  EXPECT_EQ(described, paths);

  for (const ApiResource& resource : ApiResources()) {
    const json& operation = Document()["paths"][std::string(resource.path)]["get"];
    std::set<std::string> names{std::string(kNowParameter)}, described_names;
    for (const ApiParameter& parameter : resource.parameters) names.emplace(parameter.name);
    for (const json& written : operation["parameters"]) {
      const json& parameter = Resolved(written);
      const std::string name = parameter["name"];
      described_names.insert(name);
      EXPECT_EQ(parameter["in"], "query") << name;
      EXPECT_THAT(parameter["description"].get<std::string>(), Not(IsEmpty())) << name;
      auto found = std::ranges::find(resource.parameters, name, &ApiParameter::name);
      if (found == resource.parameters.end()) continue;
      EXPECT_EQ(parameter.value("required", false), found->need == ApiNeed::kMustBeThere)
          << resource.path << name;
      EXPECT_EQ(parameter["schema"]["type"] == "array", found->count == ApiCount::kOften)
          << resource.path << name;
    }
    EXPECT_EQ(described_names, names) << resource.path;
  }
}

class OpenApiAnswers : public testing::Test {
 protected:
  OpenApiAnswers() {
    // A finished upgrade, one that runs, one without a start, a task, and a ref that nobody can read.
    std::vector<TestFile> files = FleetExample();
    files.push_back({"upgrades/more.yaml", R"(apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: prod}
spec:
  matchers: [{name: stage, value: prod}]
  releaseRef: {name: v1.30.9}
  startTime: 2026-03-01T00:00:00Z
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceTask
metadata: {name: rotate-keys}
spec:
  startTime: 2026-03-02T09:00:00
  recurrence: FREQ=WEEKLY
  dueWithin: 2d
  matchers: []
)"});
    files.push_back({"clusters/weed.yaml", R"(apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: weed}
spec: {topology: {class: c, version: "{{ version }}"}}
)"});
    repository_.Commit(files);
    for (const char* now : {"2026-03-23T23:00:00Z", "2026-03-24T10:00:00Z", "2026-03-25T10:00:00Z"}) {
      const auto pass = RunLockkeeper({"once", "--repo", repository_.path(), "--now", now});
      EXPECT_EQ(pass.exit_code, 0) << pass.errors;
    }
  }

  json Get(const std::string& target, int status = 200) {
    auto request = ParseHead("GET " + target + " HTTP/1.0");
    const WebAnswer answer = api_.Answer(*request);
    EXPECT_EQ(answer.status, status) << target << ": " << answer.body;
    const json value = json::parse(answer.body);
    EXPECT_THAT(Problems(ClosedSchema(request->path, "get", std::to_string(status).c_str()), value),
                IsEmpty())
        << target << answer.body;
    return value;
  }

  TempRepository repository_;
  CommandApi api_{[this]() -> CliResult<std::unique_ptr<Repository>> {
                    auto opened = OpenLocalRepository({.location = repository_.path()});
                    if (!opened) return Stop(opened.error());
                    return std::move(*opened);
                  },
                  "the repository", [] { return *ParseInstant("2026-03-30T10:00:00Z"); }};
};

TEST_F(OpenApiAnswers, AreWhatItSays) {
  const json clusters = Get("/api/v1/clusters");
  EXPECT_EQ(clusters["clusters"].size(), 3u);
  EXPECT_EQ(clusters["clusters"][2]["problems"].size(), 1u) << clusters;
  const json plan = Get("/api/v1/plan");
  EXPECT_FALSE(plan["decisions"].empty());
  EXPECT_FALSE(plan["tasks"].empty()) << plan;
  Get("/api/v1/plan?now=2020-01-01");
  EXPECT_FALSE(Get("/api/v1/explain?cluster=rose")["decisions"].empty());
  EXPECT_FALSE(Get("/api/v1/windows")["schedules"][0]["open"].empty());
  Get("/api/v1/windows?at=now");
  Get("/api/v1/windows?at=2026-03-30T22:30:00Z&cluster=tulip");
  const json status = Get("/api/v1/status");
  EXPECT_EQ(status["upgrades"].size(), 2u) << status;
  EXPECT_FALSE(status["upgrades"][1]["clusters"][0]["window"].is_null()) << status;
  EXPECT_FALSE(Get("/api/v1/history?cluster=tulip")["events"].empty());
  const json simulation = Get("/api/v1/simulate");
  EXPECT_FALSE(simulation["events"].empty());
}

TEST_F(OpenApiAnswers, AreWhatItSaysWhenTheyAreErrors) {
  Get("/api/v1/explain", 400);
  Get("/api/v1/explain?cluster=nobody", 404);
  repository_.Commit(
      {{"upgrades/wrong.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: wrong}\n"
        "spec: {timeZone: Nowhere/Nix}\n"}});
  EXPECT_TRUE(Get("/api/v1/windows", 409).contains("notes"));
}

TEST_F(OpenApiAnswers, OthersWouldBeFound) {
  const json schema = ClosedSchema("/api/v1/plan", "get", "200");
  const json plan = Get("/api/v1/plan");
  json other = plan;
  other["decisions"][0].erase("reason");
  EXPECT_THAT(Problems(schema, other), Not(IsEmpty()));
  other = plan;
  other["decisions"][0]["extra"] = 1;
  EXPECT_THAT(Problems(schema, other), Not(IsEmpty()));
  other = plan;
  other["decisions"][0]["gates"][3]["verdict"] = "perhaps";
  EXPECT_THAT(Problems(schema, other), Not(IsEmpty()));
  other = plan;
  other["at"] = "2026-03-30 10:00";
  EXPECT_THAT(Problems(schema, other), Not(IsEmpty()));
}

TEST_F(OpenApiAnswers, ItselfIsOne) { EXPECT_EQ(Get("/api/v1/openapi.json"), Document()); }

}  // namespace
}  // namespace lockkeeper
