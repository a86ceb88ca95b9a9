#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.h"
#include "schemas/inventory/recognise.h"

namespace lockkeeper {

/// What the first files of a repository are made from.
struct FirstFleet {
  std::string folder;  ///< the repository's own name, of any characters
  std::vector<RecognisedRule> rules;
  std::vector<std::string> release_folders;  ///< that hold Release objects
  std::string zone;                          ///< of the first schedule
  Instant now;                               ///< the first schedule begins at it or within the next days
};

struct FirstFile {
  std::string path;
  std::string text;
  std::string purpose;  ///< one line for people
};

inline constexpr std::array<std::string_view, 3> kFirstFiles = {
    "lockkeeper.yaml", "upgrades/working-hours.yaml", "upgrades/example-upgrade.yaml"};

/// One for each of kFirstFiles. lockkeeper.yaml comes last: with it the repository is lockkeeper's, so the
/// others should be there already.
std::vector<FirstFile> FirstFiles(const FirstFleet& fleet);

}  // namespace lockkeeper
