#pragma once

#include <array>

#include "reconciler/core/plan/contender.h"

namespace lockkeeper {

/// Judges one contender at one gate. The window's may remember its answer in the context.
using Judge = GateResult (*)(PlanContext&, const Contender&);

struct GateRule {
  Gate gate;
  Judge judge;
};

// One function for each gate of SPEC 4; the table is in gate_table.cc.
GateResult JudgeManifest(PlanContext& context, const Contender& c);
GateResult JudgeSuspend(PlanContext& context, const Contender& c);
GateResult JudgeRef(PlanContext& context, const Contender& c);
GateResult JudgeVersion(PlanContext& context, const Contender& c);
/// After all the others but concurrency: who goes first depends on what holds the rival.
GateResult JudgeConflict(PlanContext& context, const Contender& c);
GateResult JudgeStartTime(PlanContext& context, const Contender& c);
GateResult JudgeRejected(PlanContext& context, const Contender& c);
GateResult JudgeStage(PlanContext& context, const Contender& c);
GateResult JudgeFailureBudget(PlanContext& context, const Contender& c);
GateResult JudgeApproval(PlanContext& context, const Contender& c);
GateResult JudgeNotice(PlanContext& context, const Contender& c);
GateResult JudgeMinInterval(PlanContext& context, const Contender& c);
GateResult JudgeLock(PlanContext& context, const Contender& c);
GateResult JudgeCheck(PlanContext& context, const Contender& c);
GateResult JudgeWindow(PlanContext& context, const Contender& c);

/// Asks every gate about every contender, in the order in which they need each other's answers.
void JudgeAll(PlanContext& context);

/// Clusters that share a ref move together or not at all: what holds one holds the others at gate `ref`.
void TieSharedRefs(PlanContext& context);

/// Gate `concurrency`: gives the free places to those who pass every other gate, by SPEC 4's order.
void AllotPlaces(PlanContext& context);

/// The override that is in force; null: none.
const Override* OverrideInForce(const PlanContext& context, const Contender& c);

/// The override, if some gate would not pass without it; null: none is needed.
const Override* OverrideUsed(PlanContext& context, const Contender& c);

/// What its next bump is to exclusions and locks.
ChangeScopes ChangeOf(const PlanContext& context, const Contender& c);

/// The first instant at or after `from` at which gate `window` passes; nullopt: unknown or never.
std::optional<Instant> WindowPassesFrom(PlanContext& context, const Contender& c, Instant from);

/// The first instant at or after `from` at which no lock covers its change; nullopt: nobody can tell.
std::optional<Instant> LockPassesFrom(const PlanContext& context, const Contender& c, Instant from);

/// The window that a bump made now lies in; nullopt: none.
std::optional<WindowRecord> CurrentWindow(const PlanContext& context, const Contender& c);

}  // namespace lockkeeper
