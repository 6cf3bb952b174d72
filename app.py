"""Entry of the app, `streamlit run app.py`: warm-up, own routes and headers around pages/contents.py."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pages.parts import live, share
from pages.parts.bundles import Bundles, front_end
from pages.parts.headers import Guard
from pages.parts.warm import Rest, freeze, take_turns, warm_up
from stage import component


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    take_turns()
    # The server answers nothing, health included, before this is done: no visitor waits for what a page opens on.
    await to_thread.run_sync(warm_up)
    freeze()
    rest.start()
    yield
    rest.stop()


async def ready(_request: Request) -> Response:
    """200 once everything that a link leads to is computed, 503 before: for whoever sends a whole class here."""
    done = rest.done.is_set()
    return PlainTextResponse("ready" if done else "warming up", 200 if done else 503)


rest = Rest()


# The script lies below this file because Streamlit makes its older kind of menu of a folder `pages` beside its script,
# and shows that one on a first visit by deep link.
app = st.App(
    Path(__file__).parent / "pages" / "contents.py",
    lifespan=lifespan,
    routes=[Route("/ready", ready), *live.routes(), *share.routes(), *component.routes()],
    middleware=[Middleware(Guard), Middleware(Bundles, files=front_end() | component.files())],
)
