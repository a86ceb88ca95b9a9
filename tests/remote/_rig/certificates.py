"""A throw-away certificate authority, and certificates of it."""
from dataclasses import dataclass
import pathlib

from .processes import run


@dataclass(frozen=True)
class Certificate:
    certificate: pathlib.Path
    key: pathlib.Path


class Authority:
    def __init__(self, openssl, folder, name):
        self.openssl, self.folder, self.name = openssl, folder, name
        self.own = self._request(name, [])
        self._sign(self.own, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n", ["-signkey", self.own.key])

    def issue(self, name, alternatives=(), usage="serverAuth"):
        issued = self._request(name, [])
        extensions = f"basicConstraints=CA:FALSE\nextendedKeyUsage={usage}\n"
        if alternatives:
            extensions += f"subjectAltName={','.join(alternatives)}\n"
        self._sign(issued, extensions, ["-CA", self.own.certificate, "-CAkey", self.own.key, "-CAcreateserial"])
        return issued

    def _request(self, name, extra):
        made = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        run(self.openssl, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", made.key)
        run(self.openssl, "req", "-new", "-key", made.key, "-subj", f"/CN=lockkeeper test {name}", "-out",
            self.folder / f"{name}.csr", *extra)
        return made

    def _sign(self, made, extensions, signer):
        file = made.certificate.with_suffix(".ext")
        file.write_text(extensions)
        run(self.openssl, "x509", "-req", "-in", made.certificate.with_suffix(".csr"), *signer, "-days", "2", "-extfile", file,
            "-out", made.certificate)
