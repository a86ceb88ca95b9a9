#include "reconciler/core/plan/approvals.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/cluster_set.h"

namespace lockkeeper {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameWord(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, Lower, Lower); }

std::optional<Instant> EndOf(const UpgradeApproval& approval, const ApprovalRule& rule) {
  std::optional<Instant> end = approval.expires_at;
  if (rule.expires_after && (!end || approval.at + *rule.expires_after < *end)) {
    end = approval.at + *rule.expires_after;
  }
  return end;
}

GateResult Judge(const PlanContext& context, uint32_t upgrade, const UpgradeApproval& approval,
                 const std::string& set, const ApprovalRule& rule) {
  const std::string& where = approval.origin.file;
  const std::string target = context.model.upgrades()[upgrade].target->str();
  if (approval.to_release != target) {
    return Blocked(fmt::format("{} approves {}, and the target is {}", where, approval.to_release, target));
  }
  if (!approval.clusters.empty() && approval.clusters != set) {
    return Blocked(fmt::format("{} was given for another set of clusters; it has to be given again", where));
  }
  if (!rule.approvers.empty() && !IsAmong(rule.approvers, approval.author)) {
    return Blocked(fmt::format("{} was committed by {}, who is not among approvers ({})", where,
                               approval.author.empty() ? "nobody knows whom" : approval.author,
                               fmt::join(rule.approvers, ", ")));
  }
  if (context.now() < approval.at) {
    return WaitUntil(approval.at, fmt::format("{} counts from {}", where, FormatInstant(approval.at)));
  }
  const std::optional<Instant> end = EndOf(approval, rule);
  if (end && *end <= context.now()) {
    return Blocked(fmt::format("{} expired at {}", where, FormatInstant(*end)));
  }
  GateResult result =
      Pass(fmt::format("approved by {} at {} ({})", approval.by, FormatInstant(approval.at), where));
  result.changes_at = end;
  return result;
}

}  // namespace

bool IsAmong(const std::vector<std::string>& approvers, std::string_view author) {
  const size_t open = std::min(author.rfind('<'), author.size());
  std::string_view name = author.substr(0, open);
  while (name.ends_with(' ')) name.remove_suffix(1);
  std::string_view mail = author.substr(std::min(open + 1, author.size()));
  mail = mail.substr(0, mail.find('>'));
  return std::ranges::any_of(approvers, [&](const std::string& approver) {
    return approver == name || (!mail.empty() && SameWord(approver, mail));
  });
}

std::string ApprovalSet(const PlanContext& context, uint32_t upgrade, std::optional<size_t> stage) {
  const std::vector<uint32_t>& clusters = context.model.upgrades()[upgrade].clusters;
  std::vector<std::string> names;
  for (size_t n = 0; n < clusters.size(); ++n) {
    if (stage && context.rollouts[upgrade].stage_of[n] != static_cast<int>(*stage)) continue;
    names.push_back(context.model.cluster(clusters[n]).name);
  }
  return HashClusterSet(names);
}

GateResult JudgeApprovals(PlanContext& context, uint32_t upgrade, std::optional<size_t> stage,
                          const ApprovalRule& rule) {
  const ObjectName& name = context.model.upgrades()[upgrade].upgrade->name;
  const std::string stage_name = stage ? context.rollouts[upgrade].plan->stages[*stage].name : "";
  const std::string what = stage ? fmt::format("stage {}", stage_name) : "the upgrade";
  GateResult best = Blocked(fmt::format("nobody has approved {}; `lockkeeper approve {}{}{}` does", what,
                                        name.str(), stage ? " --stage " : "", stage_name));
  if (!context.model.upgrades()[upgrade].target) return best;
  bool first = true;
  for (const UpgradeApproval& approval : context.model.fleet().approvals) {
    if (approval.upgrade.value != name) continue;
    if (!approval.stage.empty() && approval.stage != stage_name) continue;
    const bool whole = approval.stage.empty();
    std::string set =
        approval.clusters.empty() ? "" : ApprovalSet(context, upgrade, whole ? std::nullopt : stage);
    GateResult result = Judge(context, upgrade, approval, set, rule);
    bool longer = result.verdict == Verdict::kPass && best.verdict == Verdict::kPass && best.changes_at &&
                  (!result.changes_at || *result.changes_at > *best.changes_at);
    bool better = result.verdict < best.verdict;
    if (first || better || longer) best = std::move(result);
    first = false;
  }
  return best;
}

}  // namespace lockkeeper
