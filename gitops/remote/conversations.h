#pragma once

#include <chrono>
#include <string>

#include "gitops/remote/advertisement.h"
#include "gitops/remote/git_service.h"
#include "gitops/remote/remote_transport.h"
#include "schemas/error.h"

namespace lockkeeper {

/// How messages name the remote, what it may take, and until when.
struct ConversationTerms {
  std::string where;
  RemoteLimits limits;
  std::chrono::steady_clock::time_point deadline;
  Announced announced = Announced::kNo;
};

/// RemoteTransport::Fetch by a conversation with git-upload-pack: one request and its answer where something
/// is new, and none where nothing is.
Result<FetchOutcome> FetchOver(GitConversation& conversation, const ConversationTerms& terms,
                               const FetchRequest& request);

/// RemoteTransport::Push by a conversation with git-receive-pack.
Result<void> PushOver(GitConversation& conversation, const ConversationTerms& terms,
                      const PushRequest& request);

}  // namespace lockkeeper
