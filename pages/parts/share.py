"""The link to what is shown: its text, its code for a class, and which controls it hides."""

from collections.abc import Collection
from functools import lru_cache

import segno
import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.parts.settings import Settings, write
from pages.parts.state import link_to

LONGEST = 2_000
"""Characters of a link that a code may hold; with more it could not be read from a screen."""
HIDEABLE = {
    "links": "the page's links",
    "menus": "menus and forms",
    "sliders": "sliders",
    "text": "title, text and figures",
    "code": "the code",
}
SHEETS = {
    "text": ".stMainBlockContainer :is(h1, [data-testid='stMarkdown'], .stage-narrator, .stage-panels)"
    " { display: none; }",
    "sliders": ".stage-lives { display: none !important; }",
}
EMBEDDED = """
.stMainBlockContainer.stMainBlockContainer { padding: 0.4rem 0.6rem; max-width: none; }
.stage .stage-figure { height: clamp(200px, min(48cqw, 100vh - 340px), 900px); }
.stage-panels { display: none !important; }
"""


@lru_cache(maxsize=256)
def code(link: str) -> str:
    """The QR code of a link as SVG, black on white with the quiet zone around it.

    ``ValueError`` where the link has more than `LONGEST` characters.
    """
    if len(link) > LONGEST:
        raise ValueError(f"a link of {len(link)} characters has no readable code")
    made = segno.make_qr(link, error="m")
    return str(made.svg_inline(scale=8, border=3, dark="#000000", light="#ffffff", omitsize=True))


def routes() -> list[Route]:
    """``/share/code.svg?link=…``: the code of a link, for the stage in full screen."""
    return [Route("/share/code.svg", _answer)]


async def _answer(http: Request) -> Response:
    link = http.query_params.get("link", "")
    if not link.startswith(("http://", "https://")) or len(link) > LONGEST:
        return Response("A link of at most 2,000 characters is wanted.", 400, media_type="text/plain")
    return Response(standing_alone(code(link)), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def standing_alone(svg: str) -> str:
    """An SVG that is made for a page of HTML as a file of its own."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def hidden(settings: Settings) -> Collection[str]:
    """What the address hides. In a frame of someone else's page only the stage is left."""
    chosen = settings.flags("hide", list(HIDEABLE), ())
    return {*chosen, "links", "menus", "text", "code"} if st.context.is_embedded else chosen


def hide(parts: Collection[str]) -> None:
    """Style that takes away what was written before the stage, and parts of the stage."""
    sheets = [SHEETS[part] for part in SHEETS if part in parts]
    if st.context.is_embedded:
        sheets.append(EMBEDDED)
    if sheets:
        st.html(f"<style>{' '.join(sheets)}</style>")


def link() -> str:
    """The link to the state in the address."""
    return link_to(st.context.url or "", st.query_params.to_dict())


def share_menu() -> None:
    """The link, its code, and what it hides."""
    now = link()
    st.caption("All that is shown is in the link: whoever opens it sees the same.")
    st.code(now, language=None, wrap_lines=True)
    if len(now) <= LONGEST:
        st.image(standing_alone(code(now)), width=260, alt="QR code of the link")
    else:
        st.caption("The link is too long for a code.")
    before = [name for name in st.query_params.get("hide", "").split() if name in HIDEABLE]
    st.session_state["share_hide"] = before
    st.pills(
        "Hidden for whoever opens it",
        list(HIDEABLE),
        selection_mode="multi",
        format_func=HIDEABLE.__getitem__,
        key="share_hide",
        on_change=lambda: write({"hide": " ".join(st.session_state["share_hide"]) or None}),
    )
    st.caption("The stage alone, for a frame in slides")
    joined = "&" if "?" in now else "?"
    st.code(f"{now}{joined}embed=true", language=None, wrap_lines=True)


def bring_back(parts: Collection[str]) -> None:
    """A way back from a link that hides controls."""
    if parts and not st.context.is_embedded:
        st.button(
            "Show all controls",
            icon=":material/visibility:",
            type="tertiary",
            key="share_all",
            on_click=lambda: write({"hide": None}),
        )
