"""The plan as `plan -o json` shows it, with names and missing values made comparable."""
from dataclasses import dataclass


class PlanError(Exception):
    """What the program printed is no plan as SPEC 6 has it."""


def full_name(upgrade):
    return upgrade if "/" in upgrade else f"default/{upgrade}"


def text_of(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True)
class Plan:
    commit: str
    at: str
    next_wake: str
    decisions: dict  # (upgrade, cluster) -> its fields as texts
    gates: dict      # (upgrade, cluster, gate) -> its fields as texts
    tasks: dict      # ("task", its name, date, what is done, its clusters) -> what is changed, or why not

    def bumps(self):
        """(upgrade, cluster, from, to of this hop) of what may be bumped now, sorted."""
        return sorted((*name, d["from"], d.get("hop") or d["to"]) for name, d in self.decisions.items()
                      if d["action"] == "bump")

    def outline(self):
        """What is done and why not, without the words that say so."""
        return {**{name: {key: value for key, value in fields.items() if key != "message"}
                   for name, fields in self.decisions.items()}, **self.tasks}

    def details(self):
        """Every gate as well."""
        return {**self.outline(), **{name: (fields["verdict"], fields.get("until")) for name, fields in self.gates.items()}}


def read_plan(run):
    document = run.json()
    if not isinstance(document, dict) or not isinstance(document.get("decisions"), list):
        raise PlanError(f"plan -o json gave no plan: {run.describe()}")
    for key in ("commit", "at", "nextWake"):
        if key not in document:
            raise PlanError(f"plan -o json has no '{key}'")
    decisions, gates = {}, {}
    for decision in document["decisions"]:
        for key in ("upgrade", "cluster", "stage", "from", "to", "hop", "action", "reason", "until", "gates"):
            if key not in decision:
                raise PlanError(f"a decision of plan -o json has no '{key}': {decision}")
        name = (full_name(decision["upgrade"]), decision["cluster"])
        if name in decisions:
            # Two clusters of one name: both are shown, neither may move.
            if {decision["action"], decisions[name]["action"]} & {"bump", "propose", "merge"}:
                raise PlanError(f"two decisions for {name[0]} and {name[1]}, and one of them does something")
            continue
        decisions[name] = {key: text_of(value) for key, value in decision.items() if key != "gates"}
        for gate in decision["gates"]:
            gates[(*name, gate["gate"])] = {key: text_of(value) for key, value in gate.items()}
    tasks = {("task", task["task"], task["date"], task["action"], " ".join(task["clusters"])):
             (task.get("changes"), task.get("message")) for task in document.get("tasks", [])}
    return Plan(text_of(document["commit"]), text_of(document["at"]), text_of(document["nextWake"]), decisions, gates,
                tasks)
