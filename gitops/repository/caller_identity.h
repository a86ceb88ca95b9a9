#pragma once

#include <string>

#include "schemas/error.h"

namespace lockkeeper {

/// Who makes a commit, as Git writes it.
struct Identity {
  std::string name;
  std::string email;
  bool operator==(const Identity&) const = default;
};

/// Whom `git commit` would take for the author in the repository at `location` (empty: in none): `given` (the
/// caller's GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL) where it is not empty, else author.name and author.email,
/// else user.name and user.email, of the repository's configuration, the user's and the system's. Nothing is
/// made up from the name of the machine. kInvalid says what to set.
Result<Identity> CallerIdentity(const std::string& location, const Identity& given);

}  // namespace lockkeeper
