#include "reconciler/daemon/api_resources.h"

#include <array>

namespace lockkeeper {
namespace {

constexpr std::array kClusters{
    ApiParameter{.name = "cluster", .option = "NAME", .count = ApiCount::kOften},
    ApiParameter{.name = "selector", .option = "--selector", .count = ApiCount::kOften},
};

constexpr std::array kExplain{
    ApiParameter{.name = "cluster", .option = "CLUSTER", .need = ApiNeed::kMustBeThere},
    ApiParameter{.name = "upgrade", .option = "--upgrade"},
};

constexpr std::array kWindows{
    ApiParameter{.name = "schedule", .option = "SCHEDULE"},
    ApiParameter{.name = "cluster", .option = "--cluster"},
    ApiParameter{.name = "from", .option = "--from", .value = ApiValue::kInstant},
    ApiParameter{.name = "to", .option = "--to", .value = ApiValue::kInstant},
    ApiParameter{.name = "at", .option = "--at", .value = ApiValue::kInstant},
};

constexpr std::array kStatus{
    ApiParameter{.name = "upgrade", .option = "UPGRADE"},
};

constexpr std::array kHistory{
    ApiParameter{.name = "cluster", .option = "CLUSTER", .need = ApiNeed::kMustBeThere},
    ApiParameter{.name = "upgrade", .option = "--upgrade"},
    ApiParameter{.name = "outcome", .option = "--outcome"},
    ApiParameter{.name = "since", .option = "--since", .value = ApiValue::kInstant},
    ApiParameter{.name = "until", .option = "--until", .value = ApiValue::kInstant},
};

constexpr std::array kSimulate{
    ApiParameter{.name = "from", .option = "--from", .value = ApiValue::kInstant},
    ApiParameter{.name = "to", .option = "--to", .value = ApiValue::kInstant},
    ApiParameter{.name = "outcome", .option = "--outcome", .count = ApiCount::kOften},
    ApiParameter{.name = "duration", .option = "--duration", .value = ApiValue::kDuration},
    ApiParameter{.name = "upgrade", .option = "--upgrade"},
    ApiParameter{.name = "cluster", .option = "--cluster"},
};

constexpr std::array<ApiResource, 7> kResources{{
    {"/api/v1/clusters", "api/clusters", "clusters", kClusters},
    {"/api/v1/plan", "api/plan", "plan", {}},
    {"/api/v1/explain", "api/explain", "explain", kExplain},
    {"/api/v1/windows", "api/windows", "windows", kWindows},
    {"/api/v1/status", "api/status", "status", kStatus},
    {"/api/v1/history", "api/history", "history", kHistory},
    {"/api/v1/simulate", "api/simulate", "simulate", kSimulate},
}};

}  // namespace

std::span<const ApiResource> ApiResources() { return kResources; }

}  // namespace lockkeeper
