"""Reads a status file (SPEC 5) line by line: its form is stable, and that is part of the promise."""
import json
import re

LINE = re.compile(r"^(  |  - |    )([A-Za-z]+): (.*)$")


class StatusError(Exception):
    """The file is not written as SPEC 5 shows it."""


def scalar(text):
    if len(text) > 1 and text[0] == text[-1] == '"':
        return json.loads(text)
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def read_status(text):
    """({field: text} of the upgrade, {cluster: {field: text}})"""
    lines = text.split("\n")
    if lines[:2] != ["apiVersion: lockkeeper.dev/v1alpha1", "kind: ClusterUpgrade"] or "status:" not in lines:
        raise StatusError("a status file begins with apiVersion, kind, metadata, status")
    upgrade, clusters, current = {}, {}, None
    for line in lines[lines.index("status:") + 1:]:
        if line in ("", "  clusters:", "  clusters: []"):
            continue
        match = LINE.match(line)
        if not match:
            raise StatusError(f"this line is not in the form of a status file: {line}")
        indent, key, value = match.groups()
        if indent == "  - ":
            current = clusters.setdefault(scalar(value), {})
        elif indent == "  ":
            upgrade[key] = scalar(value)
        elif current is None:
            raise StatusError(f"a line before the first cluster: {line}")
        else:
            current[key] = scalar(value)
    return upgrade, clusters
