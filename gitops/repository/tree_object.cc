#include "gitops/repository/tree_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "gitops/repository/object_id.h"

namespace lockkeeper {

FileMode RawTreeEntry::file_mode() const {
  switch (mode & 0170000) {
    case 0100000:
      return (mode & 0100) != 0 ? FileMode::kExecutable : FileMode::kRegular;
    case 0120000:
      return FileMode::kSymlink;
    default:
      return FileMode::kSubmodule;
  }
}

std::strong_ordering CompareTreeKeys(std::string_view a, bool a_is_folder, std::string_view b,
                                     bool b_is_folder) {
  size_t common = std::min(a.size(), b.size());
  if (int order = std::memcmp(a.data(), b.data(), common); order != 0) return order <=> 0;
  auto after = [common](std::string_view name, bool is_folder) -> unsigned char {
    if (name.size() > common) return static_cast<unsigned char>(name[common]);
    return is_folder ? '/' : '\0';
  };
  if (auto order = after(a, a_is_folder) <=> after(b, b_is_folder); order != 0) return order;
  return a.size() <=> b.size();
}

Result<void> TreeCursor::Next() {
  RawTreeEntry before = entry_;
  offset_ += before.bytes.size();
  std::string_view rest = tree_.substr(offset_);
  if (rest.empty()) {
    entry_ = {};
    at_end_ = true;
    return {};
  }
  uint32_t mode = 0;
  size_t at = 0;
  constexpr size_t kModeDigitsMax = 7;
  for (; at < rest.size() && at < kModeDigitsMax && rest[at] >= '0' && rest[at] <= '7'; ++at) {
    mode = mode << 3 | static_cast<uint32_t>(rest[at] - '0');
  }
  if (at == 0 || at >= rest.size() || rest[at] != ' ') return Invalid("malformed mode of an entry");
  size_t name_begin = at + 1;
  size_t name_end = rest.find('\0', name_begin);
  if (name_end == std::string_view::npos || rest.size() - name_end - 1 < ObjectId::kBytes) {
    return Invalid("it is cut off");
  }
  entry_ = {.bytes = rest.substr(0, name_end + 1 + ObjectId::kBytes),
            .name = rest.substr(name_begin, name_end - name_begin),
            .id = rest.substr(name_end + 1, ObjectId::kBytes),
            .mode = mode};
  if (entry_.name.empty()) return Invalid("an entry without a name");
  if (entry_.name.find('/') != std::string_view::npos) {
    return Invalid(fmt::format("the entry '{}' has a slash in its name", entry_.name));
  }
  if (!before.name.empty() &&
      CompareTreeKeys(before.name, before.IsFolder(), entry_.name, entry_.IsFolder()) >= 0) {
    return Invalid(fmt::format("the entry '{}' is repeated or out of order", entry_.name));
  }
  return {};
}

void AppendTreeEntry(std::string& tree, uint32_t mode, std::string_view name, std::string_view raw_id) {
  tree += fmt::format("{:o} ", mode);
  tree += name;
  tree += '\0';
  tree += raw_id;
}

}  // namespace lockkeeper
