"""The outermost layer of the server: what every answer says to browsers, and what is not answered at all."""

import base64
import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path

import streamlit as st
from cachetools import LRUCache
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EMBEDDERS = "FRAME_ANCESTORS"
"""Set in the environment, it names the sites that may show the app in a frame, as in a Content-Security-Policy."""
CLOSED = re.compile(r"/_stcore/(metrics|agent)(/|$)")
"""Routes of Streamlit that are not for visitors, wherever the app is mounted."""
UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/")
UPLOADS = 20
"""Files that one visit may send: Streamlit keeps each of them until its session ends, whether a page asked or not."""
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@lru_cache(maxsize=1)
def policy() -> str:
    """The Content-Security-Policy of every answer."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in INLINE.findall(page)]
    own = " ".join(f"'sha256-{digest}'" for digest in digests)
    allowed = {
        "default-src": "'self'",
        # Streamlit imports a component's loader from a blob, and its protobuf library counts in WebAssembly.
        "script-src": f"'self' blob: 'wasm-unsafe-eval' {own}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'none'",
        "object-src": "'none'",
        "frame-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": os.environ.get(EMBEDDERS) or "*",
    }
    return "; ".join(f"{name} {sources}" for name, sources in allowed.items())


@lru_cache(maxsize=1)
def headers() -> dict[str, str]:
    """What every HTTP answer says."""
    return {
        "Content-Security-Policy": policy(),
        "Permissions-Policy": ", ".join(
            f"{name}=()" for name in ("camera", "geolocation", "microphone", "payment", "usb")
        ),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def own_page(scope: Scope) -> bool:
    """True where a WebSocket is opened by a page of this server, of a listed origin, or by no browser at all.

    Streamlit, asked about a stranger, would look this machine's address up at an outside service, while everyone waits.
    """
    said = Headers(scope=scope)
    origin = said.get("origin")
    if origin is None or not st.get_option("server.enableCORS"):
        return True
    # Browsers let no page choose these, so what a proxy says here is as good as the first.
    hosts = [said.get("host"), said.get("x-forwarded-host")]
    return origin.partition("://")[2] in hosts or origin in st.get_option("server.corsAllowedOrigins")


class Guard:
    """Adds `headers` to every HTTP answer, and refuses closed routes, too many files, and other sites' WebSockets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.sent: LRUCache[str, int] = LRUCache(4096)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers())
            await send(message)

        if scope["type"] == "http":
            await (self._refusal(scope) or self.app)(scope, receive, send_with_headers)
        elif scope["type"] == "websocket" and not own_page(scope):
            # Closed before it is accepted: the client sees 403.
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if CLOSED.search(scope["path"]):
            return PlainTextResponse("Not found", 404)
        upload = UPLOAD.search(scope["path"])
        if upload is None or scope["method"] != "PUT":
            return None
        self.sent[upload[1]] = self.sent.get(upload[1], 0) + 1
        return PlainTextResponse(f"At most {UPLOADS} files a visit.", 429) if self.sent[upload[1]] > UPLOADS else None
