#!/usr/bin/env python3
"""Holds `lockkeeper calendar export` against two programs that read calendars and know nothing of lockkeeper.

    readers_test.py ROOT LOCKKEEPER    exit code 77, with a message, where python3-icalendar or python3-vobject is missing
"""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import icalendar
    import vobject
except ImportError as error:
    # Debian's packages are for Debian's own Python, whichever one runs this.
    system = "/usr/bin/python3"
    if os.path.exists(system) and "LK_SYSTEM_PYTHON" not in os.environ:
        os.environ["LK_SYSTEM_PYTHON"] = "tried"
        os.execv(system, [system, "-B", *sys.argv])
    print(f"skipped: {error}; install python3-icalendar and python3-vobject")
    sys.exit(77)

NOW = "2026-03-02T10:00:00Z"
SPAN = ["--from", "2026-03-01T12:00:00Z", "--to", "2026-06-15T03:00:00Z"]
ODD = """apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: odd}
spec:
  timeZone: Asia/Tokyo
  maintenanceWindows:
  - name: 'commas, semicolons; back\\slashes, "quotes" and Größe, 時間, 🎆, long enough that it must be folded more than once'
    startTime: 2026-03-01T22:00:00
    duration: 36h
    recurrence: FREQ=WEEKLY
"""
TASK = """apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceTask
metadata: {name: rotate}
spec:
  startTime: 2026-03-05T09:00:00
  timeZone: Europe/Stockholm
  recurrence: FREQ=MONTHLY
  dueWithin: 14d
  checklist: [create the new key, "deploy; then check", delete the old key]
"""


def utc(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)


class Export(unittest.TestCase):
    root = None
    program = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.repository = pathlib.Path(cls.folder.name) / "fleet"
        shutil.copytree(cls.root / "examples/demo-fleet", cls.repository)
        (cls.repository / "upgrades/odd.yaml").write_text(ODD, encoding="utf-8")
        (cls.repository / "upgrades/task.yaml").write_text(TASK, encoding="utf-8")
        git = ["git", "-C", str(cls.repository), "-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "fleet"], check=True)
        cls.bytes = cls.run_program("calendar", "export", *SPAN)
        cls.events = icalendar.Calendar.from_ical(cls.bytes).walk("VEVENT")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_program(cls, *arguments):
        command = [cls.program, "--repo", str(cls.repository), "--now", NOW, *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def of_kind(self, kind):
        return [event for event in self.events if str(event["UID"]).startswith(kind + "/")]

    def test_form(self):
        lines = self.bytes.split(b"\r\n")
        self.assertEqual(lines[-1], b"")
        for line in lines:
            self.assertLessEqual(len(line), 75)
            self.assertNotIn(b"\n", line)
        self.assertEqual(self.bytes, self.run_program("calendar", "export", *SPAN), "equal input, equal bytes")

    def test_names(self):
        uids = [str(event["UID"]) for event in self.events]
        self.assertEqual(len(uids), len(set(uids)))
        for event in self.events:
            self.assertEqual(event["DTSTAMP"].dt, utc(NOW))

    def test_windows(self):
        begin, end = utc(SPAN[1]), utc(SPAN[3])
        expected = set()
        for schedule in json.loads(self.run_program("windows", *SPAN, "-o", "json"))["schedules"]:
            expected |= {(schedule["schedule"], utc(a), utc(b)) for a, b in schedule["open"]}
        self.assertGreater(len(expected), 100)
        found = set()
        for event in self.of_kind("window"):
            schedule = str(event["UID"]).split("/", 1)[1].rsplit("/", 1)[0]
            found.add((schedule, max(event["DTSTART"].dt, begin), min(event["DTEND"].dt, end)))
        self.assertEqual(found, expected)

    def test_bumps(self):
        expected = set()
        for decision in json.loads(self.run_program("plan", "-o", "json"))["decisions"]:
            until = NOW if decision["action"] == "bump" else decision["until"] if decision["action"] == "wait" else ""
            if until and utc(SPAN[1]) <= utc(until) < utc(SPAN[3]):
                expected.add((decision["cluster"], utc(until)))
        self.assertGreater(len(expected), 3)
        self.assertEqual({(str(e["SUMMARY"]).split()[1], e["DTSTART"].dt) for e in self.of_kind("bump")}, expected)

    def test_tasks(self):
        due = [event["DTSTART"].dt for event in self.of_kind("task")]
        # Nine on the wall of Stockholm, before and after the clock changes.
        self.assertEqual(due, [utc(t) for t in ("2026-03-05T08:00:00Z", "2026-04-05T07:00:00Z", "2026-05-05T07:00:00Z",
                                                "2026-06-05T07:00:00Z")])
        self.assertTrue(str(self.of_kind("task")[0]["DESCRIPTION"]).endswith("\n- deploy; then check\n- delete the old key"))

    def test_texts_survive(self):
        name = 'commas, semicolons; back\\slashes, "quotes" and Größe, 時間, 🎆, long enough that it must be folded more than once'
        odd = [event for event in self.of_kind("window") if "default/odd" in event["UID"]]
        self.assertEqual({str(event["SUMMARY"]) for event in odd}, {f"Maintenance window {name} of default/odd"})

    def test_the_other_reader_agrees(self):
        calendar = vobject.readOne(self.bytes.decode("utf-8"))
        calendar.validate(raiseException=True)
        other = {e.uid.value: (e.dtstart.value, e.summary.value) for e in calendar.vevent_list}
        self.assertEqual(other, {str(e["UID"]): (e["DTSTART"].dt, str(e["SUMMARY"])) for e in self.events})

    def test_parts(self):
        for part in ("windows", "bumps", "tasks"):
            text = self.run_program("calendar", "export", *SPAN, "--what", part)
            kinds = {str(e["UID"]).split("/")[0] for e in icalendar.Calendar.from_ical(text).walk("VEVENT")}
            self.assertEqual(kinds, {part[:-1]})


if __name__ == "__main__":
    Export.root = pathlib.Path(sys.argv[1]).resolve()
    Export.program = str(pathlib.Path(sys.argv[2]).resolve())
    unittest.main(argv=sys.argv[:1])
