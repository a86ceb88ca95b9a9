"""sshd with its own keys, everything of it in one temp folder."""
import os
import pathlib
import pwd
import secrets
import subprocess

from .processes import PORT_ATTEMPTS, RigError, die_with_parent, find_program, free_port, run, wait_until

START_SECONDS = 30
PRIVILEGE_SEPARATION = pathlib.Path("/run/sshd")  # compiled into sshd

CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM {pam}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
X11Forwarding no
AllowTcpForwarding no
AllowAgentForwarding no
PermitTTY no
PermitUserRC no
PermitUserEnvironment no
PrintMotd no
PrintLastLog no
AcceptEnv GIT_PROTOCOL
MaxStartups 100
LogLevel VERBOSE
ForceCommand {folder}/only-git
"""

# git-shell with the paths counted from the folder that is served, as forges have them: ssh://host/NAME.git.
ONLY_GIT = r"""#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
  ready-{nonce}) echo ready; exit 0 ;;
  git-upload-pack\ *|"git upload-pack "*) service=upload-pack ;;
  git-receive-pack\ *|"git receive-pack "*) service=receive-pack ;;
  *) echo "only git-upload-pack and git-receive-pack are served here" >&2; exit 128 ;;
esac
path=${{SSH_ORIGINAL_COMMAND#*pack }}
path=${{path#\'}}
path=${{path%\'}}
case "$path" in
  *..*|*\'*) echo "no such repository" >&2; exit 128 ;;
esac
export HOME={folder} GIT_CONFIG_NOSYSTEM=1
exec {git} "$service" "{root}/${{path#/}}"
"""


class Sshd:
    """Serves the bare repositories below `root` as ssh://USER@127.0.0.1:PORT/NAME.git."""

    def __init__(self, folder, root, options):
        self.folder, self.root, self.options = folder, pathlib.Path(root).resolve(), options
        self.program = find_program("sshd", "openssh-server")
        self.keygen = find_program("ssh-keygen", "openssh-client")
        self.ssh = find_program("ssh", "openssh-client")
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.nonce = secrets.token_hex(16)
        self.process, self.port = None, None

    def start(self):
        folder = self.folder
        self._make_keys()
        script = folder / "only-git"
        script.write_text(ONLY_GIT.format(nonce=self.nonce, folder=folder, root=self.root, git=find_program("git", "git")))
        script.chmod(0o755)
        (folder / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
        if os.geteuid() == 0:
            # Where sshd has never been run as a service nobody has made it; sshd run as root insists on it.
            PRIVILEGE_SEPARATION.mkdir(mode=0o755, parents=True, exist_ok=True)
        for attempt in range(PORT_ATTEMPTS):
            self.port = self.options.port or free_port()
            (folder / "sshd.conf").write_text(CONFIG.format(folder=folder, port=self.port, pam=self._pam()))
            host_key = (folder / "host_key.pub").read_text().split()
            (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port},[localhost]:{self.port} {' '.join(host_key[:2])}\n")
            try:
                self._run()
                break
            except RigError as error:
                if self.options.port or attempt + 1 == PORT_ATTEMPTS or "Cannot bind" not in str(error):
                    raise
        return {"url": f"ssh://{self.user}@127.0.0.1:{self.port}", "port": self.port, "user": self.user,
                "key_file": str(folder / "key"), "passphrase_key_file": str(folder / "locked_key"),
                "passphrase_file": str(folder / "passphrase"), "known_hosts_file": str(folder / "known_hosts"),
                "wrong_known_hosts_file": str(self._wrong_known_hosts()), "stranger_key_file": str(folder / "stranger_key"),
                "log": str(folder / "sshd.log")}

    def _make_keys(self):
        passphrase = secrets.token_urlsafe(12)
        (self.folder / "passphrase").write_text(passphrase + "\n")
        (self.folder / "passphrase").chmod(0o600)
        for name, secret in [("host_key", ""), ("key", ""), ("locked_key", passphrase), ("stranger_key", "")]:
            run(self.keygen, "-q", "-t", "ed25519", "-N", secret, "-C", f"lockkeeper test {name}", "-f", self.folder / name)
        public = [(self.folder / f"{name}.pub").read_text() for name in ["key", "locked_key"]]
        (self.folder / "authorized_keys").write_text("".join(public))

    def _wrong_known_hosts(self):
        """This host with another key: what a man in the middle looks like."""
        other = (self.folder / "stranger_key.pub").read_text().split()
        file = self.folder / "wrong_known_hosts"
        file.write_text(f"[127.0.0.1]:{self.port},[localhost]:{self.port} {' '.join(other[:2])}\n")
        return file

    def _pam(self):
        """sshd without PAM lets nobody in whose password is locked; PAM asks /etc/shadow in a way of its own."""
        if os.geteuid() != 0:
            return "no"
        lines = pathlib.Path("/etc/shadow").read_text().splitlines()
        return "yes" if any(line.startswith(f"{self.user}:!") for line in lines) else "no"

    def _run(self):
        log = self.folder / "sshd.log"
        with open(log, "wb") as console:
            self.process = subprocess.Popen(
                [self.program, "-D", "-e", "-f", self.folder / "sshd.conf"], stdin=subprocess.DEVNULL, stdout=console,
                stderr=console, preexec_fn=die_with_parent, start_new_session=True)
        wait_until(self._answers, "sshd", START_SECONDS, self.process, log)

    def _answers(self):
        command = [self.ssh, "-F", "/dev/null", "-i", self.folder / "key", "-p", str(self.port), "-o", "BatchMode=yes", "-o",
                   "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={self.folder}/known_hosts", "-o", "GlobalKnownHostsFile=none",
                   "-o", "ConnectTimeout=5", f"{self.user}@127.0.0.1", f"ready-{self.nonce}"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20,
                              check=False)
        return done.stdout.strip() == b"ready"
