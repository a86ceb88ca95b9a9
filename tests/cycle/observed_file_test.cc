#include "reconciler/cycle/observed_file.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

TEST(ObservedFile, ReadsYamlAndJson) {
  for (std::string_view text :
       {"- {upgrade: up, cluster: a/b, ready: true}\n- upgrade: team/up\n  cluster: c\n  outcome: failure\n  "
        "message: no node\n",
        "[{\"upgrade\": \"up\", \"cluster\": \"a/b\", \"ready\": true}, {\"upgrade\": \"team/up\", "
        "\"cluster\": "
        "\"c\", \"outcome\": \"failure\", \"message\": \"no node\"}]"}) {
    SCOPED_TRACE(text);
    auto observed = DecodeObserved("o.yaml", text);
    ASSERT_TRUE(observed.has_value()) << FormatDiagnostic(observed.error().front());
    ASSERT_EQ(observed->size(), 2U);
    const Observation& ready = observed->at({{"default", "up"}, "a/b"});
    EXPECT_EQ(ready.ready, true);
    EXPECT_EQ(ready.outcome, Outcome::kNone);
    const Observation& failed = observed->at({{"team", "up"}, "c"});
    EXPECT_EQ(failed.ready, std::nullopt);
    EXPECT_EQ(failed.outcome, Outcome::kFailure);
    EXPECT_EQ(failed.message, "no node");
  }
  EXPECT_TRUE(DecodeObserved("o.yaml", "[]")->empty());
}

TEST(ObservedFile, EverythingWrongIsToldWithItsPlace) {
  struct Row {
    const char* name;
    std::string text;
    std::vector<std::string> findings;
  };
  const Row rows[] = {
      {"no_yaml", "[", {"o.yaml:1:1: error[yaml-syntax]"}},
      {"empty", "", {"o.yaml:1:1: error[wrong-type]: must be one list"}},
      {"a_mapping", "upgrade: up\n", {"o.yaml:1:1: error[wrong-type]: must be one list"}},
      {"two_documents", "[]\n---\n[]\n", {"must be one list"}},
      {"no_mapping", "- up\n", {"o.yaml:1:3: error[wrong-type]: [0]: must be a mapping"}},
      {"fields_missing", "- {ready: true}\n", {"[0].cluster: is missing", "[0].upgrade: is missing"}},
      {"nothing_observed", "- {upgrade: up, cluster: c}\n", {"says neither ready nor outcome"}},
      {"unknown_field",
       "- {upgrade: up, cluster: c, redy: true, outcome: success}\n",
       {"o.yaml:1:29: error[unknown-field]: [0].redy: there is no such field; did you mean 'ready'?"}},
      {"ready_is_no_flag", "- {upgrade: up, cluster: c, ready: yes}\n", {"must be true or false"}},
      {"outcome_of_another_kind",
       "- {upgrade: up, cluster: c, outcome: timedOut}\n",
       {"[0].outcome: 'timedOut' is none of success, failure"}},
      {"outcome_is_mistyped",
       "- {upgrade: up, cluster: c, outcome: sucess}\n",
       {"'sucess' is none of success, failure; did you mean 'success'?"}},
      {"outcome_is_a_list",
       "- {upgrade: up, cluster: c, outcome: [success]}\n",
       {"[0].outcome: must be text"}},
      {"twice",
       "- {upgrade: up, cluster: c, ready: true}\n- {upgrade: default/up, cluster: c, ready: false}\n",
       {"o.yaml:2:3: error[duplicate-name]"}},
      {"duplicate_key", "- {upgrade: up, upgrade: up, cluster: c, ready: true}\n", {"yaml-duplicate-key"}},
      {"two_lines",
       "- {upgrade: up, cluster: c, ready: true, message: \"a\\nb\"}\n",
       {"must be a single line"}},
      {"empty_cluster", "- {upgrade: up, cluster: \"\", ready: true}\n", {"[0].cluster: must not be empty"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto observed = DecodeObserved("o.yaml", row.text);
    ASSERT_FALSE(observed.has_value());
    ASSERT_EQ(observed.error().size(), row.findings.size()) << FormatDiagnostic(observed.error().front());
    for (size_t i = 0; i < row.findings.size(); ++i) {
      EXPECT_TRUE(FormatDiagnostic(observed.error()[i]).contains(row.findings[i]))
          << FormatDiagnostic(observed.error()[i]);
    }
  }
}

}  // namespace
}  // namespace lockkeeper
