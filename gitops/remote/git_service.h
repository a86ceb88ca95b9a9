#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

enum class GitService { kUploadPack, kReceivePack };

/// git-upload-pack, git-receive-pack.
constexpr std::string_view ServiceName(GitService service) {
  return service == GitService::kUploadPack ? "git-upload-pack" : "git-receive-pack";
}

/// How we name ourselves to servers.
inline constexpr std::string_view kAgentName = "lockkeeper";

/// Whether a reader of an answer has what it waits for.
enum class Wants { kMore, kNothing };

/// Takes a server's answer in the pieces in which it comes.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;
  virtual Result<Wants> Take(std::string_view bytes) = 0;
};

/// What is sent, once, and how many bytes these are.
struct ServiceRequest {
  uint64_t size = 0;
  /// Fills a part of the room, at least a byte of it.
  std::function<Result<size_t>(std::span<char> room)> read;
};

/// One conversation with a service of a remote repository: its advertisement, then one request and its
/// answer, if there is something to ask. Ends by the deadline that it was made with. The errors are those of
/// RemoteTransport, the reader's among them, with the remote's name in front.
class GitConversation {
 public:
  virtual ~GitConversation() = default;

  /// Until the reader wants nothing more, or the server has no more to say.
  virtual Result<void> ReadAdvertisement(AnswerReader& reader) = 0;
  virtual Result<void> Ask(const ServiceRequest& request, AnswerReader& reader) = 0;
  /// Nothing is asked.
  virtual void Leave() = 0;
};

}  // namespace lockkeeper
