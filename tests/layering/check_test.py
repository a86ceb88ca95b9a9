#!/usr/bin/env python3
"""A small tree that keeps every rule, then the same with one breach each."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check

GOOD = {
    "schemas/error.h": "#pragma once\n",
    "schemas/yaml/node.h": "#pragma once\n",
    "schemas/yaml/events.h": "#pragma once\nstruct fy_parser;\n",
    "schemas/yaml/events.cc": '#include "schemas/yaml/events.h"\n#include <libfyaml.h>\n#include <yaml-cpp/yaml.h>\n',
    "schemas/manifest/schema_check.cc": "#include <valijson/schema.hpp>\n#include <valijson/validator.hpp>\n",
    "reconciler/core/plan.h": '#pragma once\n#include "schemas/error.h"\n',
    "reconciler/core/plan.cc": '#include "reconciler/core/plan.h"\n#include <vector>\n',
    "reconciler/core/time/zone.cc": "#include <absl/time/time.h>\n#include <filesystem>\n",
    "gitops/edit/edit.h": "#pragma once\n",
    "gitops/repository/clone.cc": '#include "net/http.h"\n#include <git2.h>\n#include <git2/odb.h>\n',
    "gitops/repository/handle.h": "#pragma once\nusing Handle = git_odb*;\n",
    "gitops/remote/fetch.cc": '#include "gitops/repository/handle.h"\n#include <git2.h>\n',
    "net/http.h": "#pragma once\n",
    "reconciler/cli/main.cc": '#include "gitops/edit/edit.h"\n#include "reconciler/core/plan.h"\n#include <spdlog/spdlog.h>\n',
    "reconciler/cli/clock.cc": "#include <chrono>\nauto Now() { return std::chrono::system_clock::now(); }\n",
    "bench/plan_bench.cc": "#include <benchmark/benchmark.h>\n",
    "tests/core/plan_test.cc": "#include <random>\nauto now = std::chrono::system_clock::now();\n" * 300,
    "build/dev/generated.cc": "int generated;\n" * 1000,
    # A type that is only declared, or in an unnamed namespace, takes no name from others.
    "schemas/place.h": "#pragma once\nstruct Place {\n};\nstruct Step;\n",
    "gitops/edit/edit.cc": "namespace {\n\nstruct Place {\n};\n\n}  // namespace\nstruct Step {\n};\nstruct Place;\n",
    # Words in comments and texts are no code.
    "schemas/words.cc": '// system_clock::now() is for the clock alone\n/* #include <git2.h>\n*/ auto a = "time(nullptr) // ";\n'
    "auto b = R\"x(absl::Now)x\"; int c = 1'000; auto d = 'x';\nauto runtime(int); auto e = runtime(0);\n",
}

# name, file -> text (replacing or adding), the breach: file:line and words of it
BREACHES = [
    ("schemas_include_nothing", {"schemas/a.cc": '\n#include "reconciler/core/plan.h"\n'},
     "schemas/a.cc:2", "schemas must not include reconciler/core"),
    ("core_does_not_include_gitops", {"reconciler/core/a.cc": '#include "gitops/edit/edit.h"\n'},
     "reconciler/core/a.cc:1", "reconciler/core must not include gitops"),
    ("gitops_does_not_include_core", {"gitops/a.cc": '#include "reconciler/core/plan.h"\n'},
     "gitops/a.cc:1", "gitops must not include reconciler/core"),
    ("nobody_includes_the_program", {"server/a.cc": '#include "reconciler/cli/a.h"\n', "reconciler/cli/a.h": "#pragma once\n"},
     "server/a.cc:1", "server must not include reconciler/cli"),
    ("nobody_includes_tests", {"schemas/a.cc": '#include "tests/core/plan_test.cc"\n'},
     "schemas/a.cc:1", "in no folder of the table"),
    ("includes_count_from_the_root", {"reconciler/core/a.cc": '#include "plan.h"\n'},
     "reconciler/core/a.cc:1", "is no file"),
    ("spaces_do_not_hide_an_include", {"reconciler/core/a.cc": ' # include  "gitops/edit/edit.h"\n'},
     "reconciler/core/a.cc:1", "must not include gitops"),
    ("a_comment_does_not_hide_an_include", {"reconciler/core/a.cc": '/* why\n */ #include "gitops/edit/edit.h"\n'},
     "reconciler/core/a.cc:2", "must not include gitops"),
    ("git2_is_for_the_repository", {"gitops/edit/a.cc": "#include <git2.h>\n"},
     "gitops/edit/a.cc:1", "only in gitops/repository"),
    ("git2_parts_too", {"reconciler/cli/a.cc": "#include <git2/odb.h>\n"},
     "reconciler/cli/a.cc:1", "only in gitops/repository"),
    ("yaml_cpp_is_for_yaml", {"schemas/manifest/a.cc": "#include <yaml-cpp/yaml.h>\n"},
     "schemas/manifest/a.cc:1", "only in schemas/yaml"),
    ("libfyaml_is_for_yaml", {"gitops/edit/a.cc": "#include <libfyaml.h>\n"},
     "gitops/edit/a.cc:1", "only in schemas/yaml"),
    ("abseil_is_for_time", {"reconciler/core/a.cc": '#include "absl/strings/str_cat.h"\n', "absl/strings/str_cat.h": ""},
     "reconciler/core/a.cc:1", "only in reconciler/core/time"),
    ("curl_is_for_net", {"gitops/a.cc": "#include <curl/curl.h>\n"}, "gitops/a.cc:1", "only in net"),
    ("nothing_decides_by_log", {"reconciler/core/a.cc": "#include <spdlog/spdlog.h>\n"},
     "reconciler/core/a.cc:1", "only in reconciler/cli"),
    ("nothing_decides_by_file", {"reconciler/core/a.cc": "#include <fstream>\n"},
     "reconciler/core/a.cc:1", "must not be included in reconciler/core"),
    ("nothing_decides_by_chance", {"reconciler/core/time/a.cc": "#include <random>\n"},
     "reconciler/core/time/a.cc:1", "must not be included in reconciler/core"),
    ("valijson_is_for_one_file", {"schemas/manifest/z.cc": "#include <valijson/schema.hpp>\n"},
     "schemas/manifest/z.cc:1", "belongs in one file"),
    ("valijson_is_for_manifests", {"schemas/z.cc": "#include <valijson/schema.hpp>\n"},
     "schemas/z.cc:1", "only in schemas/manifest"),
    ("the_clock_is_read_once", {"reconciler/daemon/a.cc": "\nauto t = std::chrono::system_clock::now();\n"},
     "reconciler/daemon/a.cc:2", "the clock is read only in"),
    ("its_other_names_too", {"reconciler/cli/a.cc": "auto t = time(nullptr);\n"},
     "reconciler/cli/a.cc:1", "the clock is read only in"),
    ("and_over_two_lines", {"gitops/a.cc": "auto t = std::chrono::system_clock::\n    now();\n"},
     "gitops/a.cc:1", "the clock is read only in"),
    ("and_after_digits", {"gitops/a.cc": "int n = 1'000; auto t = std::time(0); int m = 1'000;\n"},
     "gitops/a.cc:1", "the clock is read only in"),
    ("a_file_is_short", {"schemas/a.cc": "int a;\n" * 401}, "schemas/a.cc:401", "401 lines"),
    ("a_header_is_guarded", {"schemas/a.h": "// #pragma once\n"}, "schemas/a.h:1", "#pragma once is missing"),
    ("names_say_something", {"schemas/string_utils.cc": ""}, "schemas/string_utils.cc:1", "says nothing"),
    ("folders_too", {"gitops/common/a.cc": ""}, "gitops/common/a.cc:1", "says nothing"),
    ("folders_are_known", {"backend/a.cc": ""}, "backend/a.cc:1", "not in the table"),
    ("no_source_beside_the_folders", {"reconciler/a.cc": ""}, "reconciler/a.cc:1", "not in the table"),
    ("library_names_stay_at_home", {"schemas/manifest/a.cc": '#include "schemas/yaml/events.h"\n'},
     "schemas/manifest/a.cc:1", "names fy_parser"),
    ("only_folders_that_share_them_see_them", {"gitops/edit/a.cc": '#include "gitops/repository/handle.h"\n'},
     "gitops/edit/a.cc:1", "names git_odb"),
    ("a_type_has_its_name_for_itself", {"schemas/x.cc": "\nclass Place : public B {\n"},
     "schemas/x.cc:2", "schemas/place.h has a type Place already"),
]


def breaches_of(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [f"{path}:{line}: {why}" for path, line, why in check.check(pathlib.Path(root).resolve())]


class LayeringTest(unittest.TestCase):
    def test_good_tree(self):
        self.assertEqual(breaches_of(GOOD), [])

    def test_breaches(self):
        for name, files, place, words in BREACHES:
            with self.subTest(name):
                found = breaches_of({**GOOD, **files})
                self.assertTrue(any(b.startswith(place + ": ") and words in b for b in found), found)
                others = [b for b in found if not b.startswith(tuple(files))]
                self.assertEqual(others, [])

    def test_every_header_rule_bites(self):
        for pattern in check.ONLY_IN:
            header = pattern.replace("(\\.h|/.*)", ".h").replace(".*", "x.h").replace("\\.", ".")
            with self.subTest(header):
                found = breaches_of({**GOOD, "k8s/a.cc": f"#include <{header}>\n"})
                self.assertEqual(len([b for b in found if b.startswith("k8s/a.cc:1: ")]), 1, found)

    def test_empty_tree_is_no_success(self):
        self.assertEqual(len(breaches_of({})), 1)


if __name__ == "__main__":
    unittest.main()
