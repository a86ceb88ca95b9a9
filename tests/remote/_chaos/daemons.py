"""lockkeeper at work on the remote, so that it can be killed at any moment and started again."""
import json
import pathlib
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass

from _rig.processes import die_with_parent

# What must never stand in a log, whatever server and disk do.
BAD_WORDS = ("internal error", "terminate called", "Sanitizer", "assertion", "LK_ASSERT", "Segmentation")
POLL_INTERVAL = "1s"
STOP_SECONDS = 60


@dataclass(frozen=True)
class Pass:
    commit: str  # that it read
    wrote: bool
    wake: str    # an instant, or "none": nothing changes by time alone before it


class Daemon:
    """What both kinds have in common: a log, and counts."""

    def __init__(self, name, program, repository, folder, clock):
        self.name, self.program, self.repository, self.clock = name, program, repository, clock
        self.folder, self.log = pathlib.Path(folder), pathlib.Path(folder) / f"{name}.log"
        self.lock, self.process = threading.Lock(), None
        self.kills, self.passes, self.refused = 0, 0, 0
        self.last, self.broken = None, None

    def kill(self):
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()

    def knows(self, now):
        """Whether its last pass holds for this instant."""
        last = self.last
        return last is not None and (last.wake == "none" or last.wake > now)

    def at_rest(self, tip, now):
        """It has looked at what the branch says now, and found nothing to do."""
        last = self.last
        return self.knows(now) and last.commit == tip and not last.wrote

    def complaints(self):
        if self.broken:
            yield self.broken
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        for line in text.splitlines():
            if any(word.lower() in line.lower() for word in BAD_WORDS):
                yield f"{self.name} logged: {line[:500]}"


class OnceDaemon(Daemon):
    """Passes of `lockkeeper once`, one after the other, each as a process of its own."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name=self.name, daemon=True)

    def start(self):
        self.thread.start()

    def run(self):
        while not self.stopped.is_set():
            now = self.clock.text()
            with open(self.log, "ab") as log, self.lock:
                self.process = subprocess.Popen([self.program, "--repo", self.repository, "--now", now, "once", "-o", "json"],
                                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
            said = self.process.communicate()[0]
            code = self.process.returncode
            if code == 0:
                answer = json.loads(said)
                self.passes += 1
                # It says nothing of the next wake, so it holds for its own instant alone.
                self.last = Pass(answer["commit"], bool(answer["pushed"]), now + "+")
            elif code == -signal.SIGKILL:
                self.kills += 1
            else:
                self.refused += 1
                self.broken = f"{self.name}: killed by signal {-code}" if code < 0 else self.broken
            self.stopped.wait(0.02)

    def answers(self, path):
        return 200  # there is no server to ask

    def stop(self):
        self.stopped.set()
        self.thread.join(timeout=STOP_SECONDS)


class RunDaemon(Daemon):
    """`lockkeeper run`, started again when it was killed. Its log, of JSON lines, says what it does."""

    def __init__(self, *arguments, options=()):
        super().__init__(*arguments)
        self.options, self.stopping, self.killed = list(options), False, False
        self.threads, self.address = [], None

    def start(self):
        command = [self.program, "--repo", self.repository, "--log-level", "debug", "--log-format", "json", *self.options, "run",
                   "--clock", str(self.clock.file), "--poll-interval", POLL_INTERVAL, "--listen", "127.0.0.1:0"]
        with self.lock:
            self.last, self.killed = None, False
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                            text=True, errors="replace", preexec_fn=die_with_parent)
            self.threads.append(threading.Thread(target=self.read, args=(self.process,), daemon=True))
            self.threads[-1].start()

    def read(self, process):
        with open(self.log, "a", encoding="utf-8") as log:
            for line in process.stderr:
                log.write(line)
                log.flush()
                self.take_in(line)
        code = process.wait()
        if code == -signal.SIGKILL and self.killed:
            self.kills += 1
        elif not (self.stopping and code == 0):
            self.broken = f"{self.name} ended by itself, with code {code}"

    def take_in(self, line):
        try:
            event = json.loads(line)
        except ValueError:
            self.broken = f"{self.name} logged a line that is no JSON: {line[:500]}"
            return
        if event.get("message") == "started":
            self.address = event["listen"]
        elif event.get("message") == "pass done":
            self.passes += 1
            self.last = Pass(event["commit"], event["commits"] != "0", event["next_wake"])
        elif event.get("message") == "pass failed":
            self.refused += 1

    def kill(self):
        self.killed = True
        super().kill()
        self.threads[-1].join(timeout=STOP_SECONDS)
        self.start()

    def answers(self, path):
        """The status that its own HTTP server gives."""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError as error:
            return str(error)

    def stop(self):
        self.stopping = True
        with self.lock:
            if self.process.poll() is None:
                self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.broken = f"{self.name} did not end within {STOP_SECONDS} seconds of SIGTERM"
            self.process.kill()
        for thread in self.threads:
            thread.join(timeout=STOP_SECONDS)
