#include <array>
#include <string>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/task_file.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

/// What file systems, and Git checking out to them, take as one name.
constexpr size_t kComponentBytesMax = 255;
constexpr std::string_view kEnd = ".yaml";
constexpr size_t kHashDigits = 32;

bool IsSafe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

void AppendEscaped(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

/// A file's or folder's name, from which no other text makes the same: unsafe bytes and a dot in front as
/// %XX, the empty text as a lone %, and what is too long as its beginning, `~` (which is not safe either) and
/// a hash of the whole.
std::string Component(std::string_view text, size_t bytes_max) {
  if (text.empty()) return "%";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsSafe(text[i]) && !(i == 0 && text[i] == '.')) {
      out += text[i];
    } else {
      AppendEscaped(text[i], out);
    }
  }
  if (out.size() <= bytes_max) return out;
  size_t cut = bytes_max - 1 - kHashDigits;
  const size_t escape = out.rfind('%', cut - 1);
  if (escape != std::string::npos && escape + 3 > cut) cut = escape;
  return out.substr(0, cut) + "~" + Sha256Hex(text).substr(0, kHashDigits);
}

std::string FileName(std::string_view name) {
  return Component(name, kComponentBytesMax - kEnd.size()) + std::string{kEnd};
}

/// A folder must not have the name that a file beside it may have: `a.yaml` of cluster `a` and of cluster
/// `a.yaml/b`.
std::string FolderName(std::string_view name) {
  std::string folder = Component(name, kComponentBytesMax - 2);
  if (folder.ends_with(kEnd)) folder.replace(folder.size() - kEnd.size(), 1, "%2E");
  return folder;
}

}  // namespace

std::string StatusFilePath(const ObjectName& upgrade) {
  std::string folder = FolderName(upgrade.ns);
  // The histories and the tasks have their folders beside those of the namespaces.
  if (upgrade.ns == "clusters" || upgrade.ns == "tasks") {
    folder.clear();
    AppendEscaped(upgrade.ns.front(), folder);
    folder += upgrade.ns.substr(1);
  }
  return folder + "/" + FileName(upgrade.name);
}

std::string HistoryFilePath(std::string_view cluster) {
  std::string path = "clusters/";
  for (size_t slash = cluster.find('/'); slash != std::string_view::npos; slash = cluster.find('/')) {
    path += FolderName(cluster.substr(0, slash)) + "/";
    cluster.remove_prefix(slash + 1);
  }
  return path + FileName(cluster);
}

std::string TaskFilePath(const TaskKey& key) {
  const std::string task = key.task.ns == ObjectName{}.ns ? key.task.name : key.task.str();
  std::string file = FormatDate(key.date);
  if (!key.cluster.empty()) file += "-" + key.cluster;
  return "tasks/" + FolderName(task) + "/" + FileName(file);
}

}  // namespace lockkeeper
