"""Files of code, compressed once for everyone: a class that opens a link asks for the same megabytes all at once."""

import gzip
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from landscapes.shared import shared
from stage.component import FOR_EVER

TEXTS = {".css", ".js", ".json", ".svg", ".txt", ".wasm"}
"""Kinds of files that get smaller."""
KEPT = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
FRONT_END = Path(st.__file__).parent / "static" / "static"


@shared(mebibytes=32)
def _packed(file: Path, _changed: str) -> bytes:
    return gzip.compress(file.read_bytes(), 6, mtime=0)


def front_end() -> dict[str, Path]:
    """Streamlit's own files, by address: it sends them as they are, three times as many bytes."""
    files = (file for file in FRONT_END.rglob("*") if file.is_file())
    return {f"/static/{file.relative_to(FRONT_END).as_posix()}": file for file in files}


class Bundles:
    """Answers for `files`, by address, whose content never changes, to whoever takes gzip; others are not its matter.

    Streamlit's compression would do the same work for every visitor, on the loop that all answers come from.
    """

    def __init__(self, app: ASGIApp, files: dict[str, Path]) -> None:
        self.app = app
        self.files = {address: file for address, file in files.items() if file.suffix in TEXTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self.files.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        asked = Headers(scope=scope) if file else Headers()
        if file is None or "gzip" not in asked.get("accept-encoding", "") or "range" in asked:
            return await self.app(scope, receive, send)
        plain = FileResponse(file, stat_result=file.stat())
        plain.headers.update(KEPT | {"ETag": f"W/{plain.headers['etag']}"})
        if plain.headers["etag"].removeprefix("W/") in asked.get("if-none-match", ""):
            return await NotModifiedResponse(plain.headers)(scope, receive, send)
        data = await to_thread.run_sync(_packed, file, plain.headers["last-modified"])
        told = {name: plain.headers[name] for name in (*KEPT, "content-type", "etag", "last-modified")}
        await Response(data, headers=told | {"Content-Encoding": "gzip"})(scope, receive, send)
