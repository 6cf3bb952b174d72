"""Makes the pictures of the documentation from the running app: `make pictures`."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from pages.parts.lesson import lessons
from tests.browser.harness import READY, chromium, ready, serve

FOLDER = Path(__file__).parent / "pictures"
RACE = "?optimizers=gd+momentum+adam+jacobi+newton&rates=tuned&learning_rate=0.0198&step=14&angle=20"
PICTURES = {
    "ill_conditioning": ("/ill_conditioning", (1280, 1180), "light"),
    "convexity": ("/convexity", (1280, 1420), "light"),
    "local_minima": ("/local_minima?step=200", (1280, 1060), "light"),
    "saddles": (
        "/saddles?optimizers=gd+momentum+adam+saddle_free_newton&rates=same&step=60",
        (1280, 1060),
        "dark",
    ),
    "cliffs": ("/cliffs?step=60", (1280, 1060), "light"),
    "long_term": ("/long_term", (1280, 1060), "light"),
    "noisy_gradients": ("/noisy_gradients?step=100", (1280, 1060), "dark"),
    "local_global": ("/local_global?show=final+critical&step=500", (1280, 1060), "light"),
    "high_dimensions": ("/high_dimensions", (1280, 1060), "light"),
    "networks": ("/networks", (1280, 1180), "light"),
    "limits": ("/limits", (1280, 1060), "light"),
    "playground": (
        "/playground?surface=%3Dx%5E2%2B2*y%5E2%2Ba*sin(3*x)*cos(2*y)&optimizers=gd+adam&step=200",
        (1280, 1400),
        "light",
    ),
    "race_dark": (f"/ill_conditioning{RACE}", (1280, 1180), "dark"),
    "phone": ("/ill_conditioning?learning_rate=0.0198&step=30", (390, 844), "light"),
}


def take(browser: Browser, address: str, name: str) -> None:
    """One picture, in a context of its own."""
    path, (width, height), scheme = PICTURES[name]
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address + path)
    expect(page.locator("[data-test-script-state=notRunning] h1")).to_be_visible(timeout=READY)
    # The stage comes after the server has said all, later on a busy machine.
    if path.strip("/").partition("?")[0] in lessons():
        ready(page)
    # Fonts and the relief's first frame come a moment after the stage says that it is ready.
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with serve() as address, chromium() as browser:
        for name in PICTURES:
            take(browser, address, name)


if __name__ == "__main__":
    main()
