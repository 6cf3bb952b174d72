"""The Chromium that the browser tests drive: the one on the machine, the system's package, or Playwright's own.

Run as a module it makes sure that there is one, and fails where it cannot.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHT = [sys.executable, "-m", "playwright"]


def works(command: list[str], quiet: bool = False) -> bool:
    """True where `command` can be started and exits with 0."""
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode == 0
    except OSError:
        return False


def find() -> str | None:
    """Path of a Chromium; the variable CHROMIUM overrides the search. None where there is none."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    # Ubuntu's /usr/bin/chromium-browser may be a stub that only says how to install the real one: ask each to run.
    for path in filter(None, map(shutil.which, NAMES)):
        if works([path, "--version"], quiet=True):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> str:
    """Path of a Chromium, installed now if there was none; exits with a message where that fails."""
    apt = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None
    # Playwright carries a Node.js of its own, which a minimal Debian or Ubuntu lacks a library for.
    if not works([*PLAYWRIGHT, "--version"], quiet=True) and not (apt and apt_install("libatomic1")):
        sys.exit("Playwright does not start. On Debian or Ubuntu: sudo apt-get install libatomic1")
    if not find() and apt:
        apt_install("chromium", "fonts-liberation")
    if not find():
        works([*PLAYWRIGHT, "install", *(["--with-deps"] if apt else []), "chromium"])
    found = find()
    if not found:
        sys.exit("The browser tests need Chromium, and none could be installed: set CHROMIUM to the path of one.")
    return found


def apt_install(*packages: str) -> bool:
    """True where the system's packages could be installed."""
    works(["apt-get", "update", "-qq"])
    return works(
        [
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            *packages,
        ]
    )


if __name__ == "__main__":
    print(f"Chromium: {install()}")
