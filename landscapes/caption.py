"""Captions read from docstrings: one text serves the reader of the code and the reader of the page."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Caption:
    """What a page says about a surface or an optimizer.

    The docstring it is read from has the form: a title sentence, a formula between double dollars,
    paragraphs on what to notice, and a last paragraph that begins with ``Source:``.
    """

    title: str
    formula: str
    notice: str
    source: str


def read_caption(function: Callable[..., Any]) -> Caption:
    """Split the docstring of `function` into its caption; ``ValueError`` names the part that is missing."""
    paragraphs = [" ".join(part.split()) for part in (inspect.getdoc(function) or "").split("\n\n")]
    formula = next((p for p in paragraphs if p.startswith("$$") and p.endswith("$$")), "")
    source = next((p for p in paragraphs if p.startswith("Source:")), "")
    name = getattr(function, "__name__", repr(function))
    if not formula or not source:
        raise ValueError(f"the docstring of {name} lacks its {'source' if formula else 'formula'}")
    notice = "\n\n".join(p for p in paragraphs[1:] if p not in (formula, source))
    return Caption(paragraphs[0].rstrip("."), formula.strip("$ "), notice, source.removeprefix("Source:").strip())
