#pragma once

#include <array>

#include "reconciler/core/plan/candidate.h"

namespace lockkeeper {

/// Judges one candidate at one gate. The window's may remember its answer in the context.
using Judge = GateResult (*)(PlanContext&, const Candidate&);

struct GateRule {
  Gate gate;
  Judge judge;
};

// One function for each gate of SPEC 4; the table is in gate_table.cc.
GateResult JudgeManifest(PlanContext& context, const Candidate& c);
GateResult JudgeSuspend(PlanContext& context, const Candidate& c);
GateResult JudgeRef(PlanContext& context, const Candidate& c);
GateResult JudgeVersion(PlanContext& context, const Candidate& c);
/// After all the others but concurrency: who goes first depends on what holds the rival.
GateResult JudgeConflict(PlanContext& context, const Candidate& c);
GateResult JudgeStartTime(PlanContext& context, const Candidate& c);
GateResult JudgeRejected(PlanContext& context, const Candidate& c);
GateResult JudgeStage(PlanContext& context, const Candidate& c);
GateResult JudgeFailureBudget(PlanContext& context, const Candidate& c);
GateResult JudgeApproval(PlanContext& context, const Candidate& c);
GateResult JudgeNotice(PlanContext& context, const Candidate& c);
GateResult JudgeMinInterval(PlanContext& context, const Candidate& c);
GateResult JudgeLock(PlanContext& context, const Candidate& c);
GateResult JudgeCheck(PlanContext& context, const Candidate& c);
GateResult JudgeWindow(PlanContext& context, const Candidate& c);

/// Asks every gate about every candidate, in the order in which they need each other's answers.
void JudgeAll(PlanContext& context);

/// Clusters that share a ref move together or not at all: what holds one holds the others at gate `ref`.
void TieSharedRefs(PlanContext& context);

/// Gate `concurrency`: gives the free places to those who pass every other gate, by SPEC 4's order.
void AllotPlaces(PlanContext& context);

/// The override that is in force; null: none.
const Override* OverrideInForce(const PlanContext& context, const Candidate& c);

/// The override, if some gate would not pass without it; null: none is needed.
const Override* OverrideUsed(PlanContext& context, const Candidate& c);

/// What its next bump is to exclusions and locks.
ChangeScopes ChangeOf(const PlanContext& context, const Candidate& c);

/// The first instant at or after `from` at which gate `window` passes; nullopt: unknown or never.
std::optional<Instant> WindowPassesFrom(const PlanContext& context, const Candidate& c, Instant from);

/// The window that a bump made now lies in; nullopt: none.
std::optional<WindowRecord> CurrentWindow(const PlanContext& context, const Candidate& c);

}  // namespace lockkeeper
