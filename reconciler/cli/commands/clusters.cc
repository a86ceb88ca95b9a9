#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/find_cluster.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/plan/fleet_model.h"
#include "schemas/inventory/role_name.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddClusters(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct ClustersOptions {
  std::vector<std::string> names;
  std::vector<std::string> selectors;
};

/// `key=value`, `key!=value`, `key=~regex` or `key!~regex`, as in Alertmanager.
CliResult<Matcher> ReadSelector(const std::string& text) {
  const size_t at = std::min(text.size(), text.find_first_of("=!"));
  const std::string_view op = std::string_view(text).substr(at, 2);
  const bool has_regex = op == "=~" || op == "!~";
  const size_t length = has_regex || op == "!=" ? 2 : op.starts_with('=') ? 1 : 0;
  if (at == 0 || length == 0) {
    return BadUsage(fmt::format(
        "--selector: {}: write label=value, label!=value, label=~regex or label!~regex", Quoted(text)));
  }
  return Matcher{.key = text.substr(0, at),
                 .value = text.substr(at + length),
                 .is_regex = has_regex,
                 .is_equal = op[0] == '='};
}

CliResult<std::vector<uint32_t>> Choose(const ClustersOptions& options, const Fleet& fleet) {
  ClusterMatch match{.written = true};
  for (const std::string& selector : options.selectors) {
    auto matcher = ReadSelector(selector);
    if (!matcher) return std::unexpected(matcher.error());
    match.matchers.push_back(std::move(*matcher));
  }
  Diagnostics findings;
  auto compiled = CompiledMatch::Compile(match, EmptyMatch::kEverythingIfWritten, "--selector", findings);
  if (!compiled) return BadUsage("--selector: " + (findings.empty() ? "is wrong" : findings.front().message));
  for (const std::string& name : options.names) {
    if (auto found = FindCluster(fleet, "NAME", name); !found) return std::unexpected(found.error());
  }
  std::vector<uint32_t> chosen;
  for (uint32_t i = 0; i < fleet.clusters.size(); ++i) {
    const Cluster& cluster = fleet.clusters[i];
    const bool named =
        options.names.empty() || std::ranges::find(options.names, cluster.name) != options.names.end();
    if (named && compiled->Selects(cluster.labels)) chosen.push_back(i);
  }
  return chosen;
}

/// A cluster as every output shows it.
struct ClusterView {
  const Cluster* cluster;
  std::vector<std::string> schedules;
  std::vector<ClusterProblem> problems;
};

std::string PlaceOf(const Ref& ref) {
  return fmt::format("{}:{}:{}", ref.file, ref.mark.line, ref.mark.column);
}

ClusterView View(const FleetModel& model, uint32_t index) {
  const Cluster& cluster = model.cluster(index);
  ClusterView view{.cluster = &cluster, .problems = cluster.problems};
  for (const Ref& ref : cluster.refs) {
    if (ref.problem_code.empty()) continue;
    view.problems.push_back({ref.problem_code, fmt::format("{}: {}", PlaceOf(ref), ref.problem)});
  }
  const ScheduleSet governing = model.Governing(index, std::nullopt);
  for (uint32_t schedule : governing.schedules)
    view.schedules.push_back(model.schedules()[schedule].schedule->name.str());
  if (!governing.named_problem.empty()) view.problems.push_back({"schedule", governing.named_problem});
  if (!governing.broken.empty()) view.problems.push_back({"schedule", governing.broken});
  return view;
}

ordered_json Json(const ClusterView& view) {
  const Cluster& cluster = *view.cluster;
  auto labels = ordered_json::object();
  for (const auto& [key, value] : cluster.labels) labels[key.str()] = value.str();
  auto refs = ordered_json::array();
  for (const Ref& ref : cluster.refs) {
    refs.push_back({{"file", ref.file.str()},
                    {"line", ref.mark.line},
                    {"column", ref.mark.column},
                    {"value", ref.value},
                    {"format", ref.format.str()},
                    {"role", RefRoleName(ref.role)}});
  }
  auto problems = ordered_json::array();
  for (const ClusterProblem& problem : view.problems) {
    problems.push_back({{"code", problem.code}, {"message", problem.message}});
  }
  ordered_json json;
  json["cluster"] = cluster.name;
  json["namespace"] = cluster.ns;
  json["release"] = cluster.release.str();
  json["labels"] = std::move(labels);
  json["schedules"] = view.schedules;
  json["refs"] = std::move(refs);
  json["problems"] = std::move(problems);
  return json;
}

std::string Text(const std::vector<ClusterView>& views, const Style& style) {
  TextTable table({"CLUSTER", "NAMESPACE", "RELEASE", "SCHEDULES", "PROBLEMS", "REF"});
  size_t with_problems = 0;
  for (const ClusterView& view : views) {
    const Cluster& cluster = *view.cluster;
    std::vector<std::string> codes;
    for (const ClusterProblem& problem : view.problems) {
      if (std::ranges::find(codes, problem.code) == codes.end()) codes.push_back(problem.code);
    }
    with_problems += codes.empty() ? 0 : 1;
    std::string place = cluster.refs.empty()
                            ? fmt::format("{}:{}:{}", cluster.file, cluster.mark.line, cluster.mark.column)
                            : PlaceOf(cluster.refs.front());
    if (cluster.refs.size() > 1) place += fmt::format(" and {} more", cluster.refs.size() - 1);
    table.Add({{cluster.name, Paint::kBold},
               {cluster.ns},
               {cluster.release.empty() ? "?" : cluster.release.str()},
               {fmt::format("{}", fmt::join(view.schedules, ", "))},
               {fmt::format("{}", fmt::join(codes, ", ")), Paint::kRed},
               {place, Paint::kDim}});
  }
  std::string out = table.Render(style);
  bool any_problem = false;
  for (const ClusterView& view : views) {
    for (const ClusterProblem& problem : view.problems) {
      if (!any_problem) out += "\n";
      any_problem = true;
      out += fmt::format("{}: {}: {}\n", style(Paint::kBold, ForTerminal(view.cluster->name)),
                         style(Paint::kRed, ForTerminal(problem.code)), ForTerminal(problem.message));
    }
  }
  out += fmt::format("\n{} cluster{}", views.size(), views.size() == 1 ? "" : "s");
  if (with_problems != 0) out += fmt::format(", {} with problems", with_problems);
  return out + "\n";
}

CliResult<ExitCode> Clusters(const ClustersOptions& options, Invocation& call) {
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  const FleetModel model = FleetModel::Build(opened->state->fleet);
  auto chosen = Choose(options, model.fleet());
  if (!chosen) return std::unexpected(chosen.error());
  std::vector<ClusterView> views;
  for (uint32_t index : *chosen) views.push_back(View(model, index));
  if (call.out.is_text()) {
    call.out.Text(Text(views, call.out.style()));
    if (model.fleet().clusters.empty()) {
      call.Note(model.settings().inventory.empty() ? "spec.inventory in lockkeeper.yaml has no rule, so "
                                                     "nothing is a cluster; see 'lockkeeper profiles'"
                                                   : "no rule of spec.inventory in lockkeeper.yaml finds a "
                                                     "cluster; 'lockkeeper validate' may say why");
    }
    return ExitCode::kDone;
  }
  ordered_json head;
  head["commit"] = opened->commit;
  call.out.Value(head, "clusters", views.size(), [&](size_t i) { return Json(views[i]); });
  return ExitCode::kDone;
}

}  // namespace

void AddClusters(CommandLine& line) {
  auto options = std::make_shared<ClustersOptions>();
  CLI::App& command = line.Add("clusters",
                               "The inventory: every cluster with its release, its schedules, the places "
                               "where its release stands, and what "
                               "is wrong with it. -o json has the labels too.",
                               [options](Invocation& call) { return Clusters(*options, call); });
  command.add_option("NAME", options->names, "Only these.");
  command
      .add_option("-l,--selector", options->selectors,
                  "Only clusters with this label: label=value, label!=value, label=~regex or label!~regex. "
                  "May be given "
                  "several times; then all must hold.")
      ->type_name("LABEL=VALUE")
      ->allow_extra_args(false);
}

}  // namespace lockkeeper
