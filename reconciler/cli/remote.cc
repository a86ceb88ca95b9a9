#include "reconciler/cli/remote.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "gitops/remote/remote_transport.h"
#include "gitops/remote/remote_url.h"

namespace lockkeeper {
namespace {

constexpr int kClonesMax = 4;

std::string Variable(const char* name) {
  // Nobody changes the environment of this process after its start.
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

/// A name for people, and a number against two remotes with the same one. FNV-1a, 64 bits: it must be the
/// same in every version, and no more than tell folders apart.
std::string CloneName(const std::string& url, const std::string& branch) {
  uint64_t hash = 14695981039346656037U;
  for (char c : url + '\n' + branch) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::string name = url.substr(url.find_last_of("/:") + 1);
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  std::erase_if(name, [](char c) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return !plain && c != '-' && c != '_';
  });
  return fmt::format("{}-{:016x}", name.substr(0, 60), hash);
}

}  // namespace

bool IsRemote(const std::string& repo) {
  const size_t scheme = repo.find("://");
  if (scheme != std::string::npos) return !repo.starts_with("file://");
  // As git reads it: a colon before the first slash, and no such thing here.
  const size_t colon = repo.find(':');
  if (colon == std::string::npos || repo.find('/') < colon) return false;
  struct stat here{};
  return ::stat(repo.c_str(), &here) != 0;
}

std::string ShownRepo(const std::string& repo) {
  if (!IsRemote(repo)) return repo;
  auto url = ParseRemoteUrl(repo);
  return url ? url->text : "the remote";
}

Result<std::string> CacheFolder(const GlobalOptions& options) {
  if (!options.cache.empty()) return options.cache;
  // systemd names the folder that CacheDirectory= made for us, or several of them.
  if (std::string folder = Variable("CACHE_DIRECTORY"); !folder.empty()) {
    return folder.substr(0, folder.find(':'));
  }
  if (std::string folder = Variable("XDG_CACHE_HOME"); folder.starts_with('/')) return folder + "/lockkeeper";
  if (std::string home = Variable("HOME"); home.starts_with('/')) return home + "/.cache/lockkeeper";
  return Invalid(
      "--cache: there is no HOME to keep the clone of a remote repository in; name a folder for it");
}

Result<std::unique_ptr<RemoteRepository>> OpenRemote(const GlobalOptions& options, CloneUse use) {
  auto cache = CacheFolder(options);
  if (!cache) return std::unexpected(cache.error());
  const std::string folder = *cache + "/" + CloneName(options.repo, options.branch);
  const int clones = use == CloneUse::kDaemon ? 1 : kClonesMax;
  for (int clone = 1;; ++clone) {
    auto transport = OpenTransport(options.repo, options.access, {});
    if (!transport) return std::unexpected(transport.error());
    const std::string suffix = clone == 1 ? ".git" : fmt::format("-{}.git", clone);
    auto opened = RemoteRepository::Open(
        {.url = ShownRepo(options.repo), .branch = options.branch, .clone_folder = folder + suffix},
        std::move(*transport));
    if (opened || opened.error().kind != ErrorKind::kTransient || clone == clones) return opened;
  }
}

}  // namespace lockkeeper
