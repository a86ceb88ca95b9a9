#include "reconciler/cycle/suspend_change.h"

#include <fmt/format.h>

#include "gitops/edit/edit.h"
#include "gitops/edit/insert_field.h"
#include "reconciler/cycle/object_words.h"
#include "schemas/manifest/words.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

bool HasField(std::string_view text, int document) {
  const auto stream = ParseUserYaml(text, kUserFileLimits);
  if (!stream || static_cast<size_t>(document) >= stream->documents.size()) return false;
  const YamlNode* spec = stream->documents[static_cast<size_t>(document)].Find("spec");
  return spec != nullptr && spec->Find("suspend") != nullptr;
}

Result<std::string> SetSuspend(std::string_view text, int document, Suspended wanted) {
  const std::string value = wanted == Suspended::kYes ? "true" : "false";
  if (HasField(text, document))
    return SetScalars(text, {{.document = document, .path = "spec.suspend", .value = value}});
  return InsertField(text, {.document = document, .mapping = "spec", .key = "suspend", .value = value});
}

}  // namespace

Result<const ClusterUpgrade*> FindUpgrade(const Fleet& fleet, const std::string& wanted) {
  std::vector<std::string> names;
  for (const ClusterUpgrade& upgrade : fleet.upgrades) {
    if (IsMeant(wanted, upgrade.name)) return &upgrade;
    names.push_back(ShortName(upgrade.name));
  }
  for (const BrokenObject& object : fleet.broken) {
    if (object.kind != "ClusterUpgrade" || !IsMeant(wanted, object.name)) continue;
    return Invalid(
        fmt::format("{}:{}: upgrade {} has errors and holds its clusters until somebody mends it: {}",
                    object.origin.file, object.origin.mark.line, wanted, object.message));
  }
  std::string near = DidYouMean(wanted, names);
  if (near.empty()) near = names.empty() ? "; there is none at all" : "; there are " + Listed(names);
  return NotFound(fmt::format("UPGRADE: there is no ClusterUpgrade {}{}", Quoted(wanted), near));
}

Result<SuspendChange> DecideSuspend(const FleetState& state, FleetReader& reader,
                                    const SuspendRequest& request) {
  auto upgrade = FindUpgrade(state.fleet, request.upgrade);
  if (!upgrade) return std::unexpected(std::move(upgrade.error()));
  const Origin& origin = (*upgrade)->origin;
  SuspendChange change{.changes = {}, .upgrade = (*upgrade)->name, .path = origin.file};
  if ((*upgrade)->suspend == (request.wanted == Suspended::kYes)) return change;
  auto text = reader.ReadFile(origin.file);
  if (!text) return std::unexpected(std::move(text.error()));
  auto edited = SetSuspend(*text, origin.document, request.wanted);
  if (!edited) return Fail(ErrorKind::kInvalid, fmt::format("{}:{}", origin.file, edited.error().message));
  change.changes.writes.push_back({.path = origin.file, .content = std::move(*edited), .remove = false});
  change.changes.message = fmt::format(
      "{} upgrade {}\n", request.wanted == Suspended::kYes ? "Suspend" : "Resume", change.upgrade.str());
  if (!request.reason.empty()) change.changes.message += fmt::format("\nReason: {}\n", request.reason);
  return change;
}

}  // namespace lockkeeper
