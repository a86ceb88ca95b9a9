#include <algorithm>
#include <map>
#include <set>

#include "schemas/inventory/recognise.h"
#include "schemas/inventory/tree_path.h"

namespace lockkeeper {
namespace {

constexpr size_t kShapesMax = 4;

std::vector<std::string> Parts(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    size_t slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::string Escaped(std::string_view part) {
  std::string text;
  for (char c : part) {
    if (std::string_view("*?[{\\").contains(c)) text.push_back('\\');
    text.push_back(c);
  }
  return text;
}

// `.yaml` of `a.b.yaml`: what stays where the rest of a file's name differs.
std::string_view Extension(std::string_view name) {
  size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot);
}

bool IsWordByte(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Where the cluster's name stands as a word of its own; npos where it does not.
size_t FindName(std::string_view text, std::string_view name) {
  if (name.empty()) return std::string_view::npos;
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    size_t end = at + name.size();
    bool begins = at == 0 || !IsWordByte(text[at - 1]);
    if (begins && (end == text.size() || !IsWordByte(text[end]))) return at;
  }
  return std::string_view::npos;
}

// The cluster's name as a wildcard where the part is made of it: mgab6 is *, mgab6.yaml is *.yaml.
std::string Generalised(std::string_view part, std::string_view cluster, bool is_file) {
  std::string_view extension = is_file ? Extension(part) : std::string_view{};
  std::string_view stem = part.substr(0, part.size() - extension.size());
  size_t at = FindName(stem, cluster);
  if (at == std::string_view::npos) return Escaped(part);
  return Escaped(stem.substr(0, at)) + "*" + Escaped(stem.substr(at + cluster.size())) + Escaped(extension);
}

std::string GlobOfShape(const std::vector<NamedPath>& paths) {
  std::vector<std::string> glob;
  for (const NamedPath& named : paths) {
    std::vector<std::string> parts = Parts(named.path);
    for (size_t i = 0; i < parts.size(); ++i) {
      parts[i] = Generalised(parts[i], named.cluster, /*is_file=*/i + 1 == parts.size());
    }
    if (glob.empty()) {
      glob = std::move(parts);
      continue;
    }
    for (size_t i = 0; i < glob.size(); ++i) {
      if (glob[i] == parts[i]) continue;
      bool is_file = i + 1 == glob.size();
      glob[i] =
          is_file && Extension(glob[i]) == Extension(parts[i]) ? "*" + std::string(Extension(parts[i])) : "*";
    }
  }
  std::string text;
  for (const std::string& part : glob) text += (text.empty() ? "" : "/") + part;
  return text;
}

std::string FolderAbove(const std::vector<NamedPath>& paths) {
  std::string folder(FolderOf(paths.front().path));
  for (const NamedPath& named : paths) {
    while (!folder.empty() && !named.path.starts_with(folder + "/")) folder.resize(FolderOf(folder).size());
  }
  return folder.empty() ? "**" : Escaped(folder) + "/**";
}

}  // namespace

std::vector<std::string> ProposeGlobs(const std::vector<NamedPath>& paths) {
  std::map<size_t, std::vector<NamedPath>> shapes;  // By depth: parts are compared one by one.
  for (const NamedPath& named : paths) {
    shapes[static_cast<size_t>(std::ranges::count(named.path, '/'))].push_back(named);
  }
  if (paths.empty()) return {};
  if (shapes.size() > kShapesMax) return {FolderAbove(paths)};
  std::set<std::string> globs;
  for (const auto& [depth, shape] : shapes) globs.insert(GlobOfShape(shape));
  return {globs.begin(), globs.end()};
}

}  // namespace lockkeeper
