"""The rows of the benchmark for the playground's tools; how long anything took is never asked."""

from bench.tools import MAP_LIMIT, PLANE_LIMIT, map_row, plane_rows, tool_rows


def test_every_tool_that_has_a_limit_has_a_row() -> None:
    rows = [map_row("gd", repeats=1, steps=3), *plane_rows(repeats=2, n=4, steps=3)]
    assert [len(row.ours) for row in rows] == [1, 2, 2, 2, 2]
    assert all(sample > 0 for row in rows for sample in row.ours)
    assert [row.target[0] for row in rows] == [MAP_LIMIT, *[PLANE_LIMIT] * 4]
    assert len({row.name for row in rows}) == len(rows)


def test_every_optimizer_that_is_asked_for_has_a_map() -> None:
    names = [row.name for row in tool_rows(repeats=1, keys=("gd", "newton"))]
    assert sum(name.startswith("basin map") for name in names) == 2
