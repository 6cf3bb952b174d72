"""The stage's modules by themselves, in the browser that runs them: numbers, heights, Hessians, the wire format."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from pages.parts.lesson import HEIGHTS
from pages.parts.words import number
from stage.bank import pack
from tests.browser.lesson import Lesson
from tests.browser.visit import Visit


@dataclass(frozen=True)
class Module:
    """One of stage/assets, under the address that the page has it from."""

    page: Page
    folder: str
    name: str

    def call(self, expression: str, argument: Any = None) -> Any:
        """The value of a JavaScript expression about the module, `M`, and an argument, `a`."""
        address = f"{self.folder}{self.name}"
        return self.page.evaluate(
            f"async ([address, a]) => {{ const M = await import(address); return {expression}; }}", [address, argument]
        )


@pytest.fixture(scope="module")
def opened(visit: Visit) -> Iterator[tuple[Page, str]]:
    """One page for all tests here, and the folder it has its modules from."""
    with visit.turn() as page:
        Lesson(page).arrive("/ill_conditioning")
        names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
        (address,) = {name for name in names if name.endswith("/stage.js")}
        yield page, address.removesuffix("stage.js")


@pytest.fixture
def module(opened: tuple[Page, str], request: pytest.FixtureRequest) -> Module:
    return Module(*opened, request.param)


def of(name: str) -> pytest.MarkDecorator:
    """Marks a test of that module."""
    return pytest.mark.parametrize("module", [name], indirect=True, ids=[name])


def many_numbers() -> list[float]:
    """Values of every size, and those at which a rule for rounding or for powers of ten changes its mind."""
    random = np.random.default_rng(7)
    spread = random.uniform(-1, 1, 150) * 10.0 ** random.integers(-12, 13, 150)
    whole = random.integers(-(10**7), 10**7, 60).astype(float)
    powers = [10.0**k for k in range(-8, 13)]
    beside = [np.nextafter(p, toward) for p in powers for toward in (0.0, math.inf)]
    short = [p * (1 + s * 4e-4) for p in powers for s in (-0.1, -1, 1)]
    # Numbers that have a last 5 exactly, also in base two.
    ties = [1234.5, 0.15625, 2.0005, 100.25, 1.0625, 12.0625, 34567.5, 99999.5, 999999.5, 1000500.0, 0.00048828125]
    tiny = [5e-324, 2.2e-308, 1.7e308]
    edges = [0.0, -0.0, 9.9994e5, 9.9996e5, 999999.0, 1e6, 0.0001, 9.9994e-5, 9.9996e-5, 0.1 + 0.2, 1 / 3, *tiny]
    known = [*spread, *whole, *powers, *beside, *short, *ties, *edges]
    return [float(v) for value in known for v in (value, -value)]


@of("format.js")
@pytest.mark.parametrize("digits", [3, 4, 5])
def test_a_number_reads_the_same_in_python_and_in_the_browser(module: Module, digits: int) -> None:
    values = [*many_numbers(), math.inf, -math.inf, math.nan]
    # JSON has no infinities: the numbers travel as their bits.
    bits = [list(struct.pack("<d", value)) for value in values]
    texts = module.call(
        "a[0].map(bytes => M.number(new Float64Array(new Uint8Array(bytes).buffer)[0], a[1]))", [bits, digits]
    )
    differ = [(v, number(v, digits), t) for v, t in zip(values, texts, strict=True) if number(v, digits) != t]
    assert differ == []
    assert len(values) > 500


@of("format.js")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-2, "−2"),
        (312.5012, "312.5"),
        (1e-7, "10⁻⁷"),
        (-2.5e9, "−2.5·10⁹"),
        (1e6, "10⁶"),
        (123456.7, "123457"),
    ],
)
def test_a_number_reads_as_a_person_writes_it(module: Module, value: float, text: str) -> None:
    assert module.call("M.number(a)", value) == text


@of("format.js")
def test_no_number_is_a_dash(module: Module) -> None:
    assert module.call("[M.number(null), M.number(undefined), M.number(NaN)]") == ["–", "–", "–"]


@of("heights.js")
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 9), (1e-8, 1e8), (-2000, -1), (-1, 1e-3)])
@pytest.mark.parametrize("kind", ["linear", "log", "signed_log"])
def test_a_height_grows_with_the_value_and_leads_back_to_it(module: Module, kind: str, low: float, high: float) -> None:
    values = np.linspace(low, high, 101)
    scale = module.call(
        "(() => { const s = M.heightScale(a.kind, Float64Array.from(a.z)); return {"
        " reliefs: a.z.map(s.relief), levels: a.z.map(s.contour), back: a.z.map(v => s.valueOfLevel(s.contour(v))),"
        " ends: [s.low, s.high, s.floor, s.top] }; })()",
        {"kind": kind, "z": values.tolist()},
    )
    assert (np.diff(scale["reliefs"]) > 0).all()
    assert (np.diff(scale["levels"]) > 0).all()
    np.testing.assert_allclose(scale["back"], values, rtol=1e-9, atol=1e-9 * (high - low))
    assert scale["ends"] == pytest.approx([low, high, scale["reliefs"][0], scale["reliefs"][-1]], rel=1e-9)


@of("heights.js")
@pytest.mark.parametrize("kind", ["linear", "log", "signed_log"])
def test_a_level_surface_has_finite_heights(module: Module, kind: str) -> None:
    heights = module.call(
        "(() => { const s = M.heightScale(a, new Float32Array([0, 0, 0]));"
        " return [s.relief(0), s.contour(0), s.top]; })()",
        kind,
    )
    assert all(isinstance(height, (int, float)) and math.isfinite(height) for height in heights)


@of("heights.js")
def test_every_kind_of_height_that_a_page_offers_has_a_name(module: Module) -> None:
    assert list(module.call("M.HEIGHTS")) == list(HEIGHTS)


def matrices() -> list[list[float]]:
    """Hessians [a, b, c]: random, diagonal both ways round, a saddle, a multiple of the identity, nearly so, zero."""
    random = np.random.default_rng(7)
    spread = random.normal(size=(40, 3)) * 10.0 ** random.integers(-6, 7, (40, 1))
    exact = [[2, 0, 1], [1, 0, 2], [1, 0, -1], [0, 1, 0], [3, 0, 3], [3, 1e-9, 3], [0, 0, 0], [1, 1, 1], [-5, 2, -5]]
    return [*spread.tolist(), *exact]


@of("local.js")
def test_eigenvalues_and_eigenvectors_are_those_of_the_matrix(module: Module) -> None:
    for (a, b, c), found in zip(matrices(), module.call("a.map(m => M.eigen(...m))", matrices()), strict=True):
        hessian, size = np.array([[a, b], [b, c]]), max(abs(a), abs(b), abs(c))
        np.testing.assert_allclose(found["values"], np.linalg.eigvalsh(hessian)[::-1], rtol=1e-12, atol=1e-12 * size)
        vectors = np.array(found["vectors"])
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)
        # Where eigenvalues are apart the direction is numpy's; this says the same also where they are not.
        np.testing.assert_allclose(hessian @ vectors.T, vectors.T * found["values"], rtol=0, atol=1e-9 * size)


@of("local.js")
@pytest.mark.parametrize("hessian", [[100, 0, 1], [3, 1, 2], [-4, 1, -2], [2, 1, -3], [1, 0, -50], [0, 2, 0]])
def test_the_curves_of_the_quadratic_model_are_its_level_lines(module: Module, hessian: list[float]) -> None:
    a, b, c = hessian
    matrix, gradient, point = np.array([[a, b], [b, c]]), np.array([3.0, -2.0]), np.array([0.4, 1.1])
    here = {"x": point[0], "y": point[1], "value": 7.0, "gradient": gradient.tolist(), "hessian": hessian}
    found = module.call("M.modelCurves(a, 4)", here)
    center = point - np.linalg.solve(matrix, gradient)
    np.testing.assert_allclose(found["center"], center, rtol=1e-9)

    def model(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        d = points - point
        return 7 + d @ gradient + np.einsum("ni,ij,nj->n", d, matrix, d) / 2

    at_center = model(center[None])[0]
    levels = []
    for curve in map(np.array, found["curves"]):
        assert curve.shape == (65, 2)
        rise = model(curve) - at_center
        np.testing.assert_allclose(rise, rise[0], rtol=1e-6)
        levels.append(rise[0] / (7 - at_center))
    branches = 1 if np.linalg.det(matrix) > 0 else 2
    assert levels == pytest.approx(np.repeat([1, 0.5, 0.15], branches))
    # The first curve goes through the point itself, where it is long enough to.
    nearest = min(np.abs(np.array(curve) - point).sum(axis=1).min() for curve in found["curves"][:branches])
    reach = max(np.ptp(np.array(curve), axis=0).max() for curve in found["curves"][:branches])
    assert nearest < 0.1 * reach
    drawn = module.call("M.quadraticModel(a)(0.3, -0.2)", here)
    assert drawn == pytest.approx(model(point[None] + [0.3, -0.2])[0])


@of("local.js")
@pytest.mark.parametrize("hessian", [[0, 0, 0], [1, 0, 0], [1, 1, 1]])
def test_a_flat_direction_has_no_center_to_draw(module: Module, hessian: list[float]) -> None:
    here = {"x": 0, "y": 0, "value": 1, "gradient": [1, 2], "hessian": hessian}
    assert module.call("M.modelCurves(a, 4)", here) == {"center": None, "curves": []}


def message(have: tuple[str, ...] = (), tag: str = "") -> tuple[bytes, dict[str, Any]]:
    """A message as the stage sends one, with every type of array."""
    scene = {"z": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3), "bits": np.array([0, 255, 7], np.uint8)}
    bank = {
        "positions": np.array([0.1, 1 / 3, 1e-300]),
        "empty": np.empty((0, 0, 0), np.float32),
        "0.diverged_at": np.array([-1, 2**31 - 1, 3], np.int32),
        "blank": np.array([np.nan, np.inf, -np.inf, -0.0], np.float32),
    }
    header = {"scene": f"scene{tag}", "bank": f"bank{tag}", "text": "η = 2/λmax – „ü“ 𝛼"}
    return pack(header, {header["scene"]: scene, header["bank"]: bank}, have), {"scene": scene, "bank": bank}


# Arrays as their bytes: JSON has no NaN.
READ = """(() => {
  const show = (group) => Object.fromEntries(Object.entries(group).map(([name, array]) => [name, {
    type: array.constructor.name, shape: array.shape,
    bytes: [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)] }]));
  const padded = new Uint8Array(a.bytes.length + a.at);
  padded.set(a.bytes, a.at);
  const { header, scene, bank, missing } = M.unpack(padded.subarray(a.at));
  return missing ? { missing } : { text: header.text, scene: show(scene), bank: show(bank), held: M.heldGroups() };
})()"""
TYPES = {"float32": "Float32Array", "float64": "Float64Array", "int32": "Int32Array", "uint8": "Uint8Array"}


@of("bank.js")
@pytest.mark.parametrize("at", [0, 1, 4])
def test_the_browser_unpacks_what_was_packed(module: Module, at: int) -> None:
    packed, groups = message()
    found = module.call(READ, {"bytes": list(packed), "at": at})
    assert found["text"] == "η = 2/λmax – „ü“ 𝛼"
    for group, arrays in groups.items():
        assert found[group] == {
            name: {"type": TYPES[array.dtype.name], "shape": list(array.shape), "bytes": list(array.tobytes())}
            for name, array in arrays.items()
        }


@of("bank.js")
def test_a_group_that_was_left_out_is_the_one_that_is_held_or_is_missed(module: Module) -> None:
    first, _ = message(tag="1")
    whole = module.call(READ, {"bytes": list(first), "at": 0})
    assert {"scene1", "bank1"} <= set(whole["held"])
    again, _ = message(have=("scene1", "bank1"), tag="1")
    assert module.call(READ, {"bytes": list(again), "at": 0}) == whole
    unknown, _ = message(have=("bank2",), tag="2")
    assert module.call(READ, {"bytes": list(unknown), "at": 0}) == {"missing": "bank2"}


@of("bank.js")
def test_the_groups_that_were_used_last_are_held(module: Module) -> None:
    for tag in "abcdefgh":
        held = module.call(READ, {"bytes": list(message(tag=tag)[0]), "at": 0})["held"]
        assert held[-2:] == [f"scene{tag}", f"bank{tag}"]
    assert held == [f"{group}{tag}" for tag in "efgh" for group in ("scene", "bank")]


@of("bank.js")
def test_a_run_is_one_row_of_the_bank_up_to_where_it_diverged(module: Module) -> None:
    numbers = np.arange(2 * 4 * 2, dtype=np.float32).reshape(2, 4, 2)
    bank = {
        "0.points": numbers,
        "0.values": numbers[..., 0],
        "0.norms": numbers[..., 1],
        "0.gradients": numbers + 100,
        "0.terms": np.arange(2 * 3 * 3, dtype=np.float32).reshape(2, 3, 3),
        "0.diverged_at": np.array([-1, 2], np.int32),
        "1.points": numbers[:1],
        "1.values": numbers[:1, :, 0],
        "1.norms": numbers[:1, :, 1],
        "1.diverged_at": np.array([-1], np.int32),
    }
    packed = pack({"scene": "s", "bank": "rows"}, {"s": {}, "rows": bank})
    first, second, other = module.call(
        "(() => { const { bank } = M.unpack(Uint8Array.from(a)); const plain = (r) => Object.fromEntries("
        "Object.entries(r).map(([k, v]) => [k, ArrayBuffer.isView(v) ? [...v] : v]));"
        " return [[0, 0], [0, 1], [1, 1]].map(([racer, row]) => plain(M.run(bank, racer, row))); })()",
        list(packed),
    )
    assert (first["length"], first["divergedAt"], second["length"], second["divergedAt"]) == (4, None, 2, 2)
    for row, found in enumerate((first, second)):
        for name in ("points", "values", "norms", "gradients", "terms"):
            assert found[name] == bank[f"0.{name}"][row].ravel().tolist(), name
    # A racer that the slider does not concern has one row for all positions, and no detail.
    assert other["points"] == numbers[0].ravel().tolist()
    assert other.get("gradients") is None and other.get("terms") is None
