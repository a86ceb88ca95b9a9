#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "gitops/remote/advertisement.h"
#include "gitops/remote/conversations.h"
#include "gitops/remote/pack_answer.h"
#include "gitops/remote/pack_receiver.h"
#include "gitops/remote/shared_history.h"
#include "gitops/repository/git_library.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";

std::unexpected<Error> At(const ConversationTerms& terms, const Error& error) {
  return Fail(error.kind, fmt::format("{}: {}", terms.where, error.message));
}

// A name that a server gives becomes a ref of ours and a word of messages.
Result<std::string> BranchOfHead(const std::string& ref, const ConversationTerms& terms) {
  if (ref.empty()) {
    return NotFound(fmt::format(
        "{}: the repository's HEAD names no branch that is there; say which branch is meant", terms.where));
  }
  int valid = 0;
  if (!ref.starts_with(kBranchPrefix) || !IsPrintable(ref) ||
      git_reference_name_is_valid(&valid, ref.c_str()) != 0 || valid == 0) {
    return NotFound(
        fmt::format("{}: the repository's HEAD names {}, which is no branch; say which one is meant",
                    terms.where, Quoted(ref)));
  }
  return ref.substr(kBranchPrefix.size());
}

std::string WantRequest(const ServiceAbilities& server, const ObjectId& id,
                        const std::vector<ObjectId>& common) {
  std::string abilities;
  if (server.side_band_64k) abilities += " side-band-64k";
  if (server.ofs_delta) abilities += " ofs-delta";
  if (server.thin_pack) abilities += " thin-pack";
  if (server.no_progress) abilities += " no-progress";
  if (server.agent) abilities += fmt::format(" agent={}", kAgentName);
  std::string text;
  AppendPktLine(text, fmt::format("want {}{}\n", id.Hex(), abilities));
  text += kFlush;
  for (const ObjectId& have : common) AppendPktLine(text, fmt::format("have {}\n", have.Hex()));
  AppendPktLine(text, "done\n");
  return text;
}

ServiceRequest RequestOf(const std::string& text) {
  return {.size = text.size(),
          .read = [rest = std::string_view(text)](std::span<char> room) mutable -> Result<size_t> {
            const size_t part = std::min(room.size(), rest.size());
            std::ranges::copy(rest.substr(0, part), room.begin());
            rest.remove_prefix(part);
            return part;
          }};
}

Result<void> BringCommit(GitConversation& conversation, const ConversationTerms& terms,
                         const AdvertisementReader& server, const FetchRequest& request) {
  auto common = FindSharedHistory(request.git_dir, request.known);
  if (!common) return std::unexpected(common.error());
  // Without bands nothing but their number tells where the lines about common commits end.
  if (!server.abilities().side_band_64k && common->size() > 1) common->resize(1);
  const std::string text = WantRequest(server.abilities(), server.id(), *common);
  PackReceiver pack({.objects_path = request.git_dir + "/objects",
                     .bytes_max = terms.limits.pack_bytes_max,
                     .deadline = terms.deadline});
  PackAnswerReader answer(
      server.abilities().side_band_64k ? PackAnswerReader::Banded::kYes : PackAnswerReader::Banded::kNo,
      [&pack](std::string_view bytes) { return pack.Take(bytes); });
  if (auto asked = conversation.Ask(RequestOf(text), answer); !asked) return asked;
  if (!answer.complete()) {
    return At(terms, {ErrorKind::kTransient, "the connection was cut while the server sent its pack"});
  }
  if (auto installed = pack.Install(server.id()); !installed) return At(terms, installed.error());
  return {};
}

}  // namespace

Result<FetchOutcome> FetchOver(GitConversation& conversation, const ConversationTerms& terms,
                               const FetchRequest& request) {
  UseLibgit2();
  AdvertisementReader server(
      {.service = GitService::kUploadPack,
       .ref = request.branch.empty() ? "" : fmt::format("{}{}", kBranchPrefix, request.branch),
       .bytes_max = terms.limits.advertisement_bytes_max,
       .announced = terms.announced});
  if (auto read = conversation.ReadAdvertisement(server); !read) return std::unexpected(read.error());
  if (!server.complete())
    return At(terms, {ErrorKind::kTransient, "the connection was cut while the server listed its refs"});
  if (server.empty()) {
    conversation.Leave();
    return NotFound(fmt::format("{}: the repository has no commit yet; push a first one", terms.where));
  }
  auto branch =
      request.branch.empty() ? BranchOfHead(server.ref(), terms) : Result<std::string>(request.branch);
  if (!branch || server.id().IsNone()) {
    conversation.Leave();
    if (!branch) return std::unexpected(branch.error());
    return NotFound(fmt::format("{}: the repository has no branch {}", terms.where, Quoted(*branch)));
  }
  FetchOutcome outcome{.branch = *branch, .commit = server.id().Hex()};
  auto has = outcome.commit == request.known ? Result<bool>(true) : HasCommit(request.git_dir, server.id());
  if (!has || *has) conversation.Leave();
  if (!has) return At(terms, has.error());
  if (*has) return outcome;
  if (auto brought = BringCommit(conversation, terms, server, request); !brought)
    return std::unexpected(brought.error());
  return outcome;
}

}  // namespace lockkeeper
