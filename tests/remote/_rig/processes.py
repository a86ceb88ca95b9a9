"""Children that do not outlive us, and waiting with a deadline."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

SKIPPED = 77
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
STOP_SECONDS = 5.0
PORT_ATTEMPTS = 8

libc = ctypes.CDLL(None, use_errno=True)


class Missing(Exception):
    """A program that the rig needs is not on this machine."""


class RigError(Exception):
    """A server did not come up; the message holds what it said."""


def find_program(name, package, extra=()):
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *extra]))
    if not found:
        raise Missing(f"{name} is missing; install {package}")
    return found


def adopt_orphans():
    """Grandchildren whose parent ends become ours: sessions of sshd are found and ended so."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent():
    """For preexec_fn: the child gets SIGTERM also when this program is killed without a chance to clean up."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def children(pid):
    """The children of a process at this moment."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The name in brackets may hold anything; what follows the last bracket is state and parent.
            parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue
        if int(parent) == pid:
            found.append(int(entry.name))
    return found


def descendants(pid):
    found, todo = [], [pid]
    while todo:
        more = children(todo.pop())
        found += more
        todo += more
    return found


def end_descendants(seconds=STOP_SECONDS):
    """Ends all processes below this one: politely, then at the deadline by SIGKILL."""
    deadline = time.monotonic() + seconds
    sent = set()
    while True:
        reap()
        alive = descendants(os.getpid())
        if not alive:
            return
        late = time.monotonic() > deadline
        for pid in alive:
            if late or pid not in sent:
                sent.add(pid)
                try:
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
                except ProcessLookupError:
                    pass
        time.sleep(0.01)


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def free_port():
    """Was free a moment ago; who binds it must be ready to lose it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until(ready, what, seconds, process=None, log=None):
    """Asks `ready` again and again; RigError when the process ends or the time does."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while True:
        answer = ready()
        if answer:
            return answer
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:] if log is not None and log.exists() else ""
            why = f"ended with code {process.returncode}" if ended else f"not after {seconds:g} seconds"
            raise RigError(f"{what}: {why}\n{said}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def run(*command, **options):
    """For the small programs that make keys and certificates."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, check=False, **options)
    if done.returncode != 0:
        raise RigError(f"{' '.join(map(str, command))}: exit code {done.returncode}: {done.stdout.decode(errors='replace')}")
    return done.stdout
