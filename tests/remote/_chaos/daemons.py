"""lockkeeper at work on the remote, so that it can be killed at any moment and started again."""
import pathlib
import signal
import subprocess
import threading

# What must never stand in a log, whatever server and disk do.
BAD_WORDS = ("internal error", "terminate called", "Sanitizer", "assertion", "LK_ASSERT", "Segmentation")


class OnceDaemon(threading.Thread):
    """Passes of `lockkeeper once`, one after the other, each as a process of its own."""

    def __init__(self, name, program, repository, folder, clock):
        super().__init__(name=name, daemon=True)
        self.program, self.repository, self.clock = program, repository, clock
        self.log = pathlib.Path(folder) / f"{name}.log"
        self.stopped, self.lock = threading.Event(), threading.Lock()
        self.process, self.kills, self.passes, self.refused = None, 0, 0, 0
        self.passed_at = None  # the instant of the last pass that went well
        self.broken = None

    def run(self):
        while not self.stopped.is_set():
            now = self.clock.text()
            with open(self.log, "ab") as log, self.lock:
                self.process = subprocess.Popen([self.program, "--repo", self.repository, "--now", now, "once"],
                                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                                                start_new_session=True)
            code = self.process.wait()
            if code == 0:
                self.passes += 1
                self.passed_at = now
            elif code == -signal.SIGKILL:
                self.kills += 1
            else:
                self.refused += 1
                self.broken = f"{self.name}: killed by signal {-code}" if code < 0 else self.broken
            self.stopped.wait(0.02)

    def kill(self):
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()

    def has_passed(self, now):
        return self.passed_at == now

    def alive(self):
        return self.is_alive() and self.broken is None

    def stop(self):
        self.stopped.set()
        self.join(timeout=120)

    def complaints(self):
        if self.broken:
            yield self.broken
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        for line in text.splitlines():
            if any(word.lower() in line.lower() for word in BAD_WORDS):
                yield f"{self.name} logged: {line[:500]}"
