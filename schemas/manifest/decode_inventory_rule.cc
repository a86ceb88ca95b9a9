#include <fmt/format.h>

#include <array>

#include "schemas/inventory/glob.h"
#include "schemas/inventory/ref_format.h"
#include "schemas/inventory/text_template.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/path_rules.h"
#include "schemas/manifest/words.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {
namespace {

/// Globs over an apiVersion, a kind or any other text of a document.
void DecodePattern(const Place& place, std::string& target, FieldReader& read) {
  Field<std::string> pattern;
  read.Parsed(place, "bad-glob", pattern, Glob::Compile);
  if (!pattern.value.empty()) target = pattern.value;
}

/// Field path to text, such as `where`.
void DecodeConditions(const Place& place, std::map<std::string, std::string>& target, FieldReader& read) {
  read.TextMap(place, target);
  for (const auto& [path, value] : place.Members()) {
    if (auto parsed = ParseFieldPath(path); !parsed) {
      read.findings().ErrorAtKey(value, "bad-field-path", parsed.error().message);
    }
  }
}

Result<TextTemplate> CheckTemplate(std::string_view text) {
  return TextTemplate::Parse(text, TextTemplate::Sources::kDocument);
}

void DecodeFieldPaths(const Place& list, std::vector<std::string>& target, FieldReader& read) {
  for (const Place& item : list.Items()) {
    Field<std::string> path;
    read.Parsed(item, "bad-field-path", path, ParseFieldPath);
    if (!path.value.empty()) target.push_back(path.value);
  }
}

RefRule DecodeRef(const Place& place, FieldReader& read) {
  static constexpr std::array<std::pair<std::string_view, RefRole>, 3> kRoles{
      {{"release", RefRole::kRelease}, {"controlPlane", RefRole::kControlPlane}, {"nodes", RefRole::kNodes}}};
  RefRule ref;
  read.Parsed(place["file"], "bad-path", ref.file, CheckRefFile);
  DecodePattern(place["select"]["apiVersion"], ref.select_api_version, read);
  DecodePattern(place["select"]["kind"], ref.select_kind, read);
  DecodeConditions(place["where"], ref.where, read);
  for (const auto& [path, value] : place["where"].Members()) {
    Field<std::string> ignored;
    read.Parsed(value, "bad-template", ignored, [](std::string_view text) {
      return TextTemplate::ParseLiteral(text, TextTemplate::Sources::kDocumentAndCluster);
    });
  }
  read.Parsed(place["path"], "bad-field-path", ref.path, ParseFieldPath);
  read.Parsed(place["format"], "bad-format", ref.format, RefFormat::Parse);
  DecodeFieldPaths(place["floating"], ref.floating, read);
  read.Choice<RefRole>(place["role"], kRoles, ref.role);
  read.Flag(place["optional"], ref.optional);
  read.Flag(place["repeated"], ref.repeated);
  return ref;
}

void DecodeGlobs(const Place& list, std::vector<std::string>& target, FieldReader& read) {
  read.Lines(list, target);
  for (const Place& item : list.Items()) CheckGlob(item, read);
}

}  // namespace

void DecodeMaxSkip(const Place& place, MaxSkip& target, FieldReader& read) {
  read.Number(place["major"], target.major);
  read.Number(place["minor"], target.minor);
}

InventoryRule DecodeInventoryRule(const Place& place, FieldReader& read) {
  InventoryRule rule;
  rule.mark = place.mark();
  read.Line(place["profile"], rule.profile);
  rule.name = rule.profile;
  read.Line(place["name"], rule.name);
  DecodeGlobs(place["include"], rule.include, read);
  DecodeGlobs(place["exclude"], rule.exclude, read);
  DecodeGlobs(place["files"], rule.files, read);
  Place select = place["select"];
  DecodePattern(select["apiVersion"], rule.select_api_version, read);
  DecodePattern(select["kind"], rule.select_kind, read);
  DecodeConditions(select["where"], rule.where, read);
  for (const auto& [path, value] : select["where"].Members()) DecodePattern(value, rule.where[path], read);
  read.Line(select["contains"], rule.needle);
  read.Flag(place["requireRef"], rule.require_ref);
  read.Parsed(place["cluster"], "bad-field-path", rule.cluster, CheckTemplate);
  read.Parsed(place["namespaceFrom"], "bad-field-path", rule.cluster_namespace, CheckTemplate);
  read.Parsed(place["providerFrom"], "bad-field-path", rule.provider, CheckTemplate);
  read.Parsed(place["labelsFrom"], "bad-field-path", rule.labels_from, ParseFieldPath);
  read.TextMap(place["labels"], rule.labels);
  read.Line(place["timeZone"], rule.time_zone);
  for (const Place& ref : place["refs"].Items()) rule.refs.push_back(DecodeRef(ref, read));
  DecodeMaxSkip(place["maxSkip"], rule.max_skip, read);
  read.Flag(place["marker"], rule.marker);
  return rule;
}

}  // namespace lockkeeper
