#include "schemas/inventory/tree_path.h"

namespace lockkeeper {

std::string_view FolderOf(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::optional<std::string> ResolveTreePath(std::string_view folder, std::string_view relative) {
  if (relative.starts_with('/')) return std::nullopt;
  std::string path(folder);
  while (!relative.empty()) {
    size_t slash = relative.find('/');
    std::string_view part = relative.substr(0, slash);
    relative.remove_prefix(slash == std::string_view::npos ? relative.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (path.empty()) return std::nullopt;
      path.resize(FolderOf(path).size());
      continue;
    }
    if (!path.empty()) path.push_back('/');
    path += part;
  }
  return path;
}

}  // namespace lockkeeper
