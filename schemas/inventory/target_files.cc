#include "schemas/inventory/target_files.h"

#include <algorithm>

#include "schemas/inventory/file_scan.h"

namespace lockkeeper {
namespace {

constexpr size_t kFilesKept = 8;

}  // namespace

Result<const TargetFile*> TargetFiles::Open(const TreeFile& file, const ReadBlob& read) {
  auto known = std::ranges::find(files_, file.path, &TargetFile::path);
  if (known != files_.end()) {
    files_.splice(files_.begin(), files_, known);
    return &files_.front();
  }
  auto text = read(file);
  if (!text && text.error().kind != ErrorKind::kInvalid && text.error().kind != ErrorKind::kNotFound) {
    return std::unexpected(text.error());
  }
  if (files_.size() >= kFilesKept) files_.pop_back();
  TargetFile& target = files_.emplace_front();
  target.path = file.path;
  if (!text) {
    target.error = text.error().message;
    return &target;
  }
  target.text = *text;
  target.error = Unreadable(target.text);
  if (!target.error.empty()) return &target;
  auto stream = ParseUserYaml(target.text);
  if (!stream) {
    target.error = stream.error().message;
    target.error_mark = stream.error().mark;
    return &target;
  }
  target.stream = std::move(*stream);
  const SharedText path = target.path;
  for (const YamlNode& document : target.stream.documents) {
    target.readers.emplace_back(document);
    target.documents.push_back(
        {path, target.text, static_cast<int>(target.documents.size()), &target.readers.back(), &texts_});
  }
  return &target;
}

}  // namespace lockkeeper
