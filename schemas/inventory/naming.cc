#include "schemas/inventory/naming.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/inventory/document_reader.h"
#include "schemas/inventory/ref_value.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kScheduleKey = "lockkeeper.dev/maintenance-schedule";
constexpr size_t kNameBytesMax = 253;
constexpr size_t kLabelsMax = 256;

// The name becomes part of file names, branch names and commit trailers.
std::string_view NameProblem(std::string_view name) {
  if (name.size() > kNameBytesMax) return "it has more than 253 bytes";
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./").contains(c) || (static_cast<unsigned char>(c) & 0x80) != 0;
  };
  if (!std::ranges::all_of(name, allowed)) return "only letters, digits and - _ . / can stand in it";
  // A name that comes of a file's path may hold any bytes.
  if (!IsPrintable(name)) return "it is no valid UTF-8";
  for (std::string_view rest = name;;) {
    size_t slash = rest.find('/');
    std::string_view part = rest.substr(0, slash);
    if (part.empty() || part.starts_with('.') || part.ends_with('.')) {
      return "a part of it is empty, or begins or ends with a dot";
    }
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

FieldPath MetadataPath(std::string_view mapping, std::string_view key) {
  auto step = [](std::string_view text) {
    return FieldPathStep{FieldPathStep::Kind::kKey, std::string(text), {}, 0};
  };
  return FieldPath{{step("metadata"), step(mapping), step(key)}};
}

// aws of AWSCluster, AWSManagedCluster, cluster-aws and aws.
std::string ProviderName(std::string_view text) {
  std::string name;
  for (char c : text) name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  for (std::string_view end : {"cluster", "managed"}) {
    if (name.ends_with(end) && name.size() > end.size()) name.resize(name.size() - end.size());
  }
  if (name.starts_with("cluster-")) name.erase(0, 8);
  return name;
}

void AddScheduleNames(std::string_view text, std::string& names) {
  while (!text.empty()) {
    size_t comma = std::min(text.find(','), text.size());
    std::string_view one = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    std::string quoted = fmt::format(",{},", names);
    if (one.empty() || quoted.contains(fmt::format(",{},", one))) continue;
    if (!names.empty()) names.push_back(',');
    names += one;
  }
}

std::string FindScheduleNames(const DocumentReader& document, const Labels& labels) {
  static const FieldPath kAnnotation = MetadataPath("annotations", kScheduleKey);
  static const FieldPath kLabel = MetadataPath("labels", kScheduleKey);
  std::string names;
  AddScheduleNames(document.Text(kAnnotation), names);
  AddScheduleNames(document.Text(kLabel), names);
  AddScheduleNames(FindLabel(labels, kScheduleKey), names);
  return names;
}

// Manifest before rule before what is derived; the built-in ones of SPEC 2.1 always say what they are named
// after.
Labels CollectLabels(const CompiledRule& rule, const DocumentView& document, const Cluster& cluster) {
  TextPool& texts = *document.texts;
  const SharedText name = cluster.name;
  auto shared = [&](std::string_view text) { return text == cluster.name ? name : texts.Share(text); };
  Labels labels;
  DocumentReader::Place place = document.reader->Find(rule.labels_from);
  size_t written = place.node != nullptr && place.node->is_mapping() ? place.node->children.size() : 0;
  labels.reserve(std::min(written, kLabelsMax) + rule.rule.labels.size() + 6);
  auto has = [&](std::string_view key) {
    return std::ranges::binary_search(labels, key, {},
                                      [](const auto& l) { return std::string_view{l.first}; });
  };
  for (size_t i = 0; i < std::min(written, kLabelsMax); ++i) {
    const YamlNode& value = place.node->children[i];
    if (!value.is_scalar() || !place.node->keys[i].is_scalar()) continue;
    const std::string& key = place.node->keys[i].value;
    if (!has(key)) SetLabel(labels, texts.Share(key), value.is_null() ? SharedText() : shared(value.value));
  }
  for (const auto& [key, value] : rule.rule.labels) {
    if (!has(key)) SetLabel(labels, texts.Share(key), texts.Share(value));
  }
  if (rule.provider && !has("provider")) {
    TextTemplate::Text provider = rule.provider->Evaluate({document.reader, cluster.file, {}, {}});
    bool known = provider.missing.empty() && !IsTemplated(provider.value) && !IsEncrypted(provider.value);
    if (known) SetLabel(labels, texts.Share("provider"), texts.Share(ProviderName(provider.value)));
  }
  SetLabel(labels, texts.Share("cluster"), name);
  SetLabel(labels, texts.Share("cluster_id"), name);
  SetLabel(labels, texts.Share("namespace"), texts.Share(cluster.ns));
  SetLabel(labels, texts.Share("path"), cluster.file);
  SetLabel(labels, texts.Share("release"), {});
  return labels;
}

}  // namespace

void SetLabel(Labels& labels, SharedText key, SharedText value) {
  auto it =
      std::ranges::lower_bound(labels, key, {}, [](const auto& l) -> const SharedText& { return l.first; });
  if (it != labels.end() && it->first == key) {
    it->second = std::move(value);
  } else {
    labels.emplace(it, std::move(key), std::move(value));
  }
}

std::optional<Cluster> DescribeCluster(const CompiledRule& rule, const DocumentView& document,
                                       std::string_view name, Mark mark, Diagnostics& diagnostics) {
  if (std::string_view problem = NameProblem(name); !problem.empty()) {
    diagnostics.push_back(
        {document.file, mark, Severity::kError, "bad-name",
         fmt::format("'{}' cannot be a cluster's name: {}", name.substr(0, kNameBytesMax), problem)});
    return std::nullopt;
  }
  Cluster cluster;
  cluster.name = name;
  cluster.file = document.file;
  cluster.mark = mark;
  TextTemplate::Text ns = rule.cluster_namespace.Evaluate({document.reader, document.file, {}, {}});
  if (!ns.missing.empty()) {
    static const FieldPath kNamespace{
        {{FieldPathStep::Kind::kKey, "metadata", {}, 0}, {FieldPathStep::Kind::kKey, "namespace", {}, 0}}};
    ns.value = document.reader->Text(kNamespace);
  }
  cluster.ns = std::move(ns.value);
  cluster.time_zone = rule.time_zone;
  cluster.max_skip = rule.rule.max_skip;
  cluster.labels = CollectLabels(rule, document, cluster);
  cluster.schedule_names = document.texts->Share(FindScheduleNames(*document.reader, cluster.labels));
  return cluster;
}

std::optional<Cluster> NameCluster(const CompiledRule& rule, const DocumentView& document,
                                   Diagnostics& diagnostics) {
  TextTemplate::Text name = rule.cluster.Evaluate({document.reader, document.file, {}, {}});
  Mark mark = name.mark == Mark{} ? document.reader->root().mark : name.mark;
  auto refuse = [&](std::string_view code, std::string message) {
    diagnostics.push_back({document.file, mark, Severity::kWarning, std::string(code), std::move(message)});
    return std::nullopt;
  };
  if (!name.missing.empty()) {
    return refuse("missing-name",
                  fmt::format("inventory rule '{}' matches this document, but nothing stands at {}, "
                              "so it names no cluster",
                              rule.rule.name, name.missing));
  }
  if (IsTemplated(name.value)) {
    return refuse("templated",
                  fmt::format("the cluster's name '{}' is filled in by another program, so this document "
                              "is no cluster; exclude it, and include what is made of it",
                              name.value.substr(0, kNameBytesMax)));
  }
  if (IsEncrypted(name.value)) {
    return refuse("encrypted", "the cluster's name is encrypted (SOPS), so this document names no cluster");
  }
  return DescribeCluster(rule, document, name.value, mark, diagnostics);
}

}  // namespace lockkeeper
