"""A page of the app as Streamlit runs it for a test, without a browser."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

CONTENTS = Path(__file__).parents[2] / "pages" / "contents.py"


def opened(page: str, /, **query: str) -> AppTest:
    """The page of that key after its first run, under an address."""
    app = AppTest.from_file(str(CONTENTS), default_timeout=120)
    app.switch_page(f"{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()
