#!/usr/bin/env python3
"""Whether fault_proxy.py does the harm it promises, and no other: the real git, through it, to apache2 and sshd."""
import json
import pathlib
import random
import socket
import subprocess
import sys
import time
import unittest
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from _rig.faults import STAGES, FaultBook, any_fault, read_fault  # noqa: E402
from _rig.git_case import GitCase, main  # noqa: E402
from _rig.processes import RigError, wait_until  # noqa: E402
from fault_proxy import proxying  # noqa: E402
from serve import serving  # noqa: E402

FETCH, PUSH = ("fetch-refs", "fetch-pack"), ("push-refs", "push-pack")
# git takes refs whose answer ended in its head for those of a server without smart protocol, and is content.
PACKS = ("fetch-pack", "push-pack")


@dataclass
class Row:
    name: str
    fault: dict
    says: str  # git's words, at any of the stages
    arrives: bool = False  # whether what was pushed is there all the same
    stages: tuple = FETCH + PUSH


HTTP_ROWS = [
    Row("cut_at_once", {"name": "cut"}, "Empty reply|RPC failed|unexpected disconnect"),
    Row("cut_by_reset", {"name": "cut", "reset": True}, "reset by peer|RPC failed|Recv failure"),
    Row("cut_in_the_head", {"name": "cut", "after": 60}, "RPC failed|unable to access|hung up|transfer closed",
        stages=("fetch-pack",)),
    Row("cut_upwards", {"name": "cut", "direction": "up", "after": 50}, "Empty reply|RPC failed|unexpected disconnect"),
    Row("stall", {"name": "stall", "seconds": 0.3}, "Empty reply|RPC failed"),
    Row("stall_upwards", {"name": "stall", "direction": "up", "after": 100, "seconds": 0.3}, "Empty reply|RPC failed"),
    Row("deaf", {"name": "deaf", "direction": "up", "seconds": 0.3}, "Empty reply|RPC failed|Recv failure|reset by peer"),
    Row("garbage", {"name": "garbage"}, "Received HTTP/0.9|RPC failed|unable to access"),
    Row("garbage_body", {"name": "garbage-body"}, "bad line length|invalid|protocol error|not a git|expected flush|mismatch"),
    Row("401", {"name": "status", "code": 401}, "could not read Username|RPC failed; HTTP 401|Authentication"),
    Row("403", {"name": "status", "code": 403}, "403"),
    Row("404", {"name": "status", "code": 404}, "not found|404"),
    Row("429", {"name": "status", "code": 429, "retry_after": 7}, "429"),
    Row("500", {"name": "status", "code": 500}, "500"),
    Row("502", {"name": "status", "code": 502}, "502"),
    Row("500_after", {"name": "status", "code": 500, "when": "after"}, "500", arrives=True),
    Row("lost_answer", {"name": "cut", "when": "after"}, "Empty reply|RPC failed", arrives=True),
    Row("half_an_answer", {"name": "cut", "when": "after", "after": 30}, "RPC failed|hung up|transfer closed|invalid",
        arrives=True, stages=PACKS),
    Row("answer_that_never_comes", {"name": "stall", "when": "after", "seconds": 0.3}, "Empty reply|RPC failed", arrives=True),
]


class Http(GitCase):
    def setUp(self):
        super().setUp()
        server = self.enterContext(serving("http", str(self.root)))
        self.log = self.folder / "proxy.log"
        self.proxy = self.enterContext(proxying("http", server["port"], "--log", str(self.log)))
        self.url = f"{self.proxy.url}/fleet.git"

    def events(self, event):
        return [line for line in map(json.loads, self.log.read_text().splitlines()) if line["event"] == event]

    def test_harmless_without_a_fault(self):
        self.git("clone", "-q", self.url, self.folder / "clone")
        new = self.commit("clone")
        self.git("-C", self.folder / "clone", "push", "-q", "origin", "HEAD:main")
        self.assertEqual(self.tip(), new)
        self.assertEqual({event["stage"] for event in self.events("request")}, set(FETCH + PUSH))
        self.assertEqual(self.proxy.tell(count=True)["made"], {})

    def test_large_bodies_pass(self):
        """A pack larger than git's buffer is sent in chunks; what comes back is many reads."""
        self.git("clone", "-q", self.url, self.folder / "clone")
        (self.folder / "clone" / "noise").write_bytes(random.Random(1).randbytes(3_000_000))
        self.git("-C", self.folder / "clone", "add", "noise")
        new = self.commit("clone")
        self.git("-C", self.folder / "clone", "push", "-q", "origin", "HEAD:main")
        self.assertEqual(self.tip(), new)
        self.git("clone", "-q", self.url, self.folder / "again")
        self.assertEqual((self.folder / "again" / "noise").stat().st_size, 3_000_000)

    def test_each_fault_at_each_stage(self):
        self.git("clone", "-q", self.url, self.folder / "clone")
        for row in HTTP_ROWS:
            for stage in row.stages:
                with self.subTest(row=row.name, stage=stage):
                    self.commit("seed" if stage in FETCH else "clone")
                    self.run_one(row, stage)

    def run_one(self, row, stage):
        before = self.tip()
        clone = self.folder / "clone"
        # In the first version of the protocol a fetch is one request for the refs and one for the pack.
        verbs = ["fetch", "-q", "origin"] if stage in FETCH else ["push", "-q", "origin", "HEAD:main"]
        if stage in FETCH:
            self.git("-C", self.folder / "seed", "push", "-q", "-f", self.root / "fleet.git", "HEAD:main")
            before = self.tip()
        else:
            self.git("-C", clone, "fetch", "-q", "origin")
            self.git("-C", clone, "rebase", "-q", "origin/main")
        # Twice, since libcurl asks again by itself where a connection that it had already used ends without a word.
        self.proxy.arm(at=stage, times=2, **row.fault)
        self.assertRegex(self.git("-C", clone, "-c", "protocol.version=0", *verbs, ok=False), row.says)
        arrived = stage == "push-pack" and row.arrives
        self.assertEqual(self.tip() != before, arrived)
        fault = self.events("fault")[-1]
        self.assertEqual((fault["fault"], fault["stage"]), (row.fault["name"], stage))
        # The next one goes through. It may have nothing to do.
        self.proxy.tell(clear=True)
        self.git("-C", clone, *verbs)
        self.assertEqual(self.tip() == before, stage in FETCH)

    def test_head_of_429(self):
        self.proxy.arm("status", at="fetch-refs", code=429, retry_after=17)
        with socket.create_connection(("127.0.0.1", self.proxy.port)) as link:
            link.sendall(b"GET /fleet.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertRegex(link.makefile("rb").read(), rb"(?s)^HTTP/1.1 429 .*\r\nRetry-After: 17\r\n")

    def test_slow(self):
        self.git("-C", self.folder / "seed", "push", "-q", self.root / "fleet.git", "HEAD:refs/heads/other")
        self.proxy.arm("slow", at="fetch-refs", rate=1000)
        begin = time.monotonic()
        said = self.git("-c", "protocol.version=0", "ls-remote", self.url)
        # Every answer of apache2 has a head of more than 300 bytes.
        self.assertGreater(time.monotonic() - begin, 0.3)
        self.assertIn("refs/heads/other", said)

    def test_flip(self):
        """Every bit of the pack counts, so git must notice; and the log names the bit."""
        (self.folder / "seed" / "noise").write_bytes(random.Random(2).randbytes(50_000))
        self.git("-C", self.folder / "seed", "add", "noise")
        self.commit("seed")
        self.git("-C", self.folder / "seed", "push", "-q", "origin", "HEAD:main")
        self.proxy.arm("flip", at="fetch-pack", after=30_000)
        self.git("-c", "protocol.version=0", "clone", "-q", self.url, self.folder / "clone", ok=False)
        self.assertEqual(self.events("fault")[-1]["bytes"], 30_000)

    def test_skip_and_always(self):
        self.proxy.arm("status", at="fetch-refs", code=500, skip=1, times=None)
        self.git("ls-remote", self.url)
        for _ in range(3):
            self.git("ls-remote", self.url, ok=False)
        self.proxy.tell(clear=True)
        self.git("ls-remote", self.url)

    def test_refuse_and_return(self):
        for _ in range(2):
            self.proxy.tell(refuse=True)
            self.assertIn("Failed to connect", self.git("ls-remote", self.url, ok=False))
            self.proxy.tell(refuse=False)
            self.git("ls-remote", self.url)

    def test_drop(self):
        self.proxy.arm("stall", at="fetch-refs")
        git = subprocess.Popen(["git", "ls-remote", self.url], env=self.environment, stderr=subprocess.PIPE)
        self.addCleanup(git.stderr.close)
        self.addCleanup(git.kill)
        wait_until(lambda: self.proxy.tell(count=True)["made"].get("stall"), "the stall", 20)
        self.proxy.tell(drop=True)
        self.assertNotEqual(git.wait(timeout=20), 0)
        wait_until(lambda: self.proxy.tell(count=True)["open"] == 0, "the end of the connections", 20)

    def test_server_away(self):
        self.proxy.tell(to="127.0.0.1:1")
        self.assertIn("502", self.git("ls-remote", self.url, ok=False))

    def test_forward_proxy(self):
        with serving("http", str(self.root)) as other:
            self.assertIn("main", self.git("-c", f"http.proxy={self.proxy.url}", "ls-remote", f"{other['url']}/fleet.git"))
        with serving("http", str(self.root), "--tls") as other:
            config = ["-c", f"http.proxy={self.proxy.url}", "-c", f"http.sslCAInfo={other['ca_file']}"]
            self.assertIn("main", self.git(*config, "ls-remote", f"{other['url']}/fleet.git"))
            self.proxy.arm("cut", at="connect", after=200)
            self.git(*config, "ls-remote", f"{other['url']}/fleet.git", ok=False)

    def test_chaos_comes_through_in_the_end(self):
        self.git("clone", "-q", self.url, self.folder / "clone")
        new = self.commit("clone")
        self.proxy.tell(chaos=0.5)
        attempts = 0
        while self.tip() != new:
            attempts += 1
            self.assertLess(attempts, 60)
            subprocess.run(["git", "-C", self.folder / "clone", "push", "-q", "origin", "HEAD:main"], env=self.environment,
                           stderr=subprocess.DEVNULL, timeout=60, check=False)
        self.proxy.tell(chaos=0)
        self.git("ls-remote", self.url)

    def test_misuse(self):
        for what in ({"arm": {"name": "fire"}}, {"arm": {"name": "cut", "at": "pull"}}, {"arm": {"name": "slow"}},
                     {"arm": {"name": "cut", "where": "x"}}, {"arm": {"name": "deaf"}}, {"stop": True},
                     {"arm": {"name": "flip", "when": "after"}}, {"arm": {"name": "status"}}):
            with self.subTest(what=what), self.assertRaises(RigError):
                self.proxy.tell(**what)


class Ssh(GitCase):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(serving("ssh", str(self.root)))
        self.proxy = self.enterContext(proxying("tcp", self.server["port"]))
        self.use_ssh(self.server)
        self.environment["GIT_SSH_COMMAND"] += f" -o HostKeyAlias=[127.0.0.1]:{self.server['port']}"
        self.url = f"ssh://{self.server['user']}@127.0.0.1:{self.proxy.port}/fleet.git"

    def test_faults(self):
        rows = [
            ({"name": "cut"}, "closed|reset"), ({"name": "cut", "after": 1500}, "closed|reset"),
            ({"name": "cut", "direction": "up", "after": 2500}, "closed|reset"),
            ({"name": "stall", "seconds": 0.3}, "closed|reset"),
            ({"name": "stall", "after": 2000, "seconds": 0.3}, "closed|reset"),
            ({"name": "garbage", "size": 5000}, "banner|closed|reset|protocol|identification"),
            ({"name": "flip", "after": 300}, "."),
        ]
        self.git("ls-remote", self.url)
        for fault, says in rows:
            with self.subTest(fault=fault):
                self.proxy.arm(**fault)
                self.assertRegex(self.git("ls-remote", self.url, ok=False), says)
                self.assertEqual(self.proxy.tell(count=True)["made"].get(fault["name"]) is not None, True)
                self.git("ls-remote", self.url)

    def test_refuse_and_slow(self):
        self.proxy.tell(refuse=True)
        self.assertIn("refused", self.git("ls-remote", self.url, ok=False))
        self.proxy.tell(refuse=False)
        self.proxy.arm("slow", rate=8000)
        self.git("ls-remote", self.url)

    def test_misuse(self):
        with self.assertRaises(RigError):
            self.proxy.arm("status", code=500)


class Seed(unittest.TestCase):
    def picks(self, seed):
        book = FaultBook(seed)
        book.probability = 0.5
        return [book.pick(stage)[1] for stage in STAGES for _ in range(200)]

    def test_same_seed_same_faults(self):
        self.assertEqual(self.picks(7), self.picks(7))
        self.assertNotEqual(self.picks(7), self.picks(8))
        share = sum(fault is not None for fault in self.picks(7)) / len(self.picks(7))
        self.assertTrue(0.4 < share < 0.6)

    def test_what_it_makes_up_could_be_armed(self):
        for number in range(2000):
            chance = random.Random(number)
            for stage in STAGES:
                fault = any_fault(chance, stage)
                self.assertIsNone(fault.check(), fault)
                self.assertFalse(fault.name in ("stall", "deaf") and fault.seconds is None, fault)

    def test_without_denials(self):
        codes = {any_fault(random.Random(number), "fetch-refs", denials=False).code for number in range(2000)}
        self.assertEqual(codes, {0, 429, 500, 502, 503})

    def test_ranges_are_settled(self):
        fault = read_fault({"name": "cut", "after": [10, 20]}).settle(random.Random(1))
        self.assertTrue(10 <= fault.after <= 20)


if __name__ == "__main__":
    main()
