#include "reconciler/core/plan/auto_approve.h"

#include "reconciler/core/release/catalog.h"

namespace lockkeeper {

bool IsAutomatic(AutoApprove limit, const Version& from, const Version& to, const Release* release) {
  const BumpLevel level = LevelOf(from, to);
  switch (limit) {
    case AutoApprove::kNone:
      return false;
    case AutoApprove::kSecurity:
      return level <= BumpLevel::kPatch && release != nullptr && release->security;
    case AutoApprove::kPatch:
      return level <= BumpLevel::kPatch;
    case AutoApprove::kMinor:
      return level <= BumpLevel::kMinor;
    case AutoApprove::kMajor:
      return true;
  }
  return false;
}

bool NeedsApproval(const UpgradeModel& upgrade, const std::optional<Version>& from) {
  if (upgrade.policy == nullptr || !upgrade.target) return false;
  if (!from) return true;
  const Version& to = upgrade.target->version;
  return *from < to && !IsAutomatic(upgrade.auto_approve, *from, to, upgrade.release);
}

std::string_view LevelWord(const Version& from, const Version& to) {
  const BumpLevel level = LevelOf(from, to);
  return level == BumpLevel::kMajor ? "major" : level == BumpLevel::kMinor ? "minor" : "patch";
}

std::string_view AutoApproveWord(AutoApprove limit) {
  switch (limit) {
    case AutoApprove::kNone:
      return "none";
    case AutoApprove::kSecurity:
      return "security";
    case AutoApprove::kPatch:
      return "patch";
    case AutoApprove::kMinor:
      return "minor";
    case AutoApprove::kMajor:
      break;
  }
  return "major";
}

}  // namespace lockkeeper
