#include "reconciler/cycle/sign_drafts.h"

namespace lockkeeper {

Result<void> SignDrafts(const Fleet& fleet, const SigningKey& key, std::span<CommitDraft> drafts) {
  auto signer = OpenSigner(fleet.settings->commit.signing.value, key);
  if (!signer) return std::unexpected(signer.error());
  for (CommitDraft& draft : drafts) draft.signer = *signer;
  return {};
}

}  // namespace lockkeeper
