"""A page of the app as Streamlit runs it for a test, without a browser."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

CONTENTS = Path(__file__).parents[2] / "pages" / "contents.py"

# A server looks through all installed packages for components once, when it starts. `AppTest` does it for each app.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def opened(page: str, /, **query: str) -> AppTest:
    """The page of that key after its first run, under an address."""
    app = AppTest.from_file(str(CONTENTS), default_timeout=120)
    app.switch_page(f"{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()
