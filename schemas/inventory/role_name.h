#pragma once

#include <optional>
#include <string_view>

#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// `release`, `controlPlane` or `nodes`.
inline std::optional<RefRole> ParseRefRole(std::string_view text) {
  if (text == "release") return RefRole::kRelease;
  if (text == "controlPlane") return RefRole::kControlPlane;
  if (text == "nodes") return RefRole::kNodes;
  return std::nullopt;
}

inline std::string_view RefRoleName(RefRole role) {
  switch (role) {
    case RefRole::kControlPlane:
      return "controlPlane";
    case RefRole::kNodes:
      return "nodes";
    case RefRole::kRelease:
      break;
  }
  return "release";
}

}  // namespace lockkeeper
