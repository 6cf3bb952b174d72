"""Files of code are compressed once, whoever asks."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.parts import bundles
from pages.parts.bundles import FRONT_END, TEXTS, Bundles, front_end
from stage.component import PLOTLY, files


async def within(_request: object) -> PlainTextResponse:
    return PlainTextResponse("as it is")


EVERY = front_end() | files()
APP = Starlette(routes=[Route("/{path:path}", within)], middleware=[Middleware(Bundles, files=EVERY)])
CLIENT = TestClient(APP)
LARGEST = max((address for address in front_end() if address.endswith(".js")), key=lambda a: EVERY[a].stat().st_size)


def test_every_file_of_code_is_packed_and_what_is_packed_is_the_file() -> None:
    code = [address for address, file in EVERY.items() if file.suffix in TEXTS]
    assert {Path(address).suffix for address in code} >= {".js", ".css"} and len(code) > 100
    sent = whole = 0
    for address in code:
        answer = CLIENT.get(address, headers={"accept-encoding": "gzip, br"})
        assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["cache-control"]
        kind = answer.headers["content-type"].split(";")[0]
        assert kind in ("text/javascript", "text/css", "application/wasm", "image/svg+xml"), address
        assert answer.content == EVERY[address].read_bytes()
        sent, whole = sent + int(answer.headers["content-length"]), whole + len(answer.content)
    assert sent < 0.4 * whole


def test_a_class_has_each_file_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []
    compress = gzip.compress

    def listening(data: bytes, level: int, *, mtime: float) -> bytes:
        packed.append(len(data))
        return compress(data, level, mtime=mtime)

    monkeypatch.setattr(bundles.gzip, "compress", listening)
    bundles._packed.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: CLIENT.get(LARGEST, headers={"accept-encoding": "gzip"}), range(24)))
    assert {answer.status_code for answer in answers} == {200} and packed == [EVERY[LARGEST].stat().st_size]


def test_who_knows_a_file_is_not_sent_it_again() -> None:
    first = CLIENT.get(LARGEST, headers={"accept-encoding": "gzip"})
    again = CLIENT.get(LARGEST, headers={"accept-encoding": "gzip", "if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    other = CLIENT.get(LARGEST, headers={"accept-encoding": "gzip", "if-none-match": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (LARGEST, {"accept-encoding": "identity"}),
        (LARGEST, {"accept-encoding": "gzip", "range": "bytes=0-9"}),
        ("/static/js/../../../app.py", {"accept-encoding": "gzip"}),
        ("/static/js/nothing.js", {"accept-encoding": "gzip"}),
        ("/convexity", {"accept-encoding": "gzip"}),
    ],
)
def test_everything_else_is_left_to_the_server(address: str, headers: dict[str, str]) -> None:
    assert CLIENT.get(address, headers=headers).text == "as it is"


def test_pictures_and_fonts_are_small_already() -> None:
    fonts = [f"/static/{file.relative_to(FRONT_END).as_posix()}" for file in FRONT_END.rglob("*.woff2")]
    assert fonts and CLIENT.get(fonts[0], headers={"accept-encoding": "gzip"}).text == "as it is"
    assert PLOTLY in files().values()
