#include "schemas/manifest/findings.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

const char* SeverityName(Severity severity) { return severity == Severity::kError ? "error" : "warning"; }

std::string Dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// RFC 3986: everything but unreserved characters and '/'.
std::string PercentEncoded(std::string_view path) {
  std::string out;
  for (char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view{"-._~/"}.find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

ordered_json SarifResult(const Diagnostic& finding, size_t rule) {
  ordered_json location;
  location["artifactLocation"] = {{"uri", PercentEncoded(finding.file)}, {"uriBaseId", "%SRCROOT%"}};
  if (finding.mark.line > 0) {
    location["region"]["startLine"] = finding.mark.line;
    if (finding.mark.column > 0) location["region"]["startColumn"] = finding.mark.column;
  }
  ordered_json result;
  result["ruleId"] = finding.code;
  result["ruleIndex"] = rule;
  result["level"] = SeverityName(finding.severity);
  result["message"]["text"] = finding.message;
  result["locations"] = ordered_json::array({{{"physicalLocation", std::move(location)}}});
  return result;
}

}  // namespace

std::string FindingsJson(const Diagnostics& findings) {
  ordered_json list = ordered_json::array();
  for (const Diagnostic& finding : findings) {
    list.push_back({{"file", finding.file},
                    {"line", finding.mark.line},
                    {"column", finding.mark.column},
                    {"severity", SeverityName(finding.severity)},
                    {"code", finding.code},
                    {"message", finding.message}});
  }
  return Dump({{"findings", std::move(list)}});
}

std::string FindingsSarif(const Diagnostics& findings, std::string_view tool_version) {
  std::map<std::string_view, size_t> rule_index;
  for (const Diagnostic& finding : findings) rule_index.try_emplace(finding.code, 0);
  ordered_json rules = ordered_json::array();
  for (auto& [code, index] : rule_index) {
    index = rules.size();
    rules.push_back({{"id", code}});
  }
  ordered_json results = ordered_json::array();
  for (const Diagnostic& finding : findings)
    results.push_back(SarifResult(finding, rule_index[finding.code]));

  ordered_json driver;
  driver["name"] = "lockkeeper";
  driver["version"] = tool_version;
  driver["rules"] = std::move(rules);
  ordered_json run;
  run["tool"]["driver"] = std::move(driver);
  // Ours count bytes; of the two that SARIF knows this one agrees for ASCII and is nearer for the rest.
  run["columnKind"] = "unicodeCodePoints";
  run["results"] = std::move(results);
  ordered_json log;
  log["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  log["version"] = "2.1.0";
  log["runs"] = ordered_json::array({std::move(run)});
  return Dump(log);
}

}  // namespace lockkeeper
