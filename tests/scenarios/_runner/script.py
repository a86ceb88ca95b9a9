"""Reads a scenario's `steps`: one step in a line, words as in a shell, texts of several lines as <<END ... END."""
import re
import shlex
from dataclasses import dataclass, field

STEPS_MAX = 500


class ScriptError(Exception):
    """The scenario itself is wrong. Says where."""


@dataclass(frozen=True)
class Step:
    line: int
    words: list = field(default_factory=list)
    text: str | None = None  # what stood between <<END and END

    def fail(self, message):
        raise ScriptError(f"steps:{self.line}: {message}")

    def one_of(self, index, *allowed):
        word = self.words[index] if index < len(self.words) else None
        if word not in allowed:
            self.fail(f"'{word or 'nothing'}' stands where one of {', '.join(allowed)} should")
        return word


def split_words(line, number):
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise ScriptError(f"steps:{number}: {error}") from error


def take_text(lines, position, end, number):
    for last in range(position, len(lines)):
        if lines[last] == end:
            return "".join(line + "\n" for line in lines[position:last]), last + 1
    raise ScriptError(f"steps:{number}: no line '{end}' ends the text that begins here")


def parse(text):
    """The steps in order. A scenario begins with a comment that says what it shows."""
    lines = text.split("\n")
    if not lines[0].startswith("# "):
        raise ScriptError("steps:1: begin with a comment that says what this scenario shows")
    steps, position = [], 0
    while position < len(lines):
        number, line = position + 1, lines[position]
        position += 1
        begin = re.search(r"\s<<([A-Z]+)\s*$", line)
        words = split_words(line[: begin.start()] if begin else line, number)
        body = None
        if begin:
            body, position = take_text(lines, position, begin.group(1), number)
        if words:
            steps.append(Step(number, words, body))
    if not steps:
        raise ScriptError("steps: a comment alone is no scenario")
    if len(steps) > STEPS_MAX:
        raise ScriptError(f"steps: {len(steps)} steps; {STEPS_MAX} are the limit")
    return steps


COMPARISON = re.compile(r"^([A-Za-z][\w.-]*)(>=|<=|!=|=|~)(.*)$", re.S)


@dataclass(frozen=True)
class Comparison:
    """key=value, key!=value, key>=value, key<=value, key~part; a missing value is the empty text."""
    key: str
    operator: str
    value: str

    def holds(self, actual):
        return {
            "=": actual == self.value,
            "!=": actual != self.value,
            "~": self.value in actual,
            ">=": actual != "" and actual >= self.value,
            "<=": actual != "" and actual <= self.value,
        }[self.operator]

    def __str__(self):
        return f"{self.key}{self.operator}{self.value}"


def comparisons(step, first):
    found = []
    for word in step.words[first:]:
        match = COMPARISON.match(word)
        if not match:
            step.fail(f"'{word}' is no comparison; write key=value, !=, >=, <= or ~")
        found.append(Comparison(*match.groups()))
    if not found:
        step.fail("nothing is compared")
    return found
