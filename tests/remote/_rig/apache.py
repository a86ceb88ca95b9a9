"""apache2 with git-http-backend, everything of it in one temp folder."""
import base64
import glob
import hashlib
import http.client
import os
import pathlib
import secrets
import ssl
import subprocess

from .certificates import Authority
from .processes import PORT_ATTEMPTS, Missing, RigError, die_with_parent, find_program, free_port, run, wait_until

START_SECONDS = 30
MODULE_FOLDERS = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"]
MODULES = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "alias", "env", "setenvif",
           "cgid", "socache_shmcb"]

CONFIG = """
ServerName localhost
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
LogLevel warn
LogFormat "%m %U%q %>s %{{Authorization}}i" authorization
CustomLog {folder}/access.log authorization
ScriptSock {folder}/cgid.sock
Listen 127.0.0.1:{port}
KeepAlive On
Timeout 60
GracefulShutdownTimeout 1
ServerLimit 2
StartServers 1
ThreadsPerChild 32
MaxRequestWorkers 64
<Directory />
  Require all denied
</Directory>

SetEnv GIT_PROJECT_ROOT {root}
SetEnv GIT_HTTP_EXPORT_ALL 1
SetEnv GIT_CONFIG_NOSYSTEM 1
SetEnv HOME {folder}
SetEnvIf Git-Protocol ".*" GIT_PROTOCOL=$0
Alias /{nonce} {folder}/ready.txt
Redirect 302 /moved {scheme}://127.0.0.1:{port}
Redirect 302 /elsewhere {scheme}://localhost:{port}
ScriptAlias / {backend}/
<Location />
  {require}
</Location>
<Location /{nonce}>
  AuthMerging Off
  Require all granted
</Location>
{tls}
"""

TLS = """
SSLEngine on
SSLSessionCache none
SSLCertificateFile {server.certificate}
SSLCertificateKeyFile {server.key}
"""
CLIENT_TLS = """
SSLCACertificateFile {clients.certificate}
SSLVerifyClient require
"""


def drop_root():
    """apache2 refuses to serve as root. What root may read and write in the repositories, it must be able to as nobody."""
    if os.geteuid() != 0:
        return []
    setpriv = find_program("setpriv", "util-linux")
    powers = "+dac_override,+fowner"
    return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={powers}", f"--ambient-caps={powers}",
            # access(2), which git asks, forgets the capabilities of other users than root without this.
            "--securebits=+no_setuid_fixup",
            "--pdeathsig=TERM"]  # the change of user has cleared it


def modules(tls):
    for folder in MODULE_FOLDERS:
        if (pathlib.Path(folder) / "mod_cgid.so").exists():
            wanted = MODULES + (["ssl"] if tls else [])
            # A few are compiled into some builds of the server.
            return "".join(f"LoadModule {name}_module {folder}/mod_{name}.so\n" for name in wanted
                           if (pathlib.Path(folder) / f"mod_{name}.so").exists())
    raise Missing("mod_cgid of apache2 is missing; install apache2-bin")


class Apache:
    """Serves the bare repositories below `root` as /NAME.git. `/moved/NAME.git` redirects to the same host, `/elsewhere/` to
    the same server by its other name."""

    def __init__(self, folder, root, options):
        self.folder, self.root, self.options = folder, pathlib.Path(root).resolve(), options
        self.program = find_program("apache2", "apache2-bin")
        self.backend = pathlib.Path(run(find_program("git", "git"), "--exec-path").decode().strip())
        if not (self.backend / "git-http-backend").exists():
            raise Missing("git-http-backend is missing; install git")
        self.scheme = "https" if options.tls else "http"
        self.nonce = secrets.token_hex(16)
        self.process, self.port, self.answer = None, None, {}

    def start(self):
        folder = self.folder
        (folder / "ready.txt").write_text(self.nonce)
        (folder / ".gitconfig").write_text("[http]\n\treceivepack = true\n[safe]\n\tdirectory = *\n")
        if os.geteuid() == 0:
            os.chmod(folder, 0o755)
            os.chown(folder, 65534, 65534)
        tls = self._make_certificates() if self.options.tls else ""
        require = self._make_access()
        for attempt in range(PORT_ATTEMPTS):
            self.port = self.options.port or free_port()
            backend = self.backend / "git-http-backend"
            (folder / "apache.conf").write_text(modules(self.options.tls) + CONFIG.format(
                folder=folder, port=self.port, root=self.root, backend=backend, nonce=self.nonce, scheme=self.scheme,
                require=require, tls=tls))
            try:
                self._run()
                break
            except RigError as error:
                if self.options.port or attempt + 1 == PORT_ATTEMPTS or "could not bind" not in str(error):
                    raise
        url = f"{self.scheme}://127.0.0.1:{self.port}"
        return {"url": url, "port": self.port, "access_log": str(folder / "access.log"),
                "error_log": str(folder / "error.log"), **self.answer}

    def set_password(self, password):
        """From the next request on; apache2 reads the file each time."""
        digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
        self._replace("passwords", f"{self.options.user}:{{SHA}}{digest}\n")

    def set_bearer(self, token):
        self._replace("bearer", f"Bearer {token}")

    def _replace(self, name, text):
        fresh = self.folder / f"{name}.new"
        fresh.write_text(text)
        os.replace(fresh, self.folder / name)

    def _make_access(self):
        # Without valid-user a wrong token would be answered by 403 and not by 401.
        options, ways = self.options, ["Require valid-user"]
        if options.user:
            self.set_password(read_secret(options.password_file))
            self.answer["user"] = options.user
        if options.bearer_file:
            self.set_bearer(read_secret(options.bearer_file))
            ways.append(f"Require expr \"%{{HTTP:Authorization}} == file('{self.folder}/bearer')\"")
        for header in options.header:
            name, _, value = header.partition(":")
            ways.append(f"Require expr \"%{{HTTP:{name.strip()}}} == '{value.strip()}'\"")
        if not (options.user or options.bearer_file or options.header):
            return "Require all granted"
        if not (self.folder / "passwords").exists():
            (self.folder / "passwords").write_text("")
        return "\n  ".join(["AuthType Basic", 'AuthName "lockkeeper test"', f"AuthUserFile {self.folder}/passwords",
                            "<RequireAny>", *ways, "</RequireAny>"])

    def _make_certificates(self):
        openssl = find_program("openssl", "openssl")
        authority = Authority(openssl, self.folder, "ca")
        server = authority.issue("server", self.options.san or ["IP:127.0.0.1", "DNS:localhost"])
        self.answer["ca_file"] = str(authority.own.certificate)
        text = TLS.format(server=server)
        if self.options.client_certificate:
            clients = Authority(openssl, self.folder, "client-ca")
            client = clients.issue("client", usage="clientAuth")
            self.answer |= {"client_certificate_file": str(client.certificate), "client_key_file": str(client.key)}
            text += CLIENT_TLS.format(clients=clients.own)
        # The keys are those of a test; apache2 as nobody must read them, and the client as well.
        for key in glob.glob(str(self.folder / "*.key")):
            if os.geteuid() == 0:
                os.chown(key, 65534, 65534)
        return text

    def _run(self):
        log = self.folder / "console.log"
        with open(log, "wb") as console:
            self.process = subprocess.Popen(
                [*drop_root(), self.program, "-f", self.folder / "apache.conf", "-DFOREGROUND"], stdin=subprocess.DEVNULL,
                stdout=console, stderr=console, preexec_fn=die_with_parent, start_new_session=True)
        wait_until(self._answers, "apache2", START_SECONDS, self.process, log)

    def _answers(self):
        """Only our server knows the nonce; another program may have taken the port."""
        context = None
        if self.options.tls:
            context = ssl.create_default_context(cafile=self.answer["ca_file"])
            context.check_hostname = False
            if "client_key_file" in self.answer:
                context.load_cert_chain(self.answer["client_certificate_file"], self.answer["client_key_file"])
            link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=context)
        else:
            link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", f"/{self.nonce}")
            return link.getresponse().read().decode() == self.nonce
        except (OSError, http.client.HTTPException, UnicodeDecodeError):
            return False
        finally:
            link.close()


def read_secret(file):
    return pathlib.Path(file).read_text().rstrip("\r\n")
