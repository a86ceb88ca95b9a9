#include "schemas/inventory/compiled_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/inventory/document_reader.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kGlobBytes = "*?[{\\";

std::unexpected<Error> BadField(const InventoryRule& rule, std::string_view field, std::string_view why) {
  return Invalid(fmt::format("inventory rule '{}': {}: {}", rule.name, field, why));
}

const FieldPath& ApiVersionPath() {
  static const FieldPath kPath{{{FieldPathStep::Kind::kKey, "apiVersion", {}, 0}}};
  return kPath;
}

const FieldPath& KindPath() {
  static const FieldPath kPath{{{FieldPathStep::Kind::kKey, "kind", {}, 0}}};
  return kPath;
}

Result<std::vector<Glob>> CompileGlobs(const std::vector<std::string>& patterns) {
  std::vector<Glob> globs;
  for (const std::string& pattern : patterns) {
    auto glob = Glob::Compile(pattern);
    if (!glob) return std::unexpected(glob.error());
    globs.push_back(std::move(*glob));
  }
  return globs;
}

Result<CompiledSelect> CompileSelect(const std::string& api_version, const std::string& kind) {
  CompiledSelect select;
  if (!api_version.empty()) {
    auto glob = Glob::Compile(api_version);
    if (!glob) return std::unexpected(glob.error());
    select.api_version = std::move(*glob);
  }
  if (!kind.empty()) {
    auto glob = Glob::Compile(kind);
    if (!glob) return std::unexpected(glob.error());
    select.kind = std::move(*glob);
    if (kind.find_first_of(kGlobBytes) == std::string::npos) select.literal_kind = kind;
  }
  return select;
}

Result<void> CompileFile(CompiledRef& ref, int& joins) {
  const std::string& file = ref.rule.file.value;
  size_t slash = file.rfind('/');
  std::string_view name = std::string_view{file}.substr(slash == std::string::npos ? 0 : slash + 1);
  constexpr auto kSources = TextTemplate::Sources::kClusterOnly;
  if (file.starts_with('/')) return Invalid("file: is relative to the manifest; leave out the '/' in front");
  if (name.empty()) return Invalid("file: names a folder; add the file's name, or * for all files in it");
  if (name.find_first_of("*?[") == std::string_view::npos) {
    if (file.find_first_of("*?[") != std::string::npos) {
      return Invalid("file: wildcards can only stand in the last part");
    }
    auto parsed = TextTemplate::ParseLiteral(file, kSources);
    if (!parsed) return std::unexpected(parsed.error());
    ref.file = std::move(*parsed);
    return {};
  }
  std::string_view folder = std::string_view{file}.substr(0, slash == std::string::npos ? 0 : slash);
  if (folder.find_first_of("*?[") != std::string_view::npos) {
    return Invalid("file: wildcards can only stand in the last part");
  }
  if (ref.rule.where.empty())
    return Invalid("file: has a wildcard, so where: must say which documents are meant");
  auto glob = Glob::Compile(name);
  if (!glob) return std::unexpected(glob.error());
  auto parsed = TextTemplate::ParseLiteral(folder, kSources);
  if (!parsed) return std::unexpected(parsed.error());
  if (joins >= kJoinsMax)
    return Invalid(fmt::format("the rules have more than {} refs of this kind", kJoinsMax));
  ref.neighbours = std::move(*glob);
  ref.neighbour_folder = std::move(*parsed);
  ref.join = joins++;
  return {};
}

Result<CompiledRef> CompileRef(const RefRule& rule, int& joins) {
  CompiledRef ref;
  ref.rule = rule;
  if (rule.path.value.empty()) return Invalid("path: is missing");
  auto path = ParseFieldPath(rule.path.value);
  if (!path) return Invalid(fmt::format("path: {}", path.error().message));
  ref.path = std::move(*path);
  ref.path_text = rule.path.value;
  ref.written_format = rule.format.value.empty() ? "{v}{version}" : rule.format.value;
  ref.has_wildcard = std::ranges::any_of(ref.path.steps, [](const FieldPathStep& step) {
    return step.kind == FieldPathStep::Kind::kKey && step.key == "*";
  });
  auto format = RefFormat::Parse(rule.format.value);
  if (!format) return Invalid(fmt::format("format: {}", format.error().message));
  ref.format = std::move(*format);
  auto select = CompileSelect(rule.select_api_version, rule.select_kind);
  if (!select) return Invalid(fmt::format("select: {}", select.error().message));
  ref.select = std::move(*select);
  for (const auto& [field, expected] : rule.where) {
    auto key = ParseFieldPath(field);
    if (!key) return Invalid(fmt::format("where: {}", key.error().message));
    auto value = TextTemplate::ParseLiteral(expected, TextTemplate::Sources::kDocumentAndCluster);
    if (!value) return Invalid(fmt::format("where: {}: {}", field, value.error().message));
    ref.where.emplace_back(std::move(*key), std::move(*value));
  }
  for (const std::string& text : rule.floating) {
    auto floating = ParseFieldPath(text);
    if (!floating) return Invalid(fmt::format("floating: {}", floating.error().message));
    ref.floating.emplace_back(text, std::move(*floating));
  }
  if (!rule.file.value.empty()) {
    if (auto file = CompileFile(ref, joins); !file) return std::unexpected(file.error());
  }
  return ref;
}

// The document must hold the literal kind or the fixed part of its group, however it is written.
std::string DeriveNeedle(const InventoryRule& rule, const CompiledSelect& select) {
  if (!rule.needle.empty()) return rule.needle;
  if (rule.marker) return "$lockkeeper";
  if (!select.literal_kind.empty()) return select.literal_kind;
  return rule.select_api_version.substr(0, rule.select_api_version.find_first_of(kGlobBytes));
}

Result<void> CompileNames(CompiledRule& compiled) {
  const InventoryRule& rule = compiled.rule;
  constexpr auto kSources = TextTemplate::Sources::kDocument;
  if (!rule.marker) {
    if (rule.cluster.value.empty()) return BadField(rule, "cluster", "a rule needs it, or a profile");
    auto cluster = TextTemplate::Parse(rule.cluster.value, kSources);
    if (!cluster) return BadField(rule, "cluster", cluster.error().message);
    compiled.cluster = std::move(*cluster);
  }
  const std::string& written = rule.cluster_namespace.value;
  auto ns = TextTemplate::Parse(written.empty() ? "metadata.namespace" : written, kSources);
  if (!ns) return BadField(rule, "namespace", ns.error().message);
  compiled.cluster_namespace = std::move(*ns);
  if (!rule.provider.value.empty()) {
    auto provider = TextTemplate::Parse(rule.provider.value, kSources);
    if (!provider) return BadField(rule, "provider", provider.error().message);
    compiled.provider = std::move(*provider);
  }
  auto labels = ParseFieldPath(rule.labels_from.value.empty() ? "metadata.labels" : rule.labels_from.value);
  if (!labels) return BadField(rule, "labelsFrom", labels.error().message);
  compiled.labels_from = std::move(*labels);
  return {};
}

}  // namespace

bool CompiledSelect::Matches(const DocumentReader& document) const {
  if (api_version && !api_version->Matches(document.Text(ApiVersionPath()))) return false;
  return !kind || kind->Matches(document.Text(KindPath()));
}

bool CompiledRule::MatchesPath(std::string_view path) const {
  auto matches = [&](const Glob& glob) { return glob.Matches(path); };
  if (!include.empty() && std::ranges::none_of(include, matches)) return false;
  if (!files.empty() && std::ranges::none_of(files, matches)) return false;
  return std::ranges::none_of(exclude, matches);
}

bool CompiledRule::MatchesDocument(const DocumentReader& document) const {
  if (!select.Matches(document)) return false;
  return std::ranges::all_of(where, [&](const auto& condition) {
    DocumentReader::Place place = document.Find(condition.first);
    if (place.node == nullptr) return false;
    return condition.second.Matches(place.node->is_scalar() ? std::string_view{place.node->value} : "");
  });
}

Result<CompiledRule> CompileRule(const InventoryRule& rule, int& joins) {
  CompiledRule compiled;
  compiled.rule = rule;
  compiled.time_zone = rule.time_zone;
  for (auto [patterns, globs, field] : {std::tuple{&rule.include, &compiled.include, "include"},
                                        {&rule.exclude, &compiled.exclude, "exclude"},
                                        {&rule.files, &compiled.files, "files"}}) {
    auto parsed = CompileGlobs(*patterns);
    if (!parsed) return BadField(rule, field, parsed.error().message);
    *globs = std::move(*parsed);
  }
  for (const std::string& pattern : rule.include) {
    std::string_view name = std::string_view{pattern}.substr(pattern.rfind('/') + 1);
    if (!name.empty() && name.find_first_of(kGlobBytes) == std::string_view::npos)
      compiled.names_files = true;
  }
  auto select = CompileSelect(rule.select_api_version, rule.select_kind);
  if (!select) return BadField(rule, "select", select.error().message);
  compiled.select = std::move(*select);
  for (const auto& [field, pattern] : rule.where) {
    auto path = ParseFieldPath(field);
    if (!path) return BadField(rule, "where", path.error().message);
    auto glob = Glob::Compile(pattern);
    if (!glob) return BadField(rule, "where", glob.error().message);
    compiled.where.emplace_back(std::move(*path), std::move(*glob));
  }
  compiled.needle = DeriveNeedle(rule, compiled.select);
  if (auto names = CompileNames(compiled); !names) return std::unexpected(names.error());
  if (rule.marker) {
    if (joins >= kJoinsMax)
      return BadField(rule, "marker", fmt::format("more than {} rules need a join", kJoinsMax));
    compiled.marker_join = joins++;
  } else if (rule.refs.empty()) {
    return BadField(rule, "refs", "a rule needs at least one, or a profile");
  }
  for (size_t i = 0; i < rule.refs.size(); ++i) {
    auto ref = CompileRef(rule.refs[i], joins);
    if (!ref) return BadField(rule, fmt::format("refs[{}]", i), ref.error().message);
    compiled.refs.push_back(std::move(*ref));
  }
  return compiled;
}

}  // namespace lockkeeper
