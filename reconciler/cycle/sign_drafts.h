#pragma once

#include <span>

#include "gitops/repository/repository.h"
#include "gitops/signature/open_signer.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Gives the commits the signer that the Fleet asks for (spec.commit.signing); errors as OpenSigner's. The
/// fleet must have settings.
Result<void> SignDrafts(const Fleet& fleet, const SigningKey& key, std::span<CommitDraft> drafts);

}  // namespace lockkeeper
