#!/usr/bin/env python3
"""Whether the .deb of a build holds what it must, and goes in, over an older one, and out again as it should.

    package_test.py ROOT BUILD    exit code 77, with a message, where dpkg-shlibdeps is missing

LK_PACKAGE names a .deb to look at in place of one that is made here.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

EXPOSURE_MAX = 2.0
FILES = {
    "/usr/bin/lockkeeper": "-rwxr-xr-x",
    "/usr/lib/systemd/system/lockkeeper.service": "-rw-r--r--",
    "/usr/share/man/man1/lockkeeper.1.gz": "-rw-r--r--",
    "/usr/share/bash-completion/completions/lockkeeper": "-rw-r--r--",
    "/usr/share/zsh/vendor-completions/_lockkeeper": "-rw-r--r--",
    "/usr/share/fish/vendor_completions.d/lockkeeper.fish": "-rw-r--r--",
    "/usr/share/doc/lockkeeper/copyright": "-rw-r--r--",
    "/usr/share/doc/lockkeeper/changelog.gz": "-rw-r--r--",
    "/usr/share/doc/lockkeeper/commands.md": "-rw-r--r--",
    "/usr/share/doc/lockkeeper/examples/kubernetes/lockkeeper.yaml": "-rw-r--r--",
    "/usr/share/doc/lockkeeper/examples/demo-fleet/lockkeeper.yaml": "-rw-r--r--",
    "/etc/lockkeeper/lockkeeper.conf": "-rw-r--r--",
    "/etc/lockkeeper/credentials/": "drwx------",
}


def run(*command, ok=True, **options):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, check=False, **options)
    if ok and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


class Package(unittest.TestCase):
    root, build = None, None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="lk-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.deb = os.environ.get("LK_PACKAGE")
        if not cls.deb:
            run("cpack", "-G", "DEB", "--config", cls.build / "CPackConfig.cmake", "-B", cls.folder / "cpack", cwd=cls.folder)
            cls.deb, = (cls.folder / "cpack").glob("*.deb")
        cls.unpacked = cls.folder / "unpacked"
        run("dpkg-deb", "-R", cls.deb, cls.unpacked)

    def control(self, field):
        return run("dpkg-deb", "-f", self.deb, field).strip()

    def test_fields(self):
        depends = self.control("Depends")
        for name in ("libc6", "libgit2-1.5", "libssl3", "tzdata"):
            self.assertRegex(depends, rf"(^|, ){re.escape(name)}($|,| )")
        self.assertEqual(self.control("Recommends"), "ca-certificates, openssh-client, gnupg")
        version = re.search(r"project\(lockkeeper VERSION (\S+)", (self.root / "CMakeLists.txt").read_text())[1]
        self.assertEqual(self.control("Version"), version)

    def test_files(self):
        there = {}
        for line in run("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner, _, _, _, path = line.split(None, 5)
            there[path.removeprefix(".").split(" -> ")[0]] = mode
            self.assertEqual(owner, "root/root", line)
            self.assertNotRegex(mode[5:], "w", f"others may write: {line}")
            self.assertRegex(path, r"^\./($|etc/|usr/)")
        for path, mode in FILES.items():
            self.assertEqual(there.get(path), mode, path)

    def test_program(self):
        program = self.unpacked / "usr/bin/lockkeeper"
        self.assertIn("lockkeeper " + self.control("Version"), run(program, "version"))
        self.assertNotIn(str(self.root), run("readelf", "-d", program) if shutil.which("readelf") else "")
        for script in ("postinst", "prerm", "postrm"):
            run("sh", "-n", self.unpacked / "DEBIAN" / script)
        completion = self.unpacked / "usr/share/bash-completion/completions/lockkeeper"
        self.assertIn("complete", completion.read_text())
        run("bash", "-n", completion)

    @unittest.skipUnless(shutil.which("groff"), "groff is missing")
    def test_manual(self):
        page = run("gzip", "-dc", self.unpacked / "usr/share/man/man1/lockkeeper.1.gz")
        file = self.folder / "lockkeeper.1"
        file.write_text(page)
        self.assertEqual(run("groff", "-man", "-Tascii", "-ww", "-z", file), "")

    @unittest.skipUnless(shutil.which("lintian"), "lintian is missing")
    def test_lintian(self):
        self.assertEqual(run("lintian", "--allow-root", "--fail-on", "none", "--tag-display-limit", "0", self.deb), "")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is missing")
    def test_unit(self):
        unit = self.root / "packaging/systemd/lockkeeper.service"
        said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
        exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])
        self.assertLess(exposure, EXPOSURE_MAX, said)
        # Where the program is not installed, another one stands for it, and nothing for the manual.
        text = unit.read_text().replace("/usr/bin/lockkeeper", str(self.unpacked / "usr/bin/lockkeeper"))
        copy = self.folder / "lockkeeper.service"
        copy.write_text(re.sub("^Documentation=.*\n", "", text, flags=re.M))
        self.assertEqual(run("systemd-analyze", "verify", "--man=no", copy), "")

    def dpkg(self, *arguments, ok=True):
        """On a root folder of its own; what the scripts do there they do below DPKG_ROOT."""
        return run("dpkg", f"--root={self.target}", "--force-script-chrootless", "--force-not-root", "--force-depends",
                   "--force-confold", f"--log={self.folder}/dpkg.log", *arguments, ok=ok)

    @unittest.skipUnless(shutil.which("dpkg") and shutil.which("ldconfig", path="/sbin:/usr/sbin"), "not on Debian")
    def test_in_and_out(self):
        self.target = self.folder / "target"
        for part in ("info", "updates", "triggers"):
            (self.target / "var/lib/dpkg" / part).mkdir(parents=True)
        (self.target / "var/lib/dpkg/status").touch()
        self.dpkg("--install", self.deb)
        self.assertIn("Status: install ok installed", self.dpkg("--status", "lockkeeper"))
        run(self.target / "usr/bin/lockkeeper", "version")
        conf = self.target / "etc/lockkeeper/lockkeeper.conf"
        conf.write_text('repo = "mine"\n')
        secret = self.target / "etc/lockkeeper/credentials/token"
        secret.write_text("secret\n")
        self.dpkg("--install", self.deb)
        self.assertEqual(conf.read_text(), 'repo = "mine"\n')
        cache = self.target / "var/cache/private/lockkeeper"
        cache.mkdir(parents=True)
        (self.target / "var/cache/lockkeeper").symlink_to("private/lockkeeper")
        self.dpkg("--remove", "lockkeeper")
        self.assertFalse((self.target / "usr/bin/lockkeeper").exists())
        self.assertTrue(conf.exists() and cache.exists())
        self.dpkg("--purge", "lockkeeper")
        self.assertFalse(conf.exists() or cache.exists() or (self.target / "var/cache/lockkeeper").is_symlink())
        self.assertEqual(secret.read_text(), "secret\n")

    def accepted(self, text):
        file = self.folder / "tried.conf"
        # Its repository and folders are those of another machine.
        (self.folder / "cache").mkdir(exist_ok=True)
        file.write_text(re.sub('^cache = .*', f'cache = "{self.folder}/cache"', text, flags=re.M))
        return run(self.unpacked / "usr/bin/lockkeeper", "--config", file, "run", "--check", ok=False)

    def test_configuration(self):
        """Every line that is commented out is one that the program takes, and all of them together."""
        text = (self.unpacked / "etc/lockkeeper/lockkeeper.conf").read_text()
        filled = re.sub(r"^#([a-z\[])", r"\1", text, flags=re.M)
        self.assertGreater(filled.count("\n[run]\n") + filled.count(" = "), 20)
        self.assertEqual(self.accepted(filled), "")
        self.assertIn("tokken-file", self.accepted(filled.replace("token-file", "tokken-file", 1)))
        manifest = (self.root / "packaging/kubernetes/lockkeeper.yaml").read_text()
        inside = manifest.split("lockkeeper.conf: |\n", 1)[1].split("---", 1)[0]
        self.assertEqual(self.accepted(re.sub("^    ", "", inside, flags=re.M)), "")

    def test_kubernetes(self):
        """Our own parsers read it, and find what must stand where."""
        file = self.root / "packaging/kubernetes/lockkeeper.yaml"
        inside = "spec.template.spec.containers.[name=lockkeeper]"
        for path, old, new in [
            ("spec.replicas", "replicas: 1", "3"),
            ("spec.template.spec.securityContext.runAsNonRoot", "runAsNonRoot: true", "false"),
            (f"{inside}.securityContext.readOnlyRootFilesystem", "readOnlyRootFilesystem: true", "false"),
            (f"{inside}.securityContext.allowPrivilegeEscalation", "allowPrivilegeEscalation: false", "true"),
            (f"{inside}.readinessProbe.httpGet.path", "readinessProbe:\n          httpGet: {path: /readyz", "/"),
            (f"{inside}.livenessProbe.httpGet.path", "livenessProbe:\n          httpGet: {path: /healthz", "/"),
        ]:
            with self.subTest(path=path):
                edited = run(self.unpacked / "usr/bin/lockkeeper", "edit", file, "--document", "1", path, new)
                self.assertEqual(edited, file.read_text().replace(old, old.rsplit(" ", 1)[0] + " " + new, 1))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if not shutil.which("dpkg-shlibdeps"):
        print("skipped: dpkg-shlibdeps is missing; install dpkg-dev")
        sys.exit(77)
    Package.root, Package.build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])


if __name__ == "__main__":
    main()
