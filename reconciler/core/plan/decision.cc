#include "reconciler/core/plan/decision.h"

#include <algorithm>
#include <array>

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, 8> kActionNames{"bump", "propose", "merge", "observe",
                                                       "wait", "blocked", "skip",  "finish"};

}  // namespace

std::string_view Name(Action action) { return kActionNames[static_cast<size_t>(action)]; }

const GateResult& Decision::gate(Gate gate) const {
  static const GateResult kPasses;
  auto found = std::ranges::find(gates, gate, &std::pair<Gate, GateResult>::first);
  return found == gates.end() ? kPasses : found->second;
}

}  // namespace lockkeeper
