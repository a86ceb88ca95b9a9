#include "schemas/inventory/file_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>

#include "schemas/inventory/document_reader.h"
#include "schemas/inventory/marker.h"
#include "schemas/inventory/naming.h"
#include "schemas/inventory/ref_search.h"
#include "schemas/inventory/ref_value.h"
#include "schemas/inventory/release_ref.h"
#include "schemas/inventory/tree_path.h"

namespace lockkeeper {
namespace {

class FileScanner {
 public:
  FileScanner(const std::vector<CompiledRule>& rules, const ScanRequest& request, std::string_view path,
              std::string_view text, TextPool& texts)
      : rules_(rules), request_(request), path_(path), text_(text), texts_(texts) {}

  FileScan Scan();

 private:
  DocumentView View(size_t document) const {
    return {path_, text_, static_cast<int>(document), &readers_[document], &texts_};
  }
  void ReportUnreadable(Mark mark, std::string_view why);
  void ScanDocument(size_t document);
  bool AddCandidate(size_t rule_index, size_t document);
  std::vector<Ref> FindInStream(const CompiledRef& ref, const TextTemplate::Context& context,
                                const ClusterCandidate& of);
  void AddPending(const CompiledRef& ref, size_t index, const TextTemplate::Context& context,
                  ClusterCandidate& candidate);
  bool AddMarkers(size_t rule_index, size_t document);
  void AddParts();

  const std::vector<CompiledRule>& rules_;
  const ScanRequest& request_;
  const SharedText path_;
  std::string_view text_;
  TextPool& texts_;
  std::deque<DocumentReader> readers_;
  std::vector<Marker> markers_;
  FileScan scan_;
};

// Refs that neighbours of any of these rules would look for in this file.
uint64_t JoinsOf(const std::vector<CompiledRule>& rules, const ScanRequest& request, std::string_view path) {
  uint64_t joins = request.joins;
  for (uint16_t rule : request.rules) {
    for (const CompiledRef& ref : rules[rule].refs) {
      if (ref.neighbours && ref.neighbours->Matches(NameOf(path))) joins |= uint64_t{1} << ref.join;
    }
  }
  return joins;
}

void FileScanner::ReportUnreadable(Mark mark, std::string_view why) {
  scan_.broken_joins = scan_.joins;
  if (request_.rules.empty()) return;
  std::string_view hint =
      IsTemplated(text_) ? "; it looks like a template: exclude it, include what is made of it" : "";
  scan_.diagnostics.push_back(
      {path_, mark, Severity::kError, "unreadable",
       fmt::format("inventory rule '{}' would look for clusters here, but the file cannot be read: {}{}",
                   rules_[request_.rules.front()].rule.name, why, hint)});
}

FileScan FileScanner::Scan() {
  scan_.joins = JoinsOf(rules_, request_, path_);
  if (std::string_view why = Unreadable(text_); !why.empty()) {
    ReportUnreadable({1, 1}, why);
    return std::move(scan_);
  }
  auto stream = ParseUserYaml(text_);
  if (!stream) {
    ReportUnreadable(stream.error().mark, stream.error().message);
    return std::move(scan_);
  }
  for (const YamlNode& document : stream->documents) readers_.emplace_back(document);
  bool wants_markers =
      std::ranges::any_of(request_.rules, [&](uint16_t rule) { return rules_[rule].rule.marker; });
  if (wants_markers) markers_ = FindMarkers(path_, text_, *stream, scan_.diagnostics);
  for (size_t document = 0; document < readers_.size(); ++document) ScanDocument(document);
  AddParts();
  return std::move(scan_);
}

void FileScanner::ScanDocument(size_t document) {
  for (uint16_t index : request_.rules) {
    const CompiledRule& rule = rules_[index];
    if (rule.rule.marker) {
      if (AddMarkers(index, document) && !request_.every_rule) return;
    } else if (readers_[document].root().is_mapping() && rule.MatchesDocument(readers_[document])) {
      if (AddCandidate(index, document) && !request_.every_rule) return;
    }
  }
}

// False where the rule turns out not to mean this document.
bool FileScanner::AddCandidate(size_t rule_index, size_t document) {
  const CompiledRule& rule = rules_[rule_index];
  ClusterCandidate candidate;
  candidate.rule = rule_index;
  candidate.document = static_cast<int>(document);
  candidate.refs.resize(rule.refs.size());
  // Refs of this very document first: often they tell that it is no cluster's, before anything else is looked
  // at.
  bool held = !rule.rule.require_ref;
  for (size_t i = 0; i < rule.refs.size(); ++i) {
    const CompiledRef& ref = rule.refs[i];
    if (!ref.in_manifest() || ref.selects()) continue;
    candidate.refs[i] = FindRefs(View(document), ref);
    held = held ||
           std::ranges::any_of(candidate.refs[i], [](const Ref& r) { return r.problem_code != "missing"; });
  }
  if (!held) return false;
  auto cluster = NameCluster(rule, View(document), scan_.diagnostics);
  if (!cluster) return true;
  candidate.cluster = std::move(*cluster);
  TextTemplate::Context context{&readers_[document], path_, candidate.cluster.name, candidate.cluster.ns};
  for (size_t i = 0; i < rule.refs.size(); ++i) {
    const CompiledRef& ref = rule.refs[i];
    if (!ref.in_manifest()) {
      AddPending(ref, i, context, candidate);
    } else if (ref.selects()) {
      candidate.refs[i] = FindInStream(ref, context, candidate);
    }
  }
  if (candidate.pending.empty()) FinishCluster(rule, texts_, candidate);
  scan_.candidates.push_back(std::move(candidate));
  return true;
}

std::string ExpectedKey(const CompiledRef& ref, const TextTemplate::Context& context) {
  std::vector<std::string> values;
  for (const auto& [path, expected] : ref.where) values.push_back(expected.Evaluate(context).value);
  return JoinKey(values);
}

std::string FoundKey(const CompiledRef& ref, const DocumentReader& document) {
  std::vector<std::string> values;
  for (const auto& [path, expected] : ref.where) values.emplace_back(document.Text(path));
  return JoinKey(values);
}

std::vector<Ref> FileScanner::FindInStream(const CompiledRef& ref, const TextTemplate::Context& context,
                                           const ClusterCandidate& of) {
  std::vector<DocumentView> documents;
  for (size_t i = 0; i < readers_.size(); ++i) documents.push_back(View(i));
  return FindRefsInFile(documents, ref, ExpectedKey(ref, context), path_, of);
}

void FileScanner::AddPending(const CompiledRef& ref, size_t index, const TextTemplate::Context& context,
                             ClusterCandidate& candidate) {
  PendingRef pending{index, {}, ExpectedKey(ref, context), false, {}};
  pending.written = (ref.file ? *ref.file : *ref.neighbour_folder).Evaluate(context).value;
  auto target = ResolveTreePath(FolderOf(path_), pending.written);
  pending.outside = !target || (ref.file && target->empty());
  if (target) pending.target = std::move(*target);
  candidate.pending.push_back(std::move(pending));
}

// One candidate for each name; its refs are parts, because other files may hold more of them.
bool FileScanner::AddMarkers(size_t rule_index, size_t document) {
  const CompiledRule& rule = rules_[rule_index];
  bool any = false;
  for (const Marker& marker : markers_) {
    if (marker.document != static_cast<int>(document)) continue;
    any = true;
    CompiledRef ref;
    ref.rule.format.value = marker.format;
    ref.rule.role = marker.role;
    ref.path_text = FormatFieldPath(marker.path);
    ref.written_format = marker.format.empty() ? "{v}{version}" : marker.format;
    Ref found;
    if (auto format = RefFormat::Parse(marker.format); format) {
      ref.format = std::move(*format);
      found = ReadRef(View(document), ref, marker.path, ref.path_text);
    } else {
      found = MissingRef(path_, marker.document, {}, ref, format.error().message);
      found.problem_code = "unparsable";
    }
    bool known = std::ranges::any_of(scan_.candidates, [&](const ClusterCandidate& candidate) {
      return candidate.rule == rule_index && candidate.cluster.name == marker.cluster;
    });
    if (!known) {
      auto cluster = DescribeCluster(rule, View(document), marker.cluster, found.mark, scan_.diagnostics);
      if (!cluster) continue;
      ClusterCandidate candidate;
      candidate.cluster = std::move(*cluster);
      candidate.rule = rule_index;
      candidate.document = marker.document;
      candidate.pending.push_back({});
      candidate.pending.back().key = JoinKey({marker.cluster});
      scan_.candidates.push_back(std::move(candidate));
    }
    scan_.joins |= uint64_t{1} << rule.marker_join;
    scan_.parts.push_back({rule.marker_join, JoinKey({marker.cluster}), std::move(found)});
  }
  return any;
}

void FileScanner::AddParts() {
  for (const CompiledRule& rule : rules_) {
    for (const CompiledRef& ref : rule.refs) {
      if (!ref.neighbours || (scan_.joins & (uint64_t{1} << ref.join)) == 0) continue;
      for (size_t document = 0; document < readers_.size(); ++document) {
        if (!readers_[document].root().is_mapping() || !ref.select.Matches(readers_[document])) continue;
        std::string key = FoundKey(ref, readers_[document]);
        for (Ref& found : FindRefs(View(document), ref))
          scan_.parts.push_back({ref.join, key, std::move(found)});
      }
    }
  }
}

bool Contains(std::string_view text, std::string_view bytes) {
  return bytes.empty() || memmem(text.data(), text.size(), bytes.data(), bytes.size()) != nullptr;
}

}  // namespace

std::vector<Ref> FindRefsInFile(const std::vector<DocumentView>& documents, const CompiledRef& ref,
                                const std::string& key, const SharedText& file, const ClusterCandidate& of) {
  std::vector<Ref> found;
  bool asks = ref.selects();
  for (const DocumentView& document : documents) {
    if (!document.reader->root().is_mapping()) continue;
    if (asks && (!ref.select.Matches(*document.reader) || FoundKey(ref, *document.reader) != key)) continue;
    for (Ref& one : FindRefs(document, ref)) {
      // Without a selection the first document in which the path is found is meant.
      if (asks || one.problem_code != "missing") found.push_back(std::move(one));
    }
    if (!asks && !found.empty() && !ref.rule.repeated) break;
    if (found.size() >= kRefsMax) break;
  }
  if (found.size() > 1 && !ref.rule.repeated && !ref.has_wildcard) return {AmbiguousRef(found, ref)};
  if (found.empty() && !ref.rule.optional) {
    std::string_view what =
        asks ? "no document there is the one that the rule looks for" : "no document has it";
    bool same = file == of.cluster.file;
    Mark mark = same ? of.cluster.mark : Mark{};
    found.push_back(MissingRef(file, same ? of.document : 0, mark, ref,
                               fmt::format("{}: {}", ref.rule.path.value, what)));
  }
  return found;
}

std::string JoinKey(const std::vector<std::string>& values) {
  std::string key;
  for (const std::string& value : values) {
    key += fmt::format("{}:", value.size());
    for (char c : value)
      key += c == '\0' ? '?' : c;  // PartKey separates by NUL; the length keeps keys apart.
  }
  return key;
}

std::string_view Unreadable(std::string_view text) {
  constexpr std::string_view kLfsMagic = "version https://git-lfs.github.com/spec/v1";
  if (text.starts_with(kLfsMagic)) return "it is a pointer of Git LFS; keep manifests in Git itself";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return "it is UTF-16; convert it to UTF-8";
  return {};
}

bool IsYamlName(std::string_view path) {
  return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
}

bool IsExcluded(const CompiledRule& rule, std::string_view path) {
  return std::ranges::any_of(rule.exclude, [&](const Glob& glob) { return glob.Matches(path); });
}

ScanRequest RequestFor(const std::vector<CompiledRule>& rules, std::string_view path, uint64_t joins) {
  ScanRequest request;
  bool yaml = IsYamlName(path);
  for (size_t i = 0; i < rules.size(); ++i) {
    if ((yaml || rules[i].names_files) && rules[i].MatchesPath(path)) {
      request.rules.push_back(static_cast<uint16_t>(i));
    }
    for (const CompiledRef& ref : rules[i].refs) {
      if (!ref.neighbours || (joins & (uint64_t{1} << ref.join)) == 0) continue;
      if (yaml && ref.neighbours->Matches(NameOf(path)) && !IsExcluded(rules[i], path)) {
        request.joins |= uint64_t{1} << ref.join;
      }
    }
  }
  return request;
}

ScanRequest Narrow(const std::vector<CompiledRule>& rules, ScanRequest request, std::string_view text) {
  if (!Unreadable(text).empty()) return request;
  std::erase_if(request.rules, [&](uint16_t rule) { return !Contains(text, rules[rule].needle); });
  if (request.joins == 0) return request;
  for (const CompiledRule& rule : rules) {
    for (const CompiledRef& ref : rule.refs) {
      if (ref.join >= 0 && !Contains(text, ref.select.literal_kind))
        request.joins &= ~(uint64_t{1} << ref.join);
    }
  }
  return request;
}

FileScan ScanFile(const std::vector<CompiledRule>& rules, const ScanRequest& request, std::string_view path,
                  std::string_view text, TextPool& texts) {
  return FileScanner(rules, request, path, text, texts).Scan();
}

void FinishCluster(const CompiledRule& rule, TextPool& texts, ClusterCandidate& candidate) {
  Cluster& cluster = candidate.cluster;
  size_t count = 0;
  for (const auto& refs : candidate.refs) count += refs.size();
  cluster.refs.reserve(std::min(count, kRefsMax));
  for (size_t i = 0; i < candidate.refs.size(); ++i) {
    for (Ref& ref : candidate.refs[i]) {
      if (cluster.refs.size() < kRefsMax) cluster.refs.push_back(std::move(ref));
    }
  }
  if (count > kRefsMax) {
    cluster.problems.push_back(
        {"too-many-refs", fmt::format("{} refs were found for it, more than {}; narrow the "
                                      "rule's where:",
                                      count, kRefsMax)});
  }
  if (cluster.refs.empty()) {
    cluster.problems.push_back(
        {"missing", fmt::format("inventory rule '{}' finds no ref of it", rule.rule.name)});
  }
  if (const Ref* main = ReleaseRef(cluster.refs)) cluster.release = texts.Share(main->version);
  SetLabel(cluster.labels, texts.Share("release"), cluster.release);
  candidate.refs.clear();
}

}  // namespace lockkeeper
