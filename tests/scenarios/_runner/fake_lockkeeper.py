#!/usr/bin/env python3
"""Stands in for the program when the runner itself is tested: bumps v1.31.4 in clusters/dev1.yaml to v1.31.7 from 08:00
on, and misbehaves in the way that LK_FAKE_BREAKS names.
"""
import json
import pathlib
import subprocess
import sys
from datetime import datetime, timezone

BREAKS = "@BREAKS@"
FILE, STATUS = "clusters/dev1.yaml", "status/default/up.yaml"
OLD, NEW = "v1.31.4", "v1.31.7"
STATUS_TEXT = """apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: up, namespace: default}
status:
  state: finished
  clusters:
  - name: dev1
    state: finished
    message: "said: \\"done\\""
"""

place, now, words = sys.argv[2], sys.argv[4], sys.argv[5:]
seconds = int(datetime.strptime(now, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp())


def git(*arguments, stdin=None):
    return subprocess.run(["git", *arguments], cwd=place, input=stdin, check=True, capture_output=True, text=True).stdout


head = git("rev-parse", "main").strip()
text = git("cat-file", "blob", f"main:{FILE}")
open_ = int(now[11:13]) >= 8
seen = pathlib.Path(words[words.index("--observed") + 1]).read_text() if "--observed" in words else ""
waits = f"version: {OLD}" in text
due = waits and open_


def plan():
    wake = None if not waits or open_ else now[:11] + "08:00:00Z"
    if BREAKS == "wakes_late" and wake:
        wake = now[:11] + "09:00:00Z"
    if BREAKS == "wakes_for_nothing" and wake:
        wake = now[:11] + "07:00:00Z"
    if BREAKS == "never_wakes":
        wake = None
    action = "bump" if due else "wait" if waits else "finish"
    if BREAKS == "plan_hides_the_bump" and due:
        action = "wait"
    reason = "window" if waits and not open_ else ""
    decision = {"upgrade": "default/up", "cluster": "dev1", "stage": "", "from": OLD, "to": NEW, "hop": NEW,
                "action": action, "reason": reason, "until": wake,
                "gates": [{"gate": "window", "verdict": "wait" if reason else "pass", "until": wake, "message": "m" + seen}]}
    answer = {"commit": head, "at": now, "nextWake": wake, "decisions": [decision]}
    if BREAKS == "two_plans_differ":
        answer["serial"] = datetime.now().timestamp()
    if BREAKS == "no_next_wake":
        del answer["nextWake"]
    print(json.dumps(answer))


def commit(message, files):
    person = f"Fleet Bot <bot@example.com> {seconds} +0000"
    author = person.replace("Bot", "Bat") if BREAKS == "other_author" else person
    out = f"commit refs/heads/main\nauthor {author}\ncommitter {person}\ndata {len(message.encode())}\n{message}\nfrom {head}\n"
    for path, body in files.items():
        out += f"M 100644 inline {path}\ndata {len(body.encode())}\n{body}\n"
    git("fast-import", "--quiet", "--force", stdin=out)


def once():
    if BREAKS == "fails":
        sys.exit("fatal: no")
    if due or (BREAKS == "never_settles" and open_):
        at = now.replace("Z", "+00:00") if BREAKS == "wrong_instant" else now
        on = "0" * 40 if BREAKS == "wrong_base" else head
        bump = f"Lockkeeper-Upgrade: default/up\nLockkeeper-Bump: dev1 {OLD} -> {NEW}\n" if BREAKS != "no_bump_trailer" else ""
        new = text.replace(f"version: {OLD}", f"version: {NEW}")
        new = new.replace("name: dev1", "name:  dev1") if BREAKS == "touches_another_line" else new
        new = new.replace("# mine\n", "") if BREAKS == "loses_a_line" else new
        files = {FILE: new, STATUS: STATUS_TEXT + f"    decidedOn: {now}\n"}
        if BREAKS == "no_record":
            del files[STATUS]
        if BREAKS == "adds_a_file":
            files["clusters/new.yaml"] = "a: b\n"
        if BREAKS == "makes_an_unrecorded_manifest":
            files["upgrades/generated/new.yaml"] = "a: b\n"
        commit(f"Upgrade dev1 from {OLD} to {NEW}\n\nBody.\n\n{bump}Lockkeeper-Decided-At: {at}\nLockkeeper-Decided-On: {on}\n",
               files)
    if BREAKS == "leaves_a_file":
        pathlib.Path("left.txt").write_text("x")
    if BREAKS == "damages_the_repository":
        git("hash-object", "-w", "--literally", "-t", "tree", "--stdin", stdin="no tree")
        git("update-ref", "refs/heads/odd", git("mktree", stdin="").strip())
    new = git("rev-parse", "main").strip()
    pushed = [{"ref": "refs/heads/main", "old": head, "new": new}] if new != head and BREAKS != "hides_the_push" else []
    print(json.dumps({"commit": head, "pushed": pushed, "bumps": [], "retries": 0, "seen": seen}))


if words[0] == "plan":
    plan()
elif words[0] == "once":
    once()
elif words[0] == "audit":
    found = [{"commit": head, "code": "not-allowed", "message": "made up"}] if BREAKS.startswith("audit_") else []
    print(json.dumps({"violations": found}))
    sys.exit(1 if found and BREAKS != "audit_ends_well" else 0)
elif words[0] == "status" and BREAKS == "rebuild_differs":
    commit("Rebuild", {STATUS: STATUS_TEXT + f"    decidedOn: {head}\n"})
