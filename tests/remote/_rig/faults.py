"""What can go wrong between a client and a server, by name and place."""
from dataclasses import dataclass, fields, replace
import json
import random
import time

# Where in a fetch or a push. `connect` is a connection of which only bytes are known, as with ssh.
STAGES = ("fetch-refs", "fetch-pack", "push-refs", "push-pack", "other", "connect")
BYTE_FAULTS = ("cut", "stall", "deaf", "slow", "flip")   # after so many bytes of a direction
ANSWER_FAULTS = ("status", "garbage", "garbage-body")    # in place of the server's answer
REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required", 408: "Request Timeout",
           429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. `after` and `size` may be [low, high]: the seed chooses."""

    name: str
    at: str = "any"           # a stage
    when: str = "before"      # or "after" the server has executed the request: the lost answer. An answer that is cut after
                              # some bytes may come before or after
    direction: str = "down"   # to the client; "up" to the server
    after: object = 0         # bytes that pass before it
    rate: int = 0             # slow: bytes per second
    code: int = 0             # status
    retry_after: object = None  # status: seconds, or any text
    location: object = None   # status: where a redirect leads
    seconds: object = None    # stall, deaf: cut then. Default: when the client goes away
    size: object = 256        # garbage: bytes
    reset: bool = False       # cut: with RST in place of FIN
    times: object = 1         # how often; null for always
    skip: int = 0             # of those that fit, these many first go through unharmed

    def check(self):
        """What is wrong with it, or None."""
        if self.name not in BYTE_FAULTS + ANSWER_FAULTS:
            return f"no fault '{self.name}'; there are {', '.join(BYTE_FAULTS + ANSWER_FAULTS)}"
        if self.at != "any" and self.at not in STAGES:
            return f"no stage '{self.at}'; there are any, {', '.join(STAGES)}"
        if self.when not in ("before", "after") or self.direction not in ("up", "down"):
            return "'when' is before or after, 'direction' up or down"
        if self.when == "after" and (self.direction == "up" or self.name in ("deaf", "slow", "flip")):
            return f"{self.name} {self.direction} cannot come after the server has executed the request"
        if self.name == "slow" and self.rate < 1:
            return "slow needs a rate, in bytes per second"
        if self.name == "status" and not 200 <= self.code <= 599:
            return "status needs a code"
        if self.name == "deaf" and self.direction != "up":
            return "deaf is of direction up"
        return None

    def comes_first(self):
        """Whether nothing of the request reaches the server."""
        at_once = self.name in ("cut", "stall") and self.direction == "down" and self.after == 0
        return self.when == "before" and (self.name in ANSWER_FAULTS or at_once)

    def settle(self, chance):
        def choose(value):
            return chance.randint(*value) if isinstance(value, list) else value
        return replace(self, after=choose(self.after), size=choose(self.size))


def read_fault(words):
    unknown = set(words) - {field.name for field in fields(Fault)}
    if unknown:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    fault = Fault(**words)
    wrong = fault.check()
    if wrong:
        raise ValueError(wrong)
    return fault


def any_fault(chance, stage, denials=True):
    """One of the faults that fit a stage, none of which lasts longer than a few seconds. `denials`: answers too after which a
    client had better not come again soon."""
    after = chance.choice([0, chance.randint(1, 100), chance.randint(100, 5000)])
    choices = [
        Fault("cut", after=after, reset=chance.random() < 0.5),
        Fault("cut", direction="up", after=after),
        Fault("stall", after=after, seconds=chance.uniform(0.1, 3)),
        Fault("slow", rate=chance.randint(500, 20000)),
        Fault("garbage", size=chance.randint(1, 2000)),
        Fault("flip", after=after),
    ]
    if stage != "connect":
        choices += [Fault("status", code=code) for code in ((401, 403, 404) if denials else ()) + (500, 502, 503)]
        choices += [
            Fault("status", code=429, retry_after=chance.choice([0, 1, 2])),
            Fault("garbage-body", size=chance.randint(0, 2000)),
            Fault("cut", when="after"),
            Fault("cut", when="after", after=after),
            Fault("status", code=500, when="after"),
        ]
    return chance.choice(choices)


class FaultBook:
    """Which fault a request or connection meets. The same seed and the same order of requests give the same faults."""

    def __init__(self, seed, log=None):
        self.seed, self.log = seed, log
        self.armed, self.probability, self.denials = [], 0.0, True
        self.number = 0
        self.seen, self.made = {}, {}
        self.begin = time.monotonic()

    def arm(self, fault):
        self.armed.append([fault, fault.skip, fault.times])

    def clear(self):
        self.armed, self.probability = [], 0.0

    def pick(self, stage):
        """(a source of chance of its own, the fault or None)."""
        self.number += 1
        self.seen[stage] = self.seen.get(stage, 0) + 1
        chance = random.Random(f"{self.seed}/{self.number}")
        fault = self._armed(stage)
        if fault is None and chance.random() < self.probability:
            fault = any_fault(chance, stage, self.denials)
        if fault is not None:
            fault = fault.settle(chance)
        return chance, fault

    def _armed(self, stage):
        for entry in self.armed:
            fault, skip, times = entry
            if fault.at not in ("any", stage) or times == 0:
                continue
            if skip > 0:
                entry[1] -= 1
                continue
            if times is not None:
                entry[2] -= 1
            return fault
        return None

    def note(self, event, **more):
        """One line of the log; what has happened, not what is going to."""
        if event == "fault":
            self.made[more["fault"]] = self.made.get(more["fault"], 0) + 1
        if self.log is not None:
            self.log.write(json.dumps({"at": round(time.monotonic() - self.begin, 3), "event": event, **more}) + "\n")
            self.log.flush()
