"""The Dockerfile without Docker: its steps, one after the other, in clean root directories of their own.

`python -m bench.image FOLDER`, as root, on a Debian with debootstrap. The base is Debian 13 with its own Python 3.13
and pip, from debootstrap instead of from a registry; everything after FROM is read from the Dockerfile. The container's
command is then started as its user, until its health check passes and a page comes, and what it wrote is listed.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.harness import ROOT, free_port, healthy

BASE = "python:3.13-slim"
RELEASE = "trixie"
"""Debian's release that has the Python of `BASE`."""
ADDED = "python3,python3-venv,python3-pip,ca-certificates"
HEALTHY = 120.0
"""Seconds that the health check may take to pass."""
MOUNTED = 'mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$@"'
"""For a shell in a mount namespace of its own: the mounts go when it ends."""


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The name and the rest of each instruction of a Dockerfile, comments and line ends taken out."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for one in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, rest = one.partition(" ")
        yield name.upper(), rest.strip()


def context(ignored: str) -> list[str]:
    """Paths that .dockerignore lets in; ``ValueError`` where it does more than shut all out and let some in."""
    rules = [line for line in ignored.splitlines() if line.strip() and not line.startswith("#")]
    if rules[0] != "*" or any(not rule.startswith(("!", "**/__pycache__")) for rule in rules[1:]):
        raise ValueError("this reads a .dockerignore that begins with * and goes on with what is let in")
    return [rule[1:] for rule in rules if rule.startswith("!")]


@dataclass
class Stage:
    """An image that is being made: its root directory, and what its instructions have said."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    folder: str = "/"
    user: str = "0"
    command: list[str] = field(default_factory=list)
    check: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], **environment: str) -> "subprocess.Popen[str]":
        """Starts a command inside, as the user and in the folder of this point."""
        options = [f"--userspec={self.user}:{self.user}", str(self.root), "/bin/sh", "-c", 'cd "$0" && exec "$@"']
        inside = ["unshare", "--mount", "sh", "-c", MOUNTED, str(self.root), *options, self.folder, *command]
        return subprocess.Popen(inside, env=self.environment | environment, text=True, stdin=subprocess.DEVNULL)

    def must(self, command: Sequence[str], **environment: str) -> None:
        """Runs a command inside to its end."""
        if code := self.run(command, **environment).wait():
            raise RuntimeError(f"{shlex.join(command)} ended with {code}")

    def put(self, source: Path, target: str) -> None:
        """Copies a file, or the content of a folder, to a path inside."""
        goal = self.root / (Path(self.folder) / target).relative_to("/")
        if source.is_dir():
            shutil.copytree(
                source, goal, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            goal = goal / source.name if target.endswith("/") else goal
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, goal)


def base(folder: Path) -> Path:
    """The clean root directory that `BASE` stands for; made once."""
    root = folder / "base"
    if not (root / "made").exists():
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={ADDED}", RELEASE, str(root)], check=True)
        for name in ("python", "pip"):
            (root / "usr/local/bin" / name).symlink_to(f"/usr/bin/{name}3")
        for name in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
            shutil.copy(Path("/") / name, root / name)
        (root / "made").touch()
    return root


def build(folder: Path) -> Stage:
    """Carries out every instruction; the last stage."""
    # How this machine reaches its package index is not the image's business, but pip inside has to know.
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for name, rest in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        print(name, rest, flush=True)
        match name:
            case "FROM":
                image, _, called = rest.partition(" AS ")
                if image != BASE:
                    raise ValueError(f"{image} is not {BASE}")
                stage = Stage(folder / (called or "final"))
                shutil.rmtree(stage.root, ignore_errors=True)
                subprocess.run(["cp", "--archive", str(base(folder)), str(stage.root)], check=True)
                stages[called] = stage
            case "ENV":
                said = [one.partition("=") for one in shlex.split(rest)]
                stage.environment |= {key: value.replace("$PATH", stage.environment["PATH"]) for key, _, value in said}
            case "RUN":
                stage.must(["/bin/sh", "-c", rest], **pip)
            case "COPY" if rest.startswith("--from="):
                origin, source, target = rest.removeprefix("--from=").split()
                stage.put(stages[origin].root / source.lstrip("/"), target)
            case "COPY":
                source, target = rest.split()
                let_in = context((ROOT / ".dockerignore").read_text(encoding="utf-8"))
                for one in let_in if source == "." else [source]:
                    stage.put(ROOT / one, f"{target.rstrip('/')}/{one}")
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = rest
            case "HEALTHCHECK":
                stage.check = json.loads(rest.partition("CMD ")[2])
            case "CMD":
                stage.command = json.loads(rest)
            case "EXPOSE":
                pass
            case _:
                raise ValueError(f"{name} is an instruction that this does not know")
    return stage


def start(stage: Stage) -> list[str]:
    """Starts the image's command, waits for its own health check and a page; the files that it wrote."""
    port = str(free_port())
    own = {"STREAMLIT_SERVER_PORT": port, "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    stamp = stage.root / "stamp"
    stamp.touch()
    begin = time.monotonic()
    process = stage.run(stage.command, **own)
    try:
        while stage.run(stage.check, **own).wait():
            if process.poll() is not None or time.monotonic() - begin > HEALTHY:
                raise RuntimeError("the container's health check never passed")
            time.sleep(1)
        print(f"healthy after {time.monotonic() - begin:.1f} s", flush=True)
        if not healthy(f"http://127.0.0.1:{port}", "ill_conditioning"):
            raise RuntimeError("no page came")
    finally:
        process.terminate()
        process.wait(timeout=30)
    listing = ["find", str(stage.root), "-xdev", "-type", "f", "-newer", str(stamp), "-printf", "/%P\n"]
    return sorted(subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.image", description="The Dockerfile's steps in a folder.")
    parser.add_argument("folder", type=Path, help="for the root directories: about three gigabytes")
    folder = parser.parse_args().folder.resolve()
    if os.geteuid() or not shutil.which("debootstrap"):
        print("This needs root, and debootstrap: apt-get install debootstrap.", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    stage = build(folder)
    size = subprocess.run(["du", "-sm", str(stage.root)], capture_output=True, text=True, check=True).stdout.split()[0]
    print(f"{size} MB in {stage.root}")
    written = start(stage)
    outside = [path for path in written if not path.startswith(("/var/cache/jax/", "/tmp/"))]
    print(f"{len(written)} files written, outside of /tmp and /var/cache/jax: {outside}")
    return int(bool(outside))


if __name__ == "__main__":
    sys.exit(main())
