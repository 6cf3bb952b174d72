"""Entry of the app, `streamlit run app.py`: warm-up, own routes and headers around pages/contents.py."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.parts import live
from pages.parts.warm import Rest, warm_up
from stage import component

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


class SecurityHeaders:
    """Adds `HEADERS` to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    # The server answers nothing, health included, before this is done: no visitor waits for what a page opens on.
    await to_thread.run_sync(warm_up)
    # What start-up made lives as long as the server: frozen, it is never walked again by a collection.
    gc.collect()
    gc.freeze()
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
    routes=[Route("/ready", ready), *live.routes(), *component.routes()],
    middleware=[Middleware(SecurityHeaders)],
)
