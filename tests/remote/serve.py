#!/usr/bin/env python3
"""Serves the bare Git repositories of a folder with real servers on loopback, for tests.

    serve.py http --root DIR [--tls] [--user NAME --password-file F] [--bearer-file F] [--header 'NAME: VALUE'] ...
    serve.py ssh --root DIR

Prints one line of JSON when the server answers, and ends with all its processes and files when stdin closes. Lines of JSON on
stdin change what is asked of clients, {"password": ...} and {"bearer": ...}, each answered by {"done": ...}. Exit code 77, with
a message, where a program is missing.
"""
import argparse
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from _rig.apache import Apache  # noqa: E402
from _rig.openssh import Sshd  # noqa: E402
from _rig.processes import SKIPPED, Missing, RigError, adopt_orphans, end_descendants  # noqa: E402


class Ended(Exception):
    """A signal asked for the end."""


@contextlib.contextmanager
def serving(kind, root, *options):
    """serve.py as a child, for the length of the block. Yields what it printed, with `process` and `tell` in it."""
    command = [sys.executable, "-B", __file__, kind, "--root", root, *options]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        line = child.stdout.readline()
        if not line:
            code = child.wait()
            raise Missing("see the message above") if code == SKIPPED else RigError(f"serve.py {kind}: exit code {code}")

        def tell(**what):
            child.stdin.write(json.dumps(what) + "\n")
            child.stdin.flush()
            answer = child.stdout.readline()
            if not answer:
                raise RigError(f"serve.py {kind} ended on {sorted(what)}")

        yield {**json.loads(line), "process": child, "tell": tell}
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    http = kinds.add_parser("http")
    http.add_argument("--tls", action="store_true", help="with an authority of its own, see ca_file")
    http.add_argument("--san", action="append", help="names of the certificate in place of 127.0.0.1 and localhost: DNS:NAME")
    http.add_argument("--client-certificate", action="store_true", help="demand one; it is made, see client_certificate_file")
    http.add_argument("--user", help="demand this user ...")
    http.add_argument("--password-file", help="... with the password in this file")
    http.add_argument("--bearer-file", help="or this bearer token")
    http.add_argument("--header", action="append", default=[], help="or this header, 'NAME: VALUE'")
    ssh = kinds.add_parser("ssh")
    for kind in (http, ssh):
        kind.add_argument("--root", required=True, help="the folder with the repositories")
        kind.add_argument("--port", type=int, default=0, help="this port, for a server that comes back; default: a free one")
    options = parser.parse_args(arguments)
    if options.kind == "http":
        if bool(options.user) != bool(options.password_file):
            parser.error("--user and --password-file belong together")
        if (options.san or options.client_certificate) and not options.tls:
            parser.error("--san and --client-certificate need --tls")
    return options


def change(server, line):
    what = json.loads(line)
    for key, value in what.items():
        getattr(server, {"password": "set_password", "bearer": "set_bearer"}[key])(value)
    return sorted(what)


def serve(options, folder):
    server = (Apache if options.kind == "http" else Sshd)(folder, options.root, options)
    print(json.dumps(server.start()), flush=True)
    waiting = b""
    # A process that ends makes its pidfd readable, so nothing here has to be asked again and again.
    ended = os.pidfd_open(server.process.pid)
    while True:
        ready, _, _ = select.select([0, ended], [], [])
        if ended in ready:
            logs = [file.read_text(errors="replace")[-1000:] for file in sorted(folder.glob("*.log"))]
            raise RigError(f"the server ended by itself, code {server.process.wait()}:\n" + "\n".join(logs))
        read = os.read(0, 65536)
        if not read:
            return
        *lines, waiting = (waiting + read).split(b"\n")
        for line in lines:
            print(json.dumps({"done": change(server, line)}), flush=True)


def main():
    options = parse(sys.argv[1:])
    if not pathlib.Path(options.root).is_dir():
        print(f"serve.py: {options.root}: no such folder", file=sys.stderr)
        return 2

    def end(number, frame):
        raise Ended

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    adopt_orphans()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lk-serve-"))
    try:
        serve(options, folder)
        return 0
    except Missing as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        return SKIPPED
    except RigError as error:
        print(f"serve.py: {error}", file=sys.stderr)
        return 1
    except Ended:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_descendants()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
