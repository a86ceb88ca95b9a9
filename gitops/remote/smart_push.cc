#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "gitops/remote/advertisement.h"
#include "gitops/remote/conversations.h"
#include "gitops/remote/report_status.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/git_library.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kPackMark = "PACK";

std::unexpected<Error> At(const ConversationTerms& terms, const Error& error) {
  return Fail(error.kind, fmt::format("{}: {}", terms.where, error.message));
}

struct PushPlan {
  std::string ref;
  ObjectId old_id;
  ObjectId new_id;
  FileDescriptor pack;
  uint64_t pack_bytes = 0;
};

Result<ObjectId> IdOf(const std::string& text) {
  if (text.empty()) return ObjectId{};
  if (auto id = ParseObjectId(text)) return *id;
  return Invalid(fmt::format("{} is no commit id: 40 hexadecimal digits are needed", Quoted(text)));
}

Result<void> OpenPack(const std::string& path, PushPlan& plan) {
  plan.pack = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!plan.pack.is_open()) return FileFailure(errno, "read the pack", path);
  struct stat status{};
  char mark[kPackMark.size()] = {};
  if (::fstat(plan.pack.get(), &status) != 0) return FileFailure(errno, "read the pack", path);
  if (::pread(plan.pack.get(), mark, sizeof mark, 0) != sizeof mark ||
      std::string_view(mark, sizeof mark) != kPackMark)
    return Invalid(fmt::format("{}: this is no pack", path));
  plan.pack_bytes = static_cast<uint64_t>(status.st_size);
  return {};
}

Result<PushPlan> PlanOf(const PushRequest& request) {
  PushPlan plan{.ref = request.ref};
  int valid = 0;
  if (!request.ref.starts_with("refs/") || git_reference_name_is_valid(&valid, request.ref.c_str()) != 0 ||
      valid == 0)
    return Invalid(fmt::format("{} is no full name of a ref", Quoted(request.ref)));
  for (const auto& [text, id] :
       {std::pair{&request.old_id, &plan.old_id}, std::pair{&request.new_id, &plan.new_id}}) {
    auto read = IdOf(*text);
    if (!read) return std::unexpected(read.error());
    *id = *read;
  }
  if (plan.old_id == plan.new_id)
    return Invalid(fmt::format("{}: its old and its new commit are the same", request.ref));
  if (plan.new_id.IsNone()) return plan;
  if (auto opened = OpenPack(request.pack_path, plan); !opened) return std::unexpected(opened.error());
  return plan;
}

Result<void> CheckServer(const AdvertisementReader& server, const PushPlan& plan) {
  const ServiceAbilities& abilities = server.abilities();
  if (server.id() != plan.old_id) {
    const auto text = [](const ObjectId& id) {
      return id.IsNone() ? std::string("not there") : "at " + id.Hex();
    };
    return Fail(ErrorKind::kConflict, fmt::format("{} is {}, where it was to be {}", plan.ref,
                                                  text(server.id()), text(plan.old_id)));
  }
  if (!abilities.report_status)
    return Invalid("the server does not report what becomes of a push (report-status), so none is made");
  if (plan.new_id.IsNone() && !abilities.delete_refs)
    return Invalid("the server does not delete refs (delete-refs)");
  return {};
}

std::string Command(const ServiceAbilities& server, const PushPlan& plan) {
  std::string abilities = " report-status";
  if (server.side_band_64k) abilities += " side-band-64k";
  if (server.quiet) abilities += " quiet";
  if (server.atomic) abilities += " atomic";
  if (server.agent) abilities += fmt::format(" agent={}", kAgentName);
  std::string text;
  AppendPktLine(
      text, fmt::format("{} {} {}{}{}\n", plan.old_id.Hex(), plan.new_id.Hex(), plan.ref, '\0', abilities));
  text += kFlush;
  return text;
}

// The command, then the pack.
ServiceRequest RequestOf(const std::string& command, const PushPlan& plan, const std::string& pack_path) {
  return {.size = command.size() + plan.pack_bytes,
          .read = [rest = std::string_view(command), pack = plan.pack.get(),
                   pack_path](std::span<char> room) mutable -> Result<size_t> {
            if (!rest.empty()) {
              const size_t part = std::min(room.size(), rest.size());
              std::ranges::copy(rest.substr(0, part), room.begin());
              rest.remove_prefix(part);
              return part;
            }
            ssize_t got = ::read(pack, room.data(), room.size());
            while (got < 0 && errno == EINTR) got = ::read(pack, room.data(), room.size());
            if (got < 0) return FileFailure(errno, "read the pack", pack_path);
            if (got == 0)
              return Fail(ErrorKind::kTransient, fmt::format("{}: the pack was cut off", pack_path));
            return static_cast<size_t>(got);
          }};
}

}  // namespace

Result<void> PushOver(GitConversation& conversation, const ConversationTerms& terms,
                      const PushRequest& request) {
  UseLibgit2();
  auto plan = PlanOf(request);
  if (!plan) return At(terms, plan.error());
  AdvertisementReader server({.service = GitService::kReceivePack,
                              .ref = request.ref,
                              .bytes_max = terms.limits.advertisement_bytes_max,
                              .announced = terms.announced});
  if (auto read = conversation.ReadAdvertisement(server); !read) return read;
  if (!server.complete())
    return At(terms, {ErrorKind::kTransient, "the connection was cut while the server listed its refs"});
  if (auto checked = CheckServer(server, *plan); !checked) {
    conversation.Leave();
    return At(terms, checked.error());
  }
  const std::string command = Command(server.abilities(), *plan);
  ReportReader report(
      request.ref, server.abilities().side_band_64k ? ReportReader::Banded::kYes : ReportReader::Banded::kNo);
  auto asked = conversation.Ask(RequestOf(command, *plan, request.pack_path), report);
  auto verdict = report.Verdict();
  // A connection that breaks behind a whole report takes nothing of it back.
  if (!asked && !report.complete()) return asked;
  if (!verdict) return At(terms, verdict.error());
  return {};
}

}  // namespace lockkeeper
