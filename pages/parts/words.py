"""Words and numbers as a person reads them."""

from stage.words import number

__all__ = ["number", "series"]


def series(parts: list[str]) -> str:
    """a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
