"""`make class`: a whole class on one server, by Streamlit's own protocol. `make soak`: ten minutes of it.

Everything is bounded in time and in number, and the servers that are started here are stopped here. `--write` puts the
tables into docs/operations.md.
"""

import argparse
import os
import time

from bench.report import machine, table
from bench.school import write
from bench.trials import class_rows, hostile_rows, soak_rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.class", description="A class on one server, measured.")
    parser.add_argument("--page", default="ill_conditioning", help="key of the lesson that everyone opens")
    parser.add_argument("--students", type=int, default=300, help="in the large class")
    parser.add_argument("--seconds", type=float, default=60.0, help="of steady moves")
    parser.add_argument(
        "--compare",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure the plain page too, and search for the largest class",
    )
    parser.add_argument("--browsers", type=int, default=2, help="Chromiums that join, to measure their frames")
    parser.add_argument(
        "--soak", type=float, default=0.0, metavar="MINUTES", help="only this: steady moves for so long"
    )
    parser.add_argument("--hostile", action="store_true", help="only this: sixty students beside one who asks too much")
    parser.add_argument("--write", action="store_true", help="put the table into docs/operations.md")
    given = parser.parse_args()
    about = machine("joined" if given.browsers and not (given.soak or given.hostile) else "none")
    begin = time.monotonic()
    if given.soak:
        name, rows = "soak", soak_rows(given.page, given.students // 3, given.soak)
    elif given.hostile:
        name, rows = "hostile", hostile_rows(given.page, given.seconds / 2)
    else:
        name, rows = "class", class_rows(given.page, given.students, given.seconds, given.browsers, given.compare)
    about |= {"load average after": round(os.getloadavg()[0], 2), "seconds taken": round(time.monotonic() - begin)}
    lines = "; ".join(f"{what} {value}" for what, value in about.items())
    text = f"> {lines}\n\n{table(rows)}"
    print(text)
    if given.write:
        write(name, text)


if __name__ == "__main__":
    main()
