"""Processes of the app on this machine, each at an address that it keeps when it is killed and started again."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from tests.browser.harness import ROOT, START, free_port, healthy

SECRET = "the same for all: one process signs what a browser brings to another"


@dataclass
class Replica:
    """One process of the app, started as the image starts it."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it without waiting."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        environment = {
            "STREAMLIT_SERVER_COOKIE_SECRET": SECRET,
            # What nobody here asks for is not computed: five starts would take minutes.
            "WARM_UP_OPENINGS_ONLY": "1",
            "NPROC": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> float:
        """Seconds until it answers; ``RuntimeError`` with what it said where it ends before."""
        begin = time.monotonic()
        while not healthy(f"http://{self.place}"):
            if self.process is None or self.process.poll() is not None or time.monotonic() - begin > START:
                self.log.seek(0)
                raise RuntimeError(f"a process of the app did not start:\n{self.log.read().decode(errors='replace')}")
            time.sleep(0.1)
        return time.monotonic() - begin

    def stop(self, *, kill: bool = False) -> None:
        """Ends it as a container's engine does, or with `kill` as a machine that loses its power."""
        if self.process is None:
            return
        if not kill:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                kill = True
        if kill:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def replicas(count: int) -> Iterator[Sequence[Replica]]:
    """That many processes, once all of them answer."""
    started = [Replica() for _ in range(count)]
    try:
        for replica in started:
            replica.start()
        for replica in started:
            replica.wait()
        yield started
    finally:
        for replica in started:
            replica.stop()
            replica.log.close()
