#include "reconciler/cycle/observed_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "schemas/manifest/field_reader.h"
#include "schemas/manifest/words.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

constexpr std::array<std::pair<std::string_view, Outcome>, 2> kOutcomes{
    {{"success", Outcome::kSuccess}, {"failure", Outcome::kFailure}}};
constexpr std::span<const std::pair<std::string_view, Outcome>> kChoices = kOutcomes;
const std::vector<std::string> kFields{"upgrade", "cluster", "ready", "outcome", "message"};

ObjectName UpgradeNamed(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {"default", text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

class ObservedReader {
 public:
  explicit ObservedReader(std::string_view file)
      : collector_(std::string{file}, findings_), read_(collector_) {}

  std::expected<Observations, Diagnostics> Read(std::string_view file, std::string_view text) {
    const auto stream = ParseManifestYaml(text, kUserFileLimits);
    if (!stream) {
      const YamlError& error = stream.error();
      return std::unexpected(
          Diagnostics{{std::string{file}, error.mark, Severity::kError, error.code, error.message}});
    }
    if (stream->documents.size() != 1 || !stream->documents[0].is_sequence()) {
      const Mark mark = stream->documents.empty() ? Mark{1, 1} : stream->documents[0].mark;
      return std::unexpected(
          Diagnostics{{std::string{file}, mark, Severity::kError, "wrong-type",
                       "must be one list of {upgrade, cluster, ready, outcome, message}"}});
    }
    for (const Place& item : Place::Root(stream->documents[0]).Items()) Take(item);
    if (collector_.errors() == 0) return std::move(observations_);
    SortDiagnostics(findings_);
    return std::unexpected(std::move(findings_));
  }

 private:
  void Take(const Place& item) {
    if (!item.is_mapping()) return collector_.Error(item, "wrong-type", "must be a mapping");
    for (const auto& [key, value] : item.Members()) {
      if (std::ranges::find(kFields, key) == kFields.end())
        collector_.ErrorAtKey(value, "unknown-field", "there is no such field" + DidYouMean(key, kFields));
    }
    const std::string upgrade = Required(item, "upgrade");
    const std::string cluster = Required(item, "cluster");
    Observation seen;
    if (const Place ready = item["ready"]; ready.exists()) {
      bool flag = false;
      read_.Flag(ready, flag);
      seen.ready = flag;
    }
    read_.Choice(item["outcome"], kChoices, seen.outcome);
    read_.Line(item["message"], seen.message);
    if (!item["ready"].exists() && !item["outcome"].exists())
      collector_.Error(item, "required", "says neither ready nor outcome, so nothing was observed");
    if (upgrade.empty() || cluster.empty()) return;
    auto [first, is_new] = observations_.try_emplace({UpgradeNamed(upgrade), cluster}, std::move(seen));
    if (!is_new) {
      collector_.Error(item, "duplicate-name",
                       fmt::format("cluster {} of upgrade {} was observed above already", Quoted(cluster),
                                   first->first.first.str()));
    }
  }

  std::string Required(const Place& item, std::string_view field) {
    const Place place = item[field];
    std::string text;
    if (!place.exists()) {
      collector_.ErrorAt(item.mark(), ChildPath(item.path(), field), "required", "is missing");
      return text;
    }
    read_.Line(place, text);
    if (text.empty()) collector_.Fallback(place, "required", "must not be empty");
    return text;
  }

  Diagnostics findings_;
  Collector collector_;
  FieldReader read_;
  Observations observations_;
};

}  // namespace

std::expected<Observations, Diagnostics> DecodeObserved(std::string_view file, std::string_view text) {
  return ObservedReader{file}.Read(file, text);
}

}  // namespace lockkeeper
