#include "gitops/repository/caller_identity.h"

#include <fmt/format.h>

#include "gitops/repository/location.h"
#include "gitops/repository/open_checks.h"
#include "gitops/repository/repository_config.h"

namespace lockkeeper {
namespace {

Result<void> Fill(const RepositoryConfig& config, const char* field, std::string& target) {
  for (const char* section : {"author", "user"}) {
    if (!target.empty()) return {};
    auto text = config.Text(fmt::format("{}.{}", section, field).c_str());
    if (!text) return std::unexpected(text.error());
    target = text->value_or("");
  }
  return {};
}

Result<RepositoryConfig> ConfigOf(const std::string& location) {
  auto path = PathOfLocation(location);
  if (!path) return std::unexpected(path.error());
  auto repository = OpenGitRepository(*path);
  if (!repository) return std::unexpected(repository.error());
  return RepositoryConfig::Of(repository->get());
}

}  // namespace

Result<Identity> CallerIdentity(const std::string& location, const Identity& given) {
  Identity identity = given;
  if (identity.name.empty() || identity.email.empty()) {
    auto config = location.empty() ? RepositoryConfig::OfUser() : ConfigOf(location);
    if (!config) return std::unexpected(config.error());
    if (auto name = Fill(*config, "name", identity.name); !name) return std::unexpected(name.error());
    if (auto email = Fill(*config, "email", identity.email); !email) return std::unexpected(email.error());
  }
  if (!identity.name.empty() && !identity.email.empty()) return identity;
  return Invalid(fmt::format(
      "Git does not know who you are, and the commit needs an author: {} (or {}), as for any commit",
      identity.name.empty() ? "git config --global user.name 'Your Name'"
                            : "git config --global user.email you@example.com",
      identity.name.empty() ? "set GIT_AUTHOR_NAME" : "set GIT_AUTHOR_EMAIL"));
}

}  // namespace lockkeeper
