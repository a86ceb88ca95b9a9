// The only file that includes valijson, which takes seconds to compile.
#include "schemas/manifest/schema_judge.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "schemas/assert.h"
#include "schemas/manifest/decode.h"
#include "schemas/manifest/schema_files.h"

namespace lockkeeper {
namespace {

struct CompiledSchema {
  nlohmann::json text;
  valijson::Schema schema;
};

using CompiledSchemas = std::map<std::string, std::unique_ptr<CompiledSchema>, std::less<>>;

CompiledSchemas CompileAll() {
  CompiledSchemas all;
  for (const EmbeddedFile& file : EmbeddedJsonSchemas()) {
    auto compiled = std::make_unique<CompiledSchema>();
    compiled->text = nlohmann::json::parse(file.text);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(compiled->text), compiled->schema);
    all.emplace(KindOfSchemaFile(file.name), std::move(compiled));
  }
  return all;
}

/// Our own files: a fault in one of them throws at the first use, which every test would meet.
const CompiledSchema& Compiled(std::string_view kind) {
  static const CompiledSchemas kAll = CompileAll();
  auto it = kAll.find(kind);
  LK_ASSERT(it != kAll.end());
  return *it->second;
}

}  // namespace

const nlohmann::json& ParsedSchema(std::string_view kind) { return Compiled(kind).text; }

std::vector<SchemaVerdict> JudgeBySchema(std::string_view kind, const nlohmann::json& document) {
  std::vector<SchemaVerdict> verdicts;
  valijson::ValidationResults results;
  try {
    valijson::Validator validator;
    valijson::adapters::NlohmannJsonAdapter target(document);
    if (validator.validate(Compiled(kind).schema, target, &results)) return verdicts;
  } catch (const std::exception& error) {
    // Such as std::regex_error where a pattern is too complex for a text.
    verdicts.push_back({{}, error.what()});
    return verdicts;
  }
  for (const auto& error : results) {
    SchemaVerdict verdict;
    for (size_t i = 1; i < error.context.size(); ++i) {  // the first one is "<root>"
      const std::string& step = error.context[i];
      LK_ASSERT(step.size() >= 2 && step.front() == '[' && step.back() == ']');
      verdict.steps.push_back(step.substr(1, step.size() - 2));
    }
    verdict.description = error.description;
    verdicts.push_back(std::move(verdict));
  }
  if (verdicts.empty()) verdicts.push_back({{}, "it does not fit the schema"});
  return verdicts;
}

}  // namespace lockkeeper
