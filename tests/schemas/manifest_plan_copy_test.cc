// UpgradePlan::copy and what reads it back; the order of stages.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "schemas/manifest/decode.h"
#include "schemas/manifest/plan_copy.h"
#include "schemas/manifest/stage_order.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

/// All that a plan says, without places.
std::string Describe(const UpgradePlan& plan) {
  auto share = [](const Share& s) { return fmt::format("{}{}", s.value, s.percent ? "%" : ""); };
  auto number = [](const auto& n) { return n ? std::to_string(*n) : "-"; };
  auto seconds = [](const auto& n) { return n ? std::to_string(n->count()) : "-"; };
  std::string text = plan.name.str() + "\n";
  for (const PlanStage& stage : plan.stages) {
    text += fmt::format("{} after [{}] at once {} failures {} soak {}\n", stage.name,
                        fmt::join(stage.depends_on, "|"),
                        stage.max_concurrency ? share(*stage.max_concurrency) : "-",
                        share(stage.max_failures), stage.soak_time.count());
    text += fmt::format("  approval {} [{}] {} before [{}] after [{}] written {}\n", stage.approval.required,
                        fmt::join(stage.approval.approvers, "|"), seconds(stage.approval.expires_after),
                        fmt::join(stage.checklist_before, "|"), fmt::join(stage.checklist_after, "|"),
                        stage.match.written);
    for (const Matcher& m : stage.match.matchers)
      text += fmt::format("  {} = {} {} {}\n", m.key, m.value, m.is_regex, m.is_equal);
    std::vector<std::string> requirements;
    for (const SelectorRequirement& r : stage.match.selector) {
      requirements.push_back(
          fmt::format("  {} {} {}\n", r.key, static_cast<int>(r.op), fmt::join(r.values, "|")));
    }
    std::ranges::sort(requirements);
    text += fmt::format("{}", fmt::join(requirements, ""));
  }
  text += plan.max_skip
              ? fmt::format("skip {} {}\n", number(plan.max_skip->major), number(plan.max_skip->minor))
              : "no skip\n";
  text += fmt::format("mutex [{}] interval {} {} {}\n", fmt::join(plan.mutex_keys, "|"),
                      seconds(plan.min_interval.major), seconds(plan.min_interval.minor),
                      seconds(plan.min_interval.patch));
  return text + plan.copy + "\n" + plan.hash + "\n";
}

UpgradePlan DecodeSpec(const std::string& spec) {
  DecodedFile file = DecodeManifests("a.yaml",
                                     "apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradePlan\n"
                                     "metadata: {name: a}\nspec: " +
                                         spec + "\n");
  for (const Diagnostic& finding : file.diagnostics)
    ADD_FAILURE() << FormatDiagnostic(finding) << "\n" << spec;
  return file.plans.empty() ? UpgradePlan{} : file.plans[0];
}

const char* const kSpec =
    "{stages: [{name: canary, matchers: [{key: stage, value: dev}], maxConcurrency: 1, soakTime: 36h,"
    " clusterSelector: {matchLabels: {b: y, a: x}}},"
    " {name: prod, matchers: [], approval: {required: true}}], maxSkip: {minor: 1}}";

TEST(PlanCopy, IsTheSpecInTheWordsOfTheManifestWithSortedKeys) {
  EXPECT_EQ(
      DecodeSpec(kSpec).copy,
      R"({"maxSkip":{"minor":1},"stages":[{"clusterSelector":{"matchExpressions":[)"
      R"({"key":"a","operator":"In","values":["x"]},{"key":"b","operator":"In","values":["y"]}]},)"
      R"("dependsOn":[],"matchers":[{"key":"stage","value":"dev"}],"maxConcurrency":1,"name":"canary",)"
      R"("soakTime":"1d12h"},{"approval":{"required":true},"dependsOn":["canary"],"matchers":[],"name":"prod"}]})");
}

TEST(PlanCopy, IsAManifestsSpecItself) {
  UpgradePlan plan = DecodeSpec(kSpec);
  EXPECT_EQ(Describe(DecodeSpec(plan.copy)), Describe(plan));
}

TEST(PlanCopy, TheWayOfWritingDoesNotMatter) {
  for (const char* same :
       {// order of keys, quotes, lengths
        "{maxSkip: {minor: 1}, stages: [{matchers: [{value: 'dev', name: stage}], soakTime: \"1d12h\","
        " clusterSelector: {matchExpressions: [{key: b, operator: In, values: [y]}], matchLabels: {a: x}},"
        " maxConcurrency: +1, name: canary}, {approval: {required: true}, name: 'prod', matchers: []}]}",
        // comments, block style, defaults spelled out
        "\n  maxSkip: {minor: 1}  # why\n  mutexKeys: []\n  minInterval: {}\n  stages:\n"
        "  - name: canary\n    dependsOn: []\n    matchers: [{key: stage, value: dev, isRegex: false}]\n"
        "    clusterSelector: {matchLabels: {a: x, b: y}}\n    maxConcurrency: 1\n    maxFailures: 0\n"
        "    soakTime: 36h\n    approval: {required: false, approvers: []}\n"
        "    checklist: {before: [], after: []}\n"
        "  - {name: prod, dependsOn: [canary], matchers: [], approval: {required: true}}\n"}) {
    EXPECT_EQ(DecodeSpec(same).hash, DecodeSpec(kSpec).hash) << same;
  }
}

TEST(PlanCopy, EveryFieldMatters) {
  std::vector<std::string> hashes{DecodeSpec(kSpec).hash};
  for (const char* stage :
       {"name: a, matchers: []", "name: b, matchers: []", "name: a, clusterSelector: {matchLabels: {a: b}}",
        "name: a, matchers: [{key: a, value: b}]", "name: a, matchers: [{key: a, value: b, isRegex: true}]",
        "name: a, matchers: [{key: a, value: b, isEqual: false}]", "name: a, matchers: [], maxConcurrency: 1",
        "name: a, matchers: [], maxConcurrency: 1%", "name: a, matchers: [], maxFailures: 1",
        "name: a, matchers: [], maxFailures: 1%", "name: a, matchers: [], soakTime: 1s",
        "name: a, matchers: [], approval: {required: true}",
        "name: a, matchers: [], approval: {approvers: [alice]}",
        "name: a, matchers: [], approval: {expiresAfter: 1d}",
        "name: a, matchers: [], checklist: {before: [x]}",
        "name: a, matchers: [], checklist: {after: [x]}"}) {
    hashes.push_back(DecodeSpec(fmt::format("{{stages: [{{{}}}]}}", stage)).hash);
  }
  for (const char* more :
       {"maxSkip: {}", "maxSkip: {minor: 1}", "maxSkip: {major: 1}", "mutexKeys: [region]",
        "minInterval: {major: 1d}", "minInterval: {minor: 1d}", "minInterval: {patch: 1d}"}) {
    hashes.push_back(DecodeSpec(fmt::format("{{stages: [{{name: a, matchers: []}}], {}}}", more)).hash);
  }
  std::ranges::sort(hashes);
  EXPECT_EQ(std::ranges::adjacent_find(hashes), hashes.end());
}

/// Plans of every shape, few names, so that they meet.
class RandomPlan {
 public:
  explicit RandomPlan(uint32_t seed) : random_(seed) {}

  UpgradePlan Next() {
    UpgradePlan plan{.name = {.ns = "ops", .name = "a"}};
    int count = 1 + Below(6);
    for (int i = 0; i < count; ++i) plan.stages.push_back(Stage(plan.stages));
    if (Once(2)) plan.max_skip = MaxSkip{Maybe(1000), Maybe(1000)};
    plan.mutex_keys = Words();
    plan.min_interval = {Span(), Span(), Span()};
    plan.copy = PlanCopy(plan);
    plan.hash = "sha256:" + Sha256Hex(plan.copy);
    return plan;
  }

 private:
  int Below(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }
  bool Once(int in) { return Below(in) == 0; }
  std::optional<int> Maybe(int end) { return Once(2) ? std::optional<int>{Below(end)} : std::nullopt; }
  std::optional<Seconds> Span() {
    return Once(2) ? std::optional<Seconds>{1 + Below(3) * Below(100'000'000)} : std::nullopt;
  }
  std::string Word() {
    static const std::vector<std::string> kWords{"a", "5",           "true",       "null",
                                                 "",  "K\xC3\xB6ln", "a: \"b\"\\", "{x}"};
    return kWords[static_cast<size_t>(Below(static_cast<int>(kWords.size())))];
  }
  std::vector<std::string> Words() {
    std::vector<std::string> words;
    for (int left = Below(3); left > 0; --left) words.push_back(Word() + "x");
    return words;
  }
  Share Part(int least) {
    return Once(2) ? Share{least + Below(100), true} : Share{least + Below(1'000'000), false};
  }

  PlanStage Stage(const std::vector<PlanStage>& above) {
    PlanStage stage;
    stage.name = fmt::format("s{}", above.size());
    for (const PlanStage& other : above) {
      if (Once(3)) stage.depends_on.push_back(other.name);
    }
    stage.match.written = true;
    for (int left = Below(3); left > 0; --left)
      stage.match.matchers.push_back({Word() + "k", Word(), Once(2), Once(2), {}});
    for (int left = Below(3); left > 0; --left) {
      auto op = static_cast<SelectorOperator>(Below(4));
      bool compares = op == SelectorOperator::kIn || op == SelectorOperator::kNotIn;
      stage.match.selector.push_back(
          {Word() + "k", op, compares ? std::vector<std::string>{Word()} : std::vector<std::string>{}, {}});
    }
    if (Once(2)) stage.max_concurrency = Part(1);
    stage.max_failures = Part(0);
    if (auto soak = Span()) stage.soak_time = *soak;
    stage.approval = {Once(2), Words(), Span()};
    stage.checklist_before = Words();
    stage.checklist_after = Words();
    return stage;
  }

  std::mt19937 random_;
};

TEST(PlanCopyProperty, ReadsBackToTheSamePlanAndDecodesAsAManifest) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    UpgradePlan plan = RandomPlan(seed).Next();
    auto read = DecodeUpgradePlanCopy(plan.name, plan.copy);
    ASSERT_TRUE(read.has_value()) << "seed " << seed << ": " << read.error().message << "\n" << plan.copy;
    ASSERT_EQ(Describe(*read), Describe(plan)) << "seed " << seed;
    ASSERT_EQ(PlanCopy(*read), plan.copy) << "seed " << seed;
  }
}

struct BadCopyRow {
  const char* name;
  const char* copy;
  const char* why;
};

TEST(PlanCopy, WhatIsNoneIsRefusedInWords) {
  for (
      const BadCopyRow& row : {
          BadCopyRow{"empty", "", "it is no JSON"},
          {"cut", R"({"stages":[{"name":"a","dependsOn":[]}])", "it is no JSON"},
          {"list", "[]", "spec: is no mapping"},
          {"no_stages", "{}", "stages: there is none"},
          {"stages_no_list", R"({"stages":{}})", "stages: is no list"},
          {"stage_no_mapping", R"({"stages":["a"]})", "stages: is no mapping"},
          {"no_name", R"({"stages":[{}]})", "stages: one has no name"},
          {"name_no_text", R"({"stages":[{"name":5}]})", "name: is no text"},
          {"same_names", R"({"stages":[{"name":"a"},{"name":"a"}]})", "stages: two have the same name"},
          {"unknown_stage", R"({"stages":[{"name":"a","dependsOn":["b"]}]})",
           "dependsOn: names a stage that is not there"},
          {"loop", R"({"stages":[{"name":"a","dependsOn":["b"]},{"name":"b","dependsOn":["a"]}]})",
           "stages: they wait for each other"},
          {"unknown_field", R"({"stages":[{"name":"a"}],"pause":true})", "spec: holds an unknown field"},
          {"unknown_stage_field", R"({"stages":[{"name":"a","pause":true}]})",
           "stages: holds an unknown field"},
          {"negative", R"({"stages":[{"name":"a","maxConcurrency":-1}]})",
           "maxConcurrency: is neither a number nor a percentage"},
          {"huge", R"({"stages":[{"name":"a","maxConcurrency":99999999999999999999}]})",
           "maxConcurrency: is neither a number nor a percentage"},
          {"over_all", R"({"stages":[{"name":"a","maxFailures":"101%"}]})",
           "maxFailures: is neither a number nor a percentage"},
          {"no_number", R"({"stages":[{"name":"a","maxFailures":"%"}]})",
           "maxFailures: is neither a number nor a percentage"},
          {"flag", R"({"stages":[{"name":"a","approval":{"required":1}}]})",
           "required: is neither true nor false"},
          {"duration", R"({"stages":[{"name":"a","soakTime":"soon"}]})",
           "soakTime: 'soon' is not a duration"},
          {"duration_no_text", R"({"stages":[{"name":"a","soakTime":5}]})", "soakTime: is no text"},
          {"matcher", R"({"stages":[{"name":"a","matchers":[{"key":"a"}]}]})",
           "matchers: lack a key or a value"},
          {"operator",
           R"({"stages":[{"name":"a","clusterSelector":{"matchExpressions":[{"key":"a","operator":"Is"}]}}]})",
           "matchExpressions: lack a key or an operator"},
          {"skip", R"({"stages":[{"name":"a"}],"maxSkip":{"minor":"1"}})",
           "minor: is no number of clusters or releases"},
          {"mutex", R"({"stages":[{"name":"a"}],"mutexKeys":[1]})", "mutexKeys: holds what is no text"},
      }) {
    auto read = DecodeUpgradePlanCopy({.ns = "ops", .name = "a"}, row.copy);
    ASSERT_FALSE(read.has_value()) << row.name;
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalid) << row.name;
    EXPECT_TRUE(
        read.error().message.starts_with(fmt::format("the copy of plan ops/a cannot be read: {}", row.why)))
        << row.name << ": " << read.error().message;
  }
}

TEST(PlanCopy, IsBoundedForAnyBytes) {
  EXPECT_FALSE(DecodeUpgradePlanCopy({}, std::string(5'000'000, '[')).has_value());
  EXPECT_FALSE(DecodeUpgradePlanCopy({}, std::string(1'000'000, '[')).has_value());
  std::string deep = R"({"stages":)" + std::string(500'000, '[') + std::string(500'000, ']') + "}";
  EXPECT_FALSE(DecodeUpgradePlanCopy({}, deep).has_value());
  EXPECT_FALSE(DecodeUpgradePlanCopy({}, std::string_view("{\"\xFF\":1}\0", 8)).has_value());
}

TEST(PlanCopyProperty, AnyBytesOfACopyMayBeWrong) {
  std::mt19937 random(7);
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    const std::string copy = RandomPlan(seed).Next().copy;
    for (int i = 0; i < 40; ++i) {
      std::string damaged = copy;
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
      if (random() % 4 == 0) damaged.resize(random() % damaged.size());
      auto read = DecodeUpgradePlanCopy({}, damaged);
      if (!read) continue;
      EXPECT_EQ(read->copy, damaged);
      EXPECT_TRUE(FindStageLoop(read->stages).empty());
    }
  }
}

/// A loop is there if, stage by stage, one can come back to where one began.
bool HasLoop(const std::vector<PlanStage>& stages) {
  size_t n = stages.size();
  std::vector<std::vector<bool>> reach(n, std::vector<bool>(n, false));
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j)
      reach[i][j] = std::ranges::find(stages[i].depends_on, stages[j].name) != stages[i].depends_on.end();
  }
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
    }
  }
  for (size_t i = 0; i < n; ++i) {
    if (reach[i][i]) return true;
  }
  return false;
}

TEST(StageOrderProperty, FindsALoopExactlyWhereThereIsOne) {
  std::mt19937 random(11);
  int loops = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::vector<PlanStage> stages(1 + random() % 7);
    for (size_t i = 0; i < stages.size(); ++i) stages[i].name = fmt::format("s{}", i);
    for (PlanStage& stage : stages) {
      for (const PlanStage& other : stages) {
        if (random() % (stages.size() + 1) == 0) stage.depends_on.push_back(other.name);
      }
    }
    std::vector<size_t> loop = FindStageLoop(stages);
    ASSERT_EQ(!loop.empty(), HasLoop(stages)) << "round " << round;
    if (loop.empty()) continue;
    ++loops;
    for (size_t i = 0; i < loop.size(); ++i) {
      const PlanStage& next = stages[loop[(i + 1) % loop.size()]];
      ASSERT_TRUE(std::ranges::count(stages[loop[i]].depends_on, next.name)) << "round " << round;
      ASSERT_LE(loop.front(), loop[i]) << "round " << round;
    }
  }
  EXPECT_GT(loops, 300);
}

}  // namespace
}  // namespace lockkeeper
