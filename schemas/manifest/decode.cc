#include "schemas/manifest/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "schemas/manifest/field_reader.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/manifest_kind.h"
#include "schemas/manifest/schema_check.h"
#include "schemas/manifest/shape.h"
#include "schemas/manifest/words.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

class FileDecoder {
 public:
  FileDecoder(std::string_view file, DecodedFile& out)
      : file_(file), out_(out), findings_(file_, out.diagnostics) {}

  void Decode(std::string_view text) {
    auto stream = ParseManifestYaml(text);
    if (!stream) {
      findings_.ErrorAt(stream.error().mark, "", stream.error().code, stream.error().message);
      // Whatever stood in it: a reader that fails closed must know that something is missing.
      out_.broken.push_back({"", {}, {file_, 0, stream.error().mark}, findings_.first_error(), {}});
      out_.unreadable = true;
      return;
    }
    for (size_t i = 0; i < stream->documents.size(); ++i) {
      findings_.BeginDocument();
      DecodeDocument(Place::Root(stream->documents[i]), static_cast<int>(i));
    }
    BreakDuplicates();
  }

 private:
  void DecodeDocument(const Place& document, int index) {
    ManifestKind kind = ClassifyDocument(document, findings_);
    if (kind == ManifestKind::kForeign) return;
    Origin origin{file_, index, document.mark()};
    if (kind == ManifestKind::kRefused || !CheckShape(document, findings_))
      return AddBroken(document, origin, {});

    std::vector<PatternFinding> patterns = CheckSchema(SchemaOf(kind), document, findings_);
    if (document["status"].exists() && kind != ManifestKind::kGiantSwarmRelease) {
      findings_.WarningAtKey(document["status"], "status-in-manifest",
                             "is ignored; lockkeeper's status files are the record");
    }
    switch (kind) {
      case ManifestKind::kFleet:
        Take(DecodeFleet(document, read_), patterns, document, origin, out_.fleets);
        break;
      case ManifestKind::kClusterUpgrade:
        Take(DecodeUpgrade(document, read_), patterns, document, origin, out_.upgrades);
        break;
      case ManifestKind::kMaintenanceSchedule:
        Take(DecodeSchedule(document, read_), patterns, document, origin, out_.schedules);
        break;
      case ManifestKind::kRelease:
        Take(DecodeRelease(document, ReleaseGroup::kOwn, read_), patterns, document, origin, out_.releases);
        break;
      case ManifestKind::kGiantSwarmRelease:
        Take(DecodeRelease(document, ReleaseGroup::kGiantSwarm, read_), patterns, document, origin,
             out_.releases);
        break;
      case ManifestKind::kUpgradePlan:
        Take(DecodePlan(document, read_), patterns, document, origin, out_.plans);
        break;
      case ManifestKind::kUpgradePolicy:
        Take(DecodePolicy(document, read_), patterns, document, origin, out_.policies);
        break;
      case ManifestKind::kClusterLock:
        Take(DecodeLock(document, read_), patterns, document, origin, out_.locks);
        break;
      case ManifestKind::kUpgradeApproval:
        Take(DecodeApproval(document, read_), patterns, document, origin, out_.approvals);
        break;
      case ManifestKind::kMaintenanceTask:
        Take(DecodeTask(document, read_), patterns, document, origin, out_.tasks);
        break;
      case ManifestKind::kForeign:
      case ManifestKind::kRefused:
        break;
    }
  }

  template <class Object>
  void Take(Object object, const std::vector<PatternFinding>& patterns, const Place& document,
            const Origin& origin, std::vector<Object>& list) {
    for (const PatternFinding& pattern : patterns)
      findings_.Fallback(pattern.place, "bad-form", pattern.message);
    object.origin = origin;
    if (findings_.errors() == 0) {
      list.push_back(std::move(object));
      return;
    }
    ClusterMatch match;
    bool match_read = false;
    if constexpr (requires { object.match; }) {
      match = std::move(object.match);
      match_read = true;
    }
    AddBroken(document, origin, std::move(match));
    out_.broken.back().match_read = match_read;
  }

  void AddBroken(const Place& document, const Origin& origin, ClusterMatch match) {
    BrokenObject broken;
    auto take = [](const Place& place, std::string& target) {
      if (place.has_text()) target = Shortened(place.node().value, kNameBytesMax);
    };
    take(document["kind"], broken.kind);
    take(document["metadata"]["name"], broken.name.name);
    take(document["metadata"]["namespace"], broken.name.ns);
    broken.origin = origin;
    broken.message = findings_.first_error();
    broken.match = std::move(match);
    out_.broken.push_back(std::move(broken));
  }

  /// Of two objects of one name neither is right: which of them somebody means is not for us to guess.
  void BreakDuplicates() {
    auto identity = [](const auto& object) {
      if constexpr (requires { object.name.ns; }) {
        return object.name.str();
      } else {
        return object.name;
      }
    };
    auto check = [&](auto& list, const char* kind) {
      std::map<std::string, size_t> count;
      for (const auto& object : list) ++count[identity(object)];
      std::map<std::string, Mark> first;
      std::erase_if(list, [&](auto& object) {
        std::string name = identity(object);
        if (count[name] == 1) return false;
        auto [earlier, is_first] = first.try_emplace(name, object.origin.mark);
        std::string message = fmt::format("{} {} stands more than once in this file", kind, name);
        if (!is_first) {
          message += fmt::format("; first in line {}", earlier->second.line);
          findings_.ErrorAt(object.origin.mark, "metadata.name", "duplicate-object", message);
        }
        BrokenObject broken{kind, {}, object.origin, message, {}};
        if constexpr (requires { object.name.ns; }) {
          broken.name = object.name;
        } else {
          broken.name.name = object.name;
        }
        if constexpr (requires { object.match; }) {
          broken.match = object.match;
          broken.match_read = true;
        }
        out_.broken.push_back(std::move(broken));
        return true;
      });
    };
    check(out_.fleets, "Fleet");
    check(out_.upgrades, "ClusterUpgrade");
    check(out_.schedules, "MaintenanceSchedule");
    check(out_.releases, "Release");
    check(out_.plans, "UpgradePlan");
    check(out_.policies, "UpgradePolicy");
    check(out_.locks, "ClusterLock");
    check(out_.approvals, "UpgradeApproval");
    check(out_.tasks, "MaintenanceTask");
  }

  std::string file_;
  DecodedFile& out_;
  Collector findings_;
  FieldReader read_{findings_};
};

}  // namespace

DecodedFile DecodeManifests(std::string_view file, std::string_view text) {
  DecodedFile decoded;
  FileDecoder(file, decoded).Decode(text);
  SortDiagnostics(decoded.diagnostics);
  return decoded;
}

}  // namespace lockkeeper
