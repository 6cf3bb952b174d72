"""The tools below the race: one at a time is shown, and only that one is computed."""

from collections.abc import Mapping

import streamlit as st

from pages.parts import basin_maps, many_starts, one_update, two_numbers
from pages.parts.course import Sheet
from pages.parts.lesson import Reading
from pages.parts.menus import bound
from pages.parts.settings import Settings
from pages.parts.tool import Tool

TOOLS: Mapping[str, tuple[str, Tool]] = {
    "update": ("One update", one_update.TOOL),
    "basins": ("Basin maps", basin_maps.TOOL),
    "starts": ("Many starts", many_starts.TOOL),
    "numbers": ("Two numbers", two_numbers.TOOL),
}
NONE = "none"
NAMES = (
    "tool",
    "racer",
    *(name for _, tool in TOOLS.values() for name in (*tool.names, *tool.menus, *(knob.name for knob in tool.knobs))),
)
"""What of an address belongs to the tools."""


@st.fragment
def tools(reading: Reading) -> None:
    """The choice of a tool, and the one that is chosen."""
    settings = Settings(st.query_params)
    chosen = settings.choice("tool", (NONE, *TOOLS), NONE)
    titles = {key: title for key, (title, _) in TOOLS.items()}
    bound(
        st,
        "tool",
        None if chosen == NONE else chosen,
        lambda box, **menu: box.segmented_control(
            "Look closer", list(TOOLS), format_func=titles.__getitem__, width="stretch", **menu
        ),
    )
    if chosen == NONE:
        return
    tool = TOOLS[chosen][1]
    sheet = Sheet(key="playground", presets=(), knobs=tool.knobs, menus=tool.menus)
    numbers, choices = sheet.read(settings)
    if settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    tool.show(reading, sheet, numbers, choices)
