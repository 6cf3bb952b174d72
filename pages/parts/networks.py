"""The lesson on networks: its parts, the experiment that each opens on, and its settings in the address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from landscapes.datasets import DATASETS, LARGEST, MOST_ROWS, Data, DataError, from_csv
from landscapes.knobs import Knob
from landscapes.mlp import ACTIVATIONS, MLP
from optim import OPTIMIZERS, find_optimizer
from optim.training import Recipe
from pages.parts.course import Sheet
from pages.parts.menus import menu, slider
from pages.parts.networks_results import DEPTHS, at_depth
from pages.parts.settings import Settings, write

PARTS = {
    "train": "Train",
    "landscape": "Landscape",
    "norm": "Norm rises, error falls",
    "saddle": "Leaving a saddle",
    "curvature": "Edge of stability",
    "depth": "Depth and skips",
    "two": "Two solutions",
    "exact": "Two weights",
}
ABOUT = {
    "train": "Choose data, a network and up to four optimizers: all start from the same weights. The same setting "
    "gives the same run, and trains once for everyone in the room.",
    "landscape": "A plane through the space of all weights, with the paths as they fall onto it. Up to four optimizers "
    "start from the same weights.",
    "norm": "Does training end because the gradient vanishes? Here the error falls, and the gradient norm *rises*.",
    "saddle": "A network that starts near zero starts near a saddle. Newton's method looks for it, from where the path "
    "slows down.",
    "curvature": "Gradient descent with rate η can only stay where no curvature exceeds 2/η. Training goes just there.",
    "depth": "Eight networks, trained alike: 3, 6, 12 and 24 hidden layers, with and without skip connections.",
    "two": "The same network trained from two seeds. Is there a hill between the two solutions, or only between their "
    "names?",
    "exact": "Networks of two weights: no slice, no projection. What is drawn is all there is.",
}
RULES = tuple(key for key in OPTIMIZERS if key in ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw",
                                                   "lion", "sign_gd", "radam", "yogi"))  # fmt: skip
USUAL = {"gd": 0.3, "momentum": 0.05, "nesterov": 0.05, "adagrad": 0.05, "sign_gd": 0.001, "lion": 0.001}
"""Rates of the optimizers behind the first one, which has the slider; 0.01 for those not named."""
MOST_RULES = 4
OPTIMIZER = "adam"

KNOBS = (
    Knob(1e-4, 3, log=True, symbol="η", name="learning_rate", default=0.01),
    Knob(2, 64, name="width", default=16),
    Knob(1, 12, name="hidden_layers", default=2),
    Knob(0.01, 3, log=True, name="start_scale", default=1.0),
    Knob(0, 99, name="seed", default=0),
)
WHOLE = ("width", "hidden_layers", "seed")
MENUS: Mapping[str, Mapping[str, str]] = {
    "part": PARTS,
    "data": {"moons": "Two moons", "spirals": "Spirals", "digits": "Digits (8 × 8)", "csv": "Your own CSV"},
    "activation": {"tanh": "tanh", "relu": "ReLU", "softplus": "softplus", "linear": "none (linear)"},
    "skip": {"no": "none", "yes": "h + φ(hW)/√(L−1)"},
    "loss": {"cross_entropy": "cross-entropy", "squared": "squared error"},
    "batch": {"32": "32", "0": "all", "8": "8", "128": "128"},
    "steps": {"1000": "1,000", "200": "200", "500": "500", "2000": "2,000", "4000": "4,000"},
    "plane": {"path": "the paths: PCA", "random": "random, filter-normalised", "line": "straight line"},
    "surface": {
        "two_layer_linear": "Two linear layers, xy",
        "two_layer_relu": "Two layers with a ReLU",
        "hidden_layer": "Two weights of two tanh units",
        "spurious_minimum": "One tanh unit, a bad minimum",
        "one_neuron": "One neuron, logistic loss",
    },
}
assert set(MENUS["activation"]) == set(ACTIVATIONS)

OPENINGS: Mapping[str, Mapping[str, str]] = {
    "landscape": {"optimizers": "adam gd momentum"},
    "norm": {
        "data": "spirals", "hidden_layers": "3", "optimizers": "gd", "learning_rate": "0.1", "batch": "0",
        "steps": "2000", "start_scale": "0.6",
    },
    "saddle": {
        "width": "8", "hidden_layers": "1", "optimizers": "gd", "learning_rate": "0.1", "batch": "0", "steps": "200",
        "start_scale": "0.01", "loss": "squared",
    },
    "curvature": {
        "data": "spirals", "optimizers": "gd", "learning_rate": "0.1", "batch": "0", "steps": "4000", "loss": "squared",
    },
    "depth": {"width": "12", "learning_rate": "0.003"},
    "two": {"width": "64", "hidden_layers": "1"},
}  # fmt: skip
"""What each part opens on where that is not what the page opens on: an experiment that shows what the part is about."""


@dataclass(frozen=True, kw_only=True)
class Experiments(Sheet):
    """A sheet of which each part has its own opening."""

    def read(self, settings: Settings) -> tuple[dict[str, float], dict[str, str]]:
        """Numbers and choices by name; the optimizers' keys are one choice, separated by spaces."""
        part = settings.choice("part", PARTS, "train")
        opening = OPENINGS.get(part, {})
        numbers = {}
        for knob in self.knobs:
            value = settings.number(knob, float(opening.get(knob.name, knob.default)))
            numbers[knob.name] = float(round(value)) if knob.name in WHOLE else value
        choices = {
            name: settings.choice(name, options, opening.get(name, next(iter(options))))
            for name, options in self.menus.items()
        }
        usual = tuple(opening.get("optimizers", OPTIMIZER).split())
        choices["optimizers"] = " ".join(settings.choices("optimizers", RULES, usual, MOST_RULES))
        return numbers, choices


def recipes(numbers: Mapping[str, float], choices: Mapping[str, str], data: Data) -> list[Recipe]:
    """What a part trains: one recipe for each optimizer, all from the same start, or variants of the first one, which
    runs at the slider's rate."""
    net = MLP(
        data.x.shape[1],
        len(data.labels),
        int(numbers["width"]),
        int(numbers["hidden_layers"]),
        choices["activation"],
        choices["skip"] == "yes",
        choices["loss"],
    )
    made = [
        Recipe(
            net,
            data,
            rule,
            numbers["learning_rate"] if index == 0 else USUAL.get(rule, 0.01),
            int(choices["batch"]),
            int(choices["steps"]),
            int(numbers["seed"]),
            numbers["start_scale"],
        )
        for index, rule in enumerate(choices["optimizers"].split())
    ]
    first = made[0]
    match choices["part"]:
        case "train" | "landscape":
            return made
        case "two":
            return [first, replace(first, seed=first.seed + 1)]
        case "depth":
            return [at_depth(first, depth, skip) for skip in (False, True) for depth in DEPTHS]
        case _:
            return [first]


def opening_recipes(part: str) -> list[Recipe]:
    """What a part trains on opening."""
    numbers, choices = Experiments(key="networks", presets=(), knobs=KNOBS, menus=MENUS).read(Settings({"part": part}))
    return recipes(numbers, choices, DATASETS[choices["data"]]())


def choose_part(now: str) -> None:
    """The parts; what was set stays, what was not opens anew."""
    key = "menu_part"
    st.session_state[key] = now

    def changed() -> None:
        # A second press on the same part takes the choice away: it stays.
        write({"part": st.session_state[key] or now})

    st.segmented_control(
        "Part", list(PARTS), format_func=PARTS.__getitem__, key=key, on_change=changed, label_visibility="collapsed"
    )


def controls(sheet: Sheet, numbers: Mapping[str, float], choices: Mapping[str, str]) -> None:
    """What decides the runs of a part."""
    part = choices["part"]
    opening = OPENINGS.get(part, {})

    def number(name: str, help: str | None = None) -> None:
        knob = next(knob for knob in KNOBS if knob.name == name)
        knob = replace(knob, default=float(opening.get(name, knob.default)))
        slider(knob, numbers[name], help, whole=name in WHOLE)

    def option(name: str, label: str, help: str | None = None) -> None:
        menu(sheet, name, choices[name], label, help)

    if part == "exact":
        with st.columns(4)[0]:
            option("surface", "Network")
        return
    rows: list[list[Callable[[], None]]] = [
        [
            lambda: option("data", "Data"),
            lambda: _optimizers(choices["optimizers"], several=part in ("train", "landscape")),
            lambda: number("learning_rate", "Of the first optimizer. The others run at a usual rate: see the legend."),
            lambda: option("steps", "Steps"),
        ],
        [
            lambda: number("width", "Units of each hidden layer."),
            lambda: number("hidden_layers"),
            lambda: option("activation", "Activation φ"),
            lambda: option("skip", "Skip connections"),
        ],
        [
            lambda: option("loss", "Loss"),
            lambda: option("batch", "Batch size", "Examples a step, drawn with replacement."),
            lambda: number("start_scale", "Factor on the random start."),
            lambda: number("seed", "Decides the start and the minibatches. The same seed gives the same run."),
        ],
    ]
    more = None
    for row in rows:
        for column, widget in zip((more or st).columns(4), row, strict=True):
            with column:
                widget()
        more = more or st.expander("The network, its start, and the batches", icon=":material/tune:")
    if part == "landscape":
        with st.columns(4)[0]:
            option("plane", "Directions")


def _optimizers(now: str, several: bool) -> None:
    key = "menu_optimizers"
    chosen = now.split()
    st.session_state[key] = chosen if several else chosen[0]

    def changed() -> None:
        new: Any = st.session_state[key]
        write({"optimizers": (" ".join(new) if several else new) or None, "learning_rate": None})

    def title(rule: str) -> str:
        return find_optimizer(rule).title

    if several:
        st.multiselect("Optimizers", RULES, format_func=title, key=key, on_change=changed, max_selections=MOST_RULES)
    else:
        st.selectbox("Optimizer", RULES, format_func=title, key=key, on_change=changed)


def data_of(choice: str) -> Data:
    """The chosen examples; for a visitor's own file its box, its complaint, and the two moons until there is one."""
    if choice != "csv":
        return DATASETS[choice]()
    file = st.file_uploader(
        "A CSV with two features and a label in each row",
        type=["csv", "txt", "tsv"],
        key="networks_csv",
        help=f"At most {LARGEST // 1000} kB and {MOST_ROWS:,} rows. It is kept for this visit only, and is in no link.",
    )
    if file is not None:
        st.session_state["networks_data"] = _read(file)
    kept = st.session_state.get("networks_data")
    if isinstance(kept, str):
        st.error(kept, icon=":material/error:")
    elif kept is not None:
        st.caption(f"{len(kept.y):,} points in {len(kept.labels)} classes, {kept.trained:,} of them to train on.")
        return kept  # type: ignore[no-any-return]
    else:
        st.info("Until there is a file, the two moons are shown.", icon=":material/upload_file:")
    return DATASETS["moons"]()


def _read(file: Any) -> Data | str:
    if file.size > LARGEST:
        return f"The file has {file.size:,} bytes; at most {LARGEST:,} are read."
    try:
        return from_csv(file.getvalue())
    except DataError as error:
        return f"Not used: {error}."
