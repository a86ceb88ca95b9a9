#include "reconciler/core/plan/gate.h"

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, kGateCount> kGateNames{
    "manifest", "suspend",        "ref",      "version", "conflict",     "start-time", "rejected",
    "stage",    "failure-budget", "approval", "notice",  "min-interval", "lock",       "check",
    "window",   "concurrency"};
constexpr std::array<std::string_view, 3> kVerdictNames{"pass", "wait", "blocked"};

}  // namespace

std::string_view Name(Gate gate) { return kGateNames[static_cast<size_t>(gate)]; }
std::string_view Name(Verdict verdict) { return kVerdictNames[static_cast<size_t>(verdict)]; }

}  // namespace lockkeeper
