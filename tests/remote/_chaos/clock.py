"""The time of the daemons: a file that is replaced in one step."""
import os
import pathlib
import threading

from _runner.random_fleet import BEGIN
from _runner.world import format_instant


class Clock:
    def __init__(self, file):
        self.file, self.instant, self.lock = pathlib.Path(file), BEGIN, threading.Lock()
        self.set(BEGIN)

    def set(self, instant):
        with self.lock:
            fresh = self.file.with_suffix(".new")
            fresh.write_text(format_instant(instant) + "\n")
            os.replace(fresh, self.file)
            self.instant = instant

    def now(self):
        with self.lock:
            return self.instant

    def text(self):
        return format_instant(self.now())
