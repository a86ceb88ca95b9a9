#pragma once

#include <string>

#include "reconciler/cycle/commit_files.h"

namespace lockkeeper {

enum class Suspended : bool { kNo, kYes };

struct SuspendRequest {
  std::string upgrade;  ///< NAME or NAMESPACE/NAME
  Suspended wanted = Suspended::kYes;
  std::string reason;  ///< for the commit's message; may be empty
};

struct SuspendChange {
  FileChanges changes;  ///< no writes: it is so already
  ObjectName upgrade;
  std::string path;
};

/// SPEC 6, `suspend` and `resume`: sets spec.suspend and changes no other byte. Where the field is missing,
/// suspending inserts it; resuming sets it to false and leaves it there, so that the next change of it is one
/// word. kNotFound: no such upgrade. kInvalid: it does not decode, or its bytes refuse the edit.
Result<SuspendChange> DecideSuspend(const FleetState& state, FleetReader& reader,
                                    const SuspendRequest& request);

/// The upgrade that is meant by NAME or NAMESPACE/NAME. kNotFound with the nearest name; kInvalid where it
/// does not decode.
Result<const ClusterUpgrade*> FindUpgrade(const Fleet& fleet, const std::string& wanted);

}  // namespace lockkeeper
