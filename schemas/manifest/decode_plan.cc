#include <fmt/format.h>

#include <charconv>
#include <set>

#include "schemas/manifest/core_json.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/plan_copy.h"
#include "schemas/manifest/stage_order.h"
#include "schemas/manifest/words.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

constexpr int kPercentMax = 100;
// Each compares a word with all names, and nobody reads more of them.
constexpr int kStageHintsMax = 20;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

void DecodeStageName(const Place& place, std::string& target, FieldReader& read) {
  std::string name;
  read.Line(place, name);
  if (name.empty() || read.findings().IsFaulty(place)) return;
  auto bad = [&](std::string_view why) {
    read.findings().Error(place, "bad-name", fmt::format("{} {}", Quoted(name), why));
  };
  if (name.size() > kLabelBytesMax) return bad(fmt::format("is longer than {} characters", kLabelBytesMax));
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (IsAlphanumeric(c) || c == '-' || c == '_' || c == '.') continue;
    size_t end = i + 1;
    while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) ++end;
    return bad(fmt::format("holds {}; allowed are letters a to z, digits, '-', '_' and '.'",
                           Quoted(std::string_view{name}.substr(i, end - i))));
  }
  if (!IsAlphanumeric(name.front()) || !IsAlphanumeric(name.back()))
    return bad("must begin and end with a letter or digit");
  target = std::move(name);
}

namespace {

/// A whole number, whose range the schema has judged, or a percentage.
void DecodeShare(const Place& place, Share& target, FieldReader& read) {
  if (!place.exists() || read.findings().IsFaulty(place)) return;
  if (CoreTypeOf(place.node()) == CoreType::kInteger) {
    read.Number(place, target.value);
    return;
  }
  std::string text;
  read.Line(place, text);
  if (read.findings().IsFaulty(place)) return;
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_number = error == std::errc{} && end != text.data();
  std::string_view unit = std::string_view{text}.substr(static_cast<size_t>(end - text.data()));
  if (!is_number || (unit != "%" && !unit.empty())) {
    return read.findings().Error(
        place, "bad-value",
        fmt::format("{} is neither a whole number nor a percentage such as 25%", Quoted(text)));
  }
  if (unit.empty()) {
    return read.findings().Error(
        place, "wrong-type", fmt::format("{} is text; remove the quotes, or write {}%", Quoted(text), value));
  }
  if (value < 0 || value > kPercentMax || text.starts_with('-')) {
    return read.findings().Error(place, "out-of-range",
                                 fmt::format("{} is out of range; it must be from 0% to 100%", Quoted(text)));
  }
  target = {value, true};
}

void DecodeLimits(const Place& place, PlanStage& stage, FieldReader& read) {
  if (Place limit = place["maxConcurrency"]; limit.exists()) {
    DecodeShare(limit, stage.max_concurrency.emplace(), read);
    if (stage.max_concurrency->value == 0 && !read.findings().IsFaulty(limit)) {
      read.findings().Error(limit, "out-of-range", "must be more than 0: no cluster could ever start");
    }
  }
  DecodeShare(place["maxFailures"], stage.max_failures, read);
}

PlanStage DecodeStage(const Place& place, FieldReader& read) {
  PlanStage stage;
  stage.mark = place.mark();
  DecodeStageName(place["name"], stage.name, read);
  stage.match = DecodeMatch(place, read);
  read.Lines(place["dependsOn"], stage.depends_on);
  DecodeLimits(place, stage, read);
  std::optional<Seconds> soak_time;
  read.Duration(place["soakTime"], soak_time);
  if (soak_time) stage.soak_time = *soak_time;
  DecodeApprovalRule(place["approval"], stage.approval, read);
  read.Lines(place["checklist"]["before"], stage.checklist_before);
  read.Lines(place["checklist"]["after"], stage.checklist_after);
  return stage;
}

/// Names in `dependsOn` that no stage has, or that stand there twice.
void CheckDependencies(const std::vector<Place>& places, const std::vector<PlanStage>& stages,
                       FieldReader& read) {
  std::vector<std::string> names;
  for (const PlanStage& stage : stages) names.push_back(stage.name);
  const std::set<std::string_view> known(names.begin(), names.end());
  int hints_left = kStageHintsMax;
  for (const Place& place : places) {
    if (read.findings().IsFaulty(place["dependsOn"])) continue;
    std::set<std::string_view> seen;
    for (const Place& item : place["dependsOn"].Items()) {
      if (!item.has_text() || read.findings().IsFaulty(item)) continue;
      const std::string& name = item.node().value;
      if (!known.contains(name)) {
        std::string hint = hints_left-- > 0 ? DidYouMean(name, names) : std::string{};
        read.findings().Error(item, "unknown-stage",
                              fmt::format("the plan has no stage {}{}", Quoted(name), hint));
      } else if (!seen.insert(name).second) {
        read.findings().Error(item, "duplicate-name", fmt::format("{} stands here twice", Quoted(name)));
      }
    }
  }
}

void CheckLoop(const std::vector<Place>& places, const std::vector<PlanStage>& stages, FieldReader& read) {
  std::vector<size_t> loop = FindStageLoop(stages);
  if (loop.empty()) return;
  std::string way;
  bool any_default = false;
  const Place* written = nullptr;
  for (size_t index : loop) {
    way += stages[index].name + " -> ";
    // Defaults lead upwards only, so somebody wrote one of them.
    if (!places[index]["dependsOn"].exists()) {
      any_default = true;
    } else if (written == nullptr) {
      written = &places[index];
    }
  }
  way += stages[loop.front()].name;
  const Place place = written != nullptr ? (*written)["dependsOn"] : places[loop.front()];
  read.findings().ErrorAtKey(
      place, "stage-loop",
      fmt::format("the stages wait for each other, so none could ever start: {}{}", way,
                  any_default ? "; a stage without dependsOn waits for the one above it" : ""));
}

std::vector<PlanStage> DecodeStages(const Place& list, FieldReader& read) {
  std::vector<Place> places = list.Items();
  std::vector<PlanStage> stages;
  bool all_named = true;
  for (const Place& place : places) {
    PlanStage stage = DecodeStage(place, read);
    if (!place["dependsOn"].exists() && !stages.empty()) stage.depends_on = {stages.back().name};
    all_named = all_named && !stage.name.empty();
    stages.push_back(std::move(stage));
  }
  size_t errors_before = read.findings().errors();
  read.DistinctNames(list, "name");
  // Without all names nobody can tell what was meant by one that is not there; and of too many stages nothing
  // is concluded.
  if (!all_named || read.findings().IsFaulty(list)) return stages;
  CheckDependencies(places, stages, read);
  if (read.findings().errors() == errors_before) CheckLoop(places, stages, read);
  return stages;
}

}  // namespace

UpgradePlan DecodePlan(const Place& document, FieldReader& read) {
  UpgradePlan plan;
  read.Metadata(document["metadata"], plan.name);
  Place spec = document["spec"];
  plan.stages = DecodeStages(spec["stages"], read);
  if (Place max_skip = spec["maxSkip"]; max_skip.is_mapping()) {
    DecodeMaxSkip(max_skip, plan.max_skip.emplace(), read);
  }
  read.Lines(spec["mutexKeys"], plan.mutex_keys);
  Place interval = spec["minInterval"];
  read.Duration(interval["major"], plan.min_interval.major);
  read.Duration(interval["minor"], plan.min_interval.minor);
  read.Duration(interval["patch"], plan.min_interval.patch);
  plan.copy = PlanCopy(plan);
  plan.hash = "sha256:" + Sha256Hex(plan.copy);
  return plan;
}

}  // namespace lockkeeper
