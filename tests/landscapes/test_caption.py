"""Captions: what a docstring must hold, and what is said where it does not."""

import pytest

from landscapes.caption import Caption, read_caption
from landscapes.surface import surface


def whole() -> None:
    r"""Title of it.

    $$x^2
    + y^2$$

    Notice this,
    on two lines.

    And that: $x$ alone.

    Source: Somebody, Somewhere,
    1999.
    """


def without_source() -> None:
    """Title.

    $$x$$
    """


def without_formula() -> None:
    """Title.

    Source: nobody.
    """


def bare() -> None:
    pass


def test_a_docstring_is_split_into_its_parts() -> None:
    assert read_caption(whole) == Caption(
        title="Title of it",
        formula="x^2 + y^2",
        notice="Notice this, on two lines.\n\nAnd that: $x$ alone.",
        source="Somebody, Somewhere, 1999.",
    )


@pytest.mark.parametrize(
    ("function", "missing"), [(without_source, "source"), (without_formula, "formula"), (bare, "formula")]
)
def test_what_is_missing_is_named(function, missing: str) -> None:
    with pytest.raises(ValueError, match=f"the docstring of {function.__name__} lacks its {missing}"):
        read_caption(function)


def test_a_surface_needs_a_caption() -> None:
    with pytest.raises(ValueError, match="lacks its formula"):
        surface(box=(0, 1, 0, 1), start=(0, 0))(bare)


def test_a_key_is_taken_once() -> None:
    def sphere(p):
        r"""Another sphere.

        $$0$$

        Source: this test.
        """
        return 0 * p[0]

    with pytest.raises(ValueError, match="a surface named sphere exists already"):
        surface(box=(0, 1, 0, 1), start=(0, 0))(sphere)
