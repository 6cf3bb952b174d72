"""nginx as in deploy/, in front of processes on this machine."""

import getpass
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.harness import ROOT, Process, free_port, running

MISSING = "There is no nginx here. On Debian or Ubuntu: sudo apt-get install nginx-light; on macOS: brew install nginx."
NOTED = re.compile(r'"(\S+) (\S+) [^"]*" (\d+) .* cookie=(\S*) replica=(\S*)$')
"""Method, path, status, the cookie and the process that answered, as deploy/nginx.conf.template has them noted."""


@dataclass(frozen=True)
class Noted:
    """One line of nginx's log: ``by`` is the number of the process that answered, 0 where it was nginx itself."""

    method: str
    path: str
    status: int
    cookie: str
    by: int


@dataclass(frozen=True)
class Front:
    """A running nginx: its address, and what it noted."""

    address: str
    log: Path

    def noted(self) -> list[Noted]:
        """All requests that have ended, in that order."""
        found = []
        for line in self.log.read_text(encoding="utf-8").splitlines():
            # What was no request at all has no method.
            if one := NOTED.search(line):
                method, path, status, cookie, by = one.groups()
                found.append(Noted(method, path.split("?")[0], int(status), cookie.strip("-"), int(by.strip("-") or 0)))
        return found


def program() -> str | None:
    """Path of nginx; None where it is not installed. Debian keeps it where a user's shell does not look."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def configuration(processes: Sequence[str], **environment: str) -> str:
    """What deploy/nginx.sh prints for processes, ``address:port`` each; ``ValueError`` where it refuses."""
    command = ["sh", str(ROOT / "deploy" / "nginx.sh"), *processes]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return done.stdout


@contextmanager
def front(processes: Sequence[str], folder: Path) -> Iterator[Front]:
    """nginx on the loopback interface, in front of processes; all that it writes is in `folder`."""
    nginx = program()
    if nginx is None:
        raise RuntimeError(MISSING)
    address = f"127.0.0.1:{free_port()}"
    log = folder / "access.log"
    written = folder / "nginx.conf"
    written.write_text(configuration(processes, LISTEN=address, FOLDER=str(folder), LOG=str(log)), encoding="utf-8")
    extra = "daemon off;"
    if os.getuid() == 0:
        # As root it would work as a user who may not look into a folder of root's.
        extra += f" user {getpass.getuser()};"
    command = [nginx, "-p", str(folder), "-e", "stderr", "-c", str(written), "-g", extra]
    process = Process(command, f"http://{address}", "nginx-health")
    with running(process):
        yield Front(process.address, log)
