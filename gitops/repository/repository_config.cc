#include "gitops/repository/repository_config.h"

#include <fmt/format.h>

#include <charconv>

namespace lockkeeper {

Result<RepositoryConfig> RepositoryConfig::Of(git_repository* repository) {
  RepositoryConfig config;
  int code = git_repository_config_snapshot(Out(config.config_), repository);
  if (code != 0) return GitFailure(code, git_repository_path(repository));
  return config;
}

Result<RepositoryConfig> RepositoryConfig::OfUser() {
  UseLibgit2();
  RepositoryConfig config;
  GitConfigHandle files;
  int code = git_config_open_default(Out(files));
  if (code == 0) code = git_config_snapshot(Out(config.config_), files.get());
  if (code != 0) return GitFailure(code, "the user's Git configuration");
  return config;
}

Result<RepositoryConfig> RepositoryConfig::OfFile(const std::string& path) {
  UseLibgit2();
  RepositoryConfig config;
  GitConfigHandle file;
  int code = git_config_open_ondisk(Out(file), path.c_str());
  if (code == 0) code = git_config_snapshot(Out(config.config_), file.get());
  if (code != 0) return GitFailure(code, path);
  return config;
}

Result<std::optional<std::string>> RepositoryConfig::Text(const char* name) const {
  GitConfigEntryHandle entry;
  int code = git_config_get_entry(Out(entry), config_.get(), name);
  if (code == GIT_ENOTFOUND) return std::nullopt;
  if (code != 0) return GitFailure(code, name);
  // A name without '=' means true.
  return entry->value == nullptr ? "true" : entry->value;
}

Result<std::optional<std::string>> RepositoryConfig::Path(const char* name) const {
  GitBuffer path;
  int code = git_config_get_path(&path.buf, config_.get(), name);
  if (code == GIT_ENOTFOUND) return std::nullopt;
  if (code != 0) return GitFailure(code, name);
  return std::string(path.text());
}

Result<bool> RepositoryConfig::Bool(const char* name, bool absent) const {
  int value = 0;
  int code = git_config_get_bool(&value, config_.get(), name);
  if (code == GIT_ENOTFOUND) return absent;
  if (code == 0) return value != 0;
  auto failure = GitFailure(code, name);
  failure.error().kind = ErrorKind::kInvalid;
  return failure;
}

Result<std::vector<std::string>> RepositoryConfig::Names(const std::string& prefix) const {
  std::vector<std::string> names;
  GitConfigIteratorHandle iterator;
  int code = git_config_iterator_new(Out(iterator), config_.get());
  git_config_entry* entry = nullptr;
  while (code == 0 && (code = git_config_next(&entry, iterator.get())) == 0) {
    if (std::string_view(entry->name).starts_with(prefix)) names.emplace_back(entry->name);
  }
  if (code != GIT_ITEROVER) return GitFailure(code, "git configuration");
  return names;
}

Result<RepositoryConfig::FileSharing> RepositoryConfig::ReadFileSharing() const {
  constexpr FileSharing kGroup{.kept = 0777, .added = 0440};
  constexpr FileSharing kEverybody{.kept = 0777, .added = 0444};
  auto value = Text("core.sharedrepository");
  if (!value) return std::unexpected(value.error());
  std::string text = value->value_or("umask");
  if (text == "umask") return FileSharing{};
  if (text == "group") return kGroup;
  if (text == "all" || text == "world" || text == "everybody") return kEverybody;
  unsigned octal = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), octal, 8);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
    if (octal == 0) return FileSharing{};
    if (octal == 1) return kGroup;
    if (octal == 2) return kEverybody;
    if ((octal & 0600) == 0600) return FileSharing{.kept = 0, .added = static_cast<mode_t>(octal & 0444)};
  }
  auto shared = Bool("core.sharedrepository", false);
  if (!shared) return std::unexpected(shared.error());
  return *shared ? kGroup : FileSharing{};
}

}  // namespace lockkeeper
