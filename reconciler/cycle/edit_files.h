#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/render/changes.h"
#include "reconciler/cycle/fleet_reader.h"
#include "schemas/error.h"

namespace lockkeeper {

/// What a file holds; kNotFound.
using ReadText = std::function<Result<std::string>(const std::string& path)>;

/// The files that a change edits, by path, with their new bytes; and whom the bytes of a file refuse.
struct EditedFiles {
  std::map<std::string, std::string> texts;
  EditRefusals refused;
};
Result<EditedFiles> EditFiles(const Change& change, const ReadText& read);

/// The manifests of a change that would be written over a file that is there, whatever is in it: by path, and
/// why that is refused.
Result<EditRefusals> RefusedManifests(const Change& change, const ReadText& read);

/// Makes the edits of one change upon the other and writes nothing: what a simulation asks (TryEdits).
class TrialEdits {
 public:
  /// Begins with the files of the commit that `reader` has read last.
  explicit TrialEdits(FleetReader& reader) : reader_(reader) {}

  /// All are made, or, where the bytes refuse some of them, none.
  Result<EditRefusals> Try(const std::vector<Change>& changes);
  /// What a file holds after the changes that were made; kNotFound.
  Result<std::string> Read(const std::string& path);

 private:
  FleetReader& reader_;
  std::map<std::string, std::string> made_;
};

}  // namespace lockkeeper
