#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/commands/validate_objects.h"

namespace lockkeeper {
namespace {

class PolicyJudge {
 public:
  PolicyJudge(const FleetModel& model, const UpgradePolicy& policy, Diagnostics& findings)
      : model_(model), policy_(policy), findings_(findings) {}

  void Run() {
    JudgeMatchers();
    JudgeTerms();
    if (!model_.settings().has_catalog()) {
      Warn(
          {}, "no-catalog",
          "spec: there is no catalog to choose releases from; name the folder of the Releases in the Fleet's "
          "spec.releases");
    } else {
      JudgeOffers();
    }
  }

 private:
  void Warn(Mark mark, std::string code, std::string message) {
    findings_.push_back({policy_.origin.file, mark == Mark{} ? policy_.origin.mark : mark, Severity::kWarning,
                         std::move(code), std::move(message)});
  }

  void JudgeMatchers() {
    auto matcher = std::ranges::find(policy_.match.matchers, "release", &Matcher::key);
    auto requirement = std::ranges::find(policy_.match.selector, "release", &SelectorRequirement::key);
    const bool found = matcher != policy_.match.matchers.end();
    if (!found && requirement == policy_.match.selector.end()) return;
    Warn(found ? matcher->mark : requirement->mark, "matches-its-release",
         "spec.matchers: the label release changes with every bump, so a cluster may leave the upgrade "
         "between "
         "two hops; test another label, and say in releases.range which releases are meant");
  }

  /// What its upgrades would name.
  void JudgeTerms() {
    Diagnostics found;
    const ClusterUpgrade terms = TermsOfTemplate(policy_, found);
    const Fleet& fleet = model_.fleet();
    auto is_broken = [&](std::string_view kind, const ObjectName& name) {
      return std::ranges::any_of(fleet.broken,
                                 [&](const BrokenObject& o) { return o.kind == kind && o.name == name; });
    };
    if (terms.plan && !std::ranges::binary_search(fleet.plans, terms.plan->value, {}, &UpgradePlan::name) &&
        !is_broken("UpgradePlan", terms.plan->value)) {
      Warn({}, "unknown-plan",
           fmt::format("spec.template.upgradePlanRef: plan {} does not exist, so its upgrades will be held",
                       terms.plan->value.str()));
    }
    if (terms.schedule && !model_.FindSchedule(terms.schedule->value) &&
        !is_broken("MaintenanceSchedule", terms.schedule->value)) {
      Warn({}, "unknown-schedule",
           fmt::format(
               "spec.template.maintenanceScheduleRef: schedule {} does not exist, so its upgrades will be "
               "held",
               terms.schedule->value.str()));
    }
  }

  void JudgeOffers() {
    const auto offers = OffersOf(policy_, model_.catalog());
    size_t known = 0, in_range = 0, dated = 0;
    for (const auto& [provider, list] : offers) {
      known += model_.catalog().OfProvider(provider).size();
      for (const PolicyOffer& offer : list) {
        if (!offer.in_range) continue;
        ++in_range;
        dated += offer.from == Instant::max() ? 0 : 1;
      }
    }
    if (known == 0 && !policy_.provider.empty()) {
      Warn({}, "no-release",
           fmt::format("spec.releases.provider: the catalog has no release of the provider '{}'",
                       policy_.provider));
    } else if (in_range == 0) {
      Warn(
          policy_.range.mark, "no-release",
          policy_.range.value.empty()
              ? std::string{"spec.releases: of the catalog's releases none may be chosen; they are wip, "
                            "deprecated, early ones, or blocked"}
              : fmt::format("spec.releases.range: of the catalog's releases none that may be chosen is in {}",
                            policy_.range.value));
    } else if (dated == 0) {
      Warn({}, "no-release",
           "spec.minimumReleaseAge: none of the catalog's releases has a spec.date, so nobody knows their "
           "age, "
           "and none is ever chosen");
    }
  }

  const FleetModel& model_;
  const UpgradePolicy& policy_;
  Diagnostics& findings_;
};

}  // namespace

void JudgePolicies(const FleetModel& model, Diagnostics& findings) {
  for (const UpgradePolicy& policy : model.fleet().policies) PolicyJudge{model, policy, findings}.Run();
}

}  // namespace lockkeeper
