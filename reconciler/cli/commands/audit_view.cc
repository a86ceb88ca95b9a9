#include "reconciler/cli/commands/audit_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

std::string Count(size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string Short(const std::string& commit) { return commit.substr(0, 12); }

std::string Heading(const AuditResult& result, const std::string& branch) {
  std::string text = fmt::format("{} of {}", Count(result.commits, "commit"), ForTerminal(branch));
  if (!result.since.empty()) text += fmt::format(" since {}", Short(result.since));
  text += fmt::format(" up to {}: {} of them lockkeeper's, with {}.\n", Short(result.head), result.records,
                      Count(result.checked, "bump"));
  return text;
}

std::string Upgrades(const AuditResult& result, Instant now, const Style& style) {
  TextTable table({"UPGRADE", "BUMPS", "FIRST", "LAST", "VIOLATIONS"});
  for (const AuditedUpgrade& upgrade : result.upgrades) {
    table.Add({{upgrade.upgrade.str()},
               {std::to_string(upgrade.bumps)},
               {WhenText(upgrade.first, now)},
               {WhenText(upgrade.last, now)},
               {upgrade.violations == 0 ? "none" : std::to_string(upgrade.violations),
                upgrade.violations == 0 ? Paint::kGreen : Paint::kRed}});
  }
  return table.empty() ? "" : "\n" + table.Render(style);
}

std::string Violations(const AuditResult& result, const Style& style) {
  std::string text = fmt::format("\n{}:\n", Count(result.violations.size(), "violation"));
  std::set<AuditCode> codes;
  const std::string* commit = nullptr;
  for (const Violation& violation : result.violations) {
    if (commit == nullptr || *commit != violation.commit)
      text += fmt::format("\ncommit {}\n", style(Paint::kBold, Short(violation.commit)));
    commit = &violation.commit;
    std::string about = violation.upgrade;
    if (!violation.cluster.empty()) about += (about.empty() ? "" : " ") + violation.cluster;
    text += fmt::format("  {} {}{}\n", style(Paint::kRed, Name(violation.code)),
                        about.empty() ? "" : ForTerminal(about) + ": ", ForTerminal(violation.message));
    codes.insert(violation.code);
  }
  text += "\nWhat to do:\n";
  for (AuditCode code : codes) text += fmt::format("  {}: {}\n", Name(code), Advice(code));
  return text;
}

std::string Others(const AuditResult& result, Instant now, const Style& style) {
  TextTable table({"WHEN", "COMMIT", "BY", "CLUSTER", "RELEASE", "WHILE UNDER WAY", "SUBJECT"});
  for (const ChangeByOthers& other : result.others) {
    table.Add({{WhenText(other.time, now)},
               {Short(other.commit), Paint::kDim},
               {other.author},
               {other.cluster},
               {fmt::format("{} -> {}", other.from, other.to)},
               {other.upgrade, Paint::kYellow},
               {other.subject}});
  }
  if (table.empty()) return {};
  return fmt::format("\nReleases changed by others, which is theirs to do:\n\n{}", table.Render(style));
}

}  // namespace

ordered_json AuditJson(const AuditResult& result) {
  auto violations = ordered_json::array();
  for (const Violation& v : result.violations) {
    violations.push_back({{"commit", v.commit},
                          {"upgrade", v.upgrade},
                          {"cluster", v.cluster},
                          {"code", Name(v.code)},
                          {"message", v.message}});
  }
  auto others = ordered_json::array();
  for (const ChangeByOthers& o : result.others) {
    others.push_back({{"commit", o.commit},
                      {"at", FormatInstant(o.time)},
                      {"author", o.author},
                      {"upgrade", o.upgrade},
                      {"cluster", o.cluster},
                      {"from", o.from},
                      {"to", o.to}});
  }
  return {{"commit", result.head},     {"since", result.since},    {"commits", result.commits},
          {"checked", result.checked}, {"violations", violations}, {"others", others}};
}

std::string AuditText(const AuditResult& result, const std::string& branch, Instant now, const Style& style) {
  std::string text = Heading(result, branch) + Upgrades(result, now, style);
  if (result.violations.empty()) {
    text += style(Paint::kGreen, result.records == 0 ? "\nNo decision is in it, and nothing is wrong.\n"
                                                     : "\nAll of it is as lockkeeper decides.\n");
  } else {
    text += Violations(result, style);
  }
  return text + Others(result, now, style);
}

}  // namespace lockkeeper
