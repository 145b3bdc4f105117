"""The page of a recording, driven in headless Chromium as by a reader: it shows what ran.

Skipped where there is no Chromium or no playwright (`pip install tadori[browser]`, `apt-get install
chromium`). Screenshots of the last run lie in build/trace_page/.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tadori
import tadori.nn.functional as F
from tadori import nn, optim
from tadori.tracing.cards import cards
from tadori.tracing.explain import peak
from tadori.tracing.html import FOLDER, as_script, frame, page
from tadori.tracing.mathml import formula
from tadori.tracing.story import Story
from tadori.utils.data import DataLoader, TensorDataset

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "build" / "trace_page"
FLAGS = [
    "--no-sandbox",  # as root in a container Chromium starts only so
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# ------------------------------------------------------------------------------- the recordings


def train() -> tuple[Any, dict[str, Any]]:
    """Two steps of a small network, and what it computed."""
    tadori.manual_seed(0)
    x = tadori.arange(6.0).reshape(3, 2) / 6
    target = tadori.tensor([[1.0], [0.0], [1.0]])
    seen: dict[str, Any] = {"losses": [], "grads": [], "weights": []}
    with tadori.trace() as t:
        model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            y = model(x)
            loss = F.mse_loss(y, target)
            loss.backward()
            seen["weights"].append(model[0].weight.detach().clone().numpy())
            optimizer.step()
            seen["losses"].append(loss.item())
            seen["grads"].append(model[0].weight.grad.numpy().copy())
    return t, seen


def loop() -> tuple[Any, dict[str, Any]]:
    """The other famous lines of a loop: batches, modes, detach, a schedule."""
    tadori.manual_seed(0)
    data = TensorDataset(tadori.randn(4, 2), tadori.randn(4, 1))
    with tadori.trace() as t:
        model = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.Linear(3, 1))
        optimizer = optim.Adam(model.parameters(), lr=0.1)
        scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
        model.train()
        for x, target in DataLoader(data, batch_size=2):
            loss = F.mse_loss(model(x), target)
            loss.backward()
            optimizer.step()
        scheduler.step()
        model.eval()
        with tadori.no_grad():
            judged = model(x).mean()
        cut = model(x).detach()
        doubled = cut * 2
    return t, {"judged": judged, "doubled": doubled}


def unrolled() -> tuple[Any, dict[str, Any]]:
    """Thirty equal steps, twenty layers inside each: three thousand functions in all."""
    with tadori.trace() as t:
        w = tadori.ones(2, requires_grad=True)
        h = tadori.zeros(2)
        for _ in range(30):
            h = tadori.tanh(h * w)
            for _ in range(49):
                h = (h + 0.01).sin()
        h.sum().backward()
    return t, {}


def branching() -> tuple[Any, dict[str, Any]]:
    """a = exp(x) goes two ways: d/dx (a a + sin a), which a naive order gets wrong."""
    with tadori.trace() as t:
        x = tadori.tensor(0.5, requires_grad=True)
        a = x.exp()
        b = a.sin()
        y = a * a + b
        y.backward()
    return t, {"grad": x.grad.item()}


def markup() -> tuple[Any, dict[str, Any]]:
    """A program whose source and errors would be markup, if they were not text."""
    with pytest.raises(ValueError, match="alert"), tadori.trace() as t:
        x = tadori.ones(2, requires_grad=True)  # </script><script>window.hacked = 1</script>
        z = (x * 2).sum()
        z.backward()
        raise ValueError("<img src=x onerror='window.hacked = 2'> alert & </script> {{title}}")
    return t, {}


def spoiled() -> tuple[Any, dict[str, Any]]:
    """A NaN made by one operation and passed on by others; a parameter that is never used."""
    with tadori.trace() as t, np.errstate(all="ignore"):
        w = tadori.tensor([-1.0, 4.0], requires_grad=True)
        unused = tadori.tensor([1.0], requires_grad=True)
        r = w.log()
        s = (r * 2).sum()
        kept = unused * 3
        s.backward()
    return t, {"kept": kept}


def again() -> tuple[Any, dict[str, Any]]:
    """Backward a second time through a graph that the first has released."""
    with pytest.raises(RuntimeError), tadori.trace() as t:
        w = tadori.tensor([1.0, 2.0], requires_grad=True)
        loss = w.exp().sum()
        loss.backward()
        loss.backward()
    return t, {}


def stale() -> tuple[Any, dict[str, Any]]:
    """Memory that backward needs, changed in between."""
    with pytest.raises(RuntimeError), tadori.trace() as t:
        w = tadori.tensor([1.0, 2.0], requires_grad=True)
        h = w.exp()
        y = (h * h).sum()
        h.add_(1.0)
        y.backward()
    return t, {}


def nothing() -> tuple[Any, dict[str, Any]]:
    """A block in which nothing happens."""
    with tadori.trace() as t:
        pass
    return t, {}


def recursion() -> tuple[Any, dict[str, Any]]:
    """A function that calls itself; no backward."""

    def factorial(n: int) -> tadori.Tensor:
        return tadori.tensor(1.0) if n == 0 else factorial(n - 1) * n

    with tadori.trace() as t:
        found = factorial(6)
    return t, {"found": found.item()}


def crowded() -> tuple[Any, dict[str, Any]]:
    """More operations than there is room for."""
    with tadori.trace(max_mb=0.02) as t:
        y = tadori.ones(2, requires_grad=True)
        for _ in range(300):
            y = y * 1.00001
        y.sum().backward()
    return t, {}


PROGRAMS: dict[str, Callable[[], tuple[Any, dict[str, Any]]]] = {
    "train": train,
    "loop": loop,
    "unrolled": unrolled,
    "branching": branching,
    "markup": markup,
    "spoiled": spoiled,
    "again": again,
    "stale": stale,
    "nothing": nothing,
    "recursion": recursion,
    "crowded": crowded,
}


# -------------------------------------------------------------------------------------- a reader


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: tadori[browser]")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Any, Any]]:
    """A program's page, its recording and what it computed; each program runs once."""
    folder = tmp_path_factory.mktemp("pages")
    found: dict[str, tuple[Path, Any, Any]] = {}

    def get(name: str) -> tuple[Path, Any, Any]:
        if name not in found:
            t, seen = PROGRAMS[name]()
            t.save(folder / f"{name}.html")
            found[name] = folder / f"{name}.html", t, seen
        return found[name]

    return get


@pytest.fixture
def reader(browser: Any, recorded: Any) -> Iterator[Callable[..., Reader]]:
    """`reader(program)` opens its page; at the end nothing may have gone wrong in the console."""
    troubles: list[str] = []
    contexts = []

    def start(name: str, **options: Any) -> Reader:
        options = {"locale": "en-US", "viewport": {"width": 1500, "height": 950}} | options
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: troubles.append(f"{message.type}: {message.text[:300]}"))
        tab.on("pageerror", lambda error: troubles.append(str(error)[:300]))
        path, t, seen = recorded(name)
        return Reader(tab, path, t, seen)

    yield start
    for context in contexts:
        context.close()
    assert not troubles


class Reader:
    """Someone at the page."""

    def __init__(self, tab: Any, path: Path, t: Any, seen: dict[str, Any]) -> None:
        self.tab, self.events, self.data, self.seen = tab, t.events, t.data, seen
        tab.goto(path.as_uri())
        tab.wait_for_selector("#time .chart")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)
        self.settle()

    def settle(self) -> None:
        """Wait until the panes have followed."""
        self.tab.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )

    def text(self, selector: str) -> str:
        return str(self.tab.inner_text(selector))

    def all_text(self, selector: str) -> list[str]:
        return [text.strip() for text in self.tab.locator(selector).all_inner_texts()]

    def click_line(self, source: str) -> None:
        self.tab.locator("#program li.ran", has_text=source).first.click()
        self.settle()

    def line(self) -> str:
        """The line that is lit."""
        return self.text("#program li.now code").strip()

    def follow(self, text: str) -> None:
        self.tab.locator("#detail button.link", has_text=text).first.click()
        self.settle()

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]

    def ops(self) -> dict[int, str]:
        """node -> operation, as recorded."""
        return {event["node"]: event["op"] for event in self.of_kind("function")}

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.tab.screenshot(path=SHOTS / f"{name}.png")


def shown(number: float) -> str:
    """A number as the page writes it: four significant digits, a true minus."""
    return f"{number:.4g}".replace("-", "−")


# ----------------------------------------------------------------------------------- walking


def test_steps_over_the_loop_line_by_line(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    lines = []
    for _ in range(40):
        page.press("ArrowDown")
        lines.append(page.line())
    first = lines.index("optimizer.zero_grad()")
    assert lines[first : first + 6] == [
        "optimizer.zero_grad()",
        "y = model(x)",
        "loss = F.mse_loss(y, target)",
        "loss.backward()",
        'seen["weights"].append(model[0].weight.detach().clone().numpy())',
        "optimizer.step()",
    ]
    page.press("Home", *["ArrowDown"] * 8, "ArrowUp")
    assert page.line() == lines[6]
    page.shot("train")


def test_a_click_on_a_line_goes_there(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.click_line("loss = F.mse_loss(y, target)")
    assert page.line() == "loss = F.mse_loss(y, target)"
    assert "F.mse_loss" in page.text("#detail .here")
    made = len({e["node"] for e in page.of_kind("function")}) // 2
    drawn = page.tab.locator("#graph .box:not(.later)").count()
    assert 0 < drawn <= made


def test_backward_is_walked_in_the_order_of_the_engine(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    visits = page.of_kind("visit")
    ops = page.ops()
    first_walk = [ops[e["node"]] for e in visits if e["walk"] == 1]
    page.press("b")
    assert page.line() == "loss.backward()"
    walked = []
    for order in range(1, len(first_walk) + 1):
        assert page.text("#detail .visiting-now").startswith(f"Now: number {order} of ")
        walked.append(page.text("#detail .function-card h2").split()[0])
        assert page.tab.locator("#graph .visiting .order").text_content() == str(order)
        page.press("ArrowRight")
    assert walked == first_walk


def test_gradients_flow_to_where_they_were_sent(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.press("b")
    visit = page.of_kind("visit")[0]
    sent = [e for e in page.of_kind("sent") if e["node"] == visit["node"]]
    assert page.tab.locator("#detail .sent").count() == len(sent)
    assert page.tab.locator("#graph .edge.flowing").count() == len(sent) + 1
    values = [shown(x) for row in sent[0]["value"]["whole"] for x in row]
    assert page.all_text("#detail .sent .grid td") == values


def test_shows_the_values_that_the_run_computed(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.click_line("loss = F.mse_loss(y, target)")
    assert shown(page.seen["losses"][0]) in page.text("#detail .function-card")
    page.click_line("loss.backward()")
    page.follow("0.weight")
    cells = page.all_text("#detail .tensor-card .value:has-text('.grad') .grid td")
    assert cells == [shown(x) for x in page.seen["grads"][0].ravel()]


def test_the_formula_pane_shows_the_source_and_pytorchs_name(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.click_line("y = model(x)")
    page.tab.locator("#graph .box", has_text="Tanh").click()
    page.settle()
    card = page.text("#detail .function-card")
    assert "return np.tanh(x)" in card
    assert "gy * (1" in card
    assert "tadori/ops/" in card
    assert page.text("#detail .counterpart") in ("torch.tanh", "torch.nn.functional.tanh")
    assert page.tab.locator("#detail math").count() == 2
    page.tab.locator("#graph .box", has_text="Linear").first.click()
    page.settle()
    page.tab.locator("#detail summary", has_text="kernels.linear").first.click()
    assert "each row of x meets each row of weight" in page.text("#detail details >> nth=0")
    assert page.tab.locator("#graph .edge.near").count() == 4  # three inputs, one output


def test_an_update_is_told_in_numbers(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.click_line("optimizer.step()")
    event = next(e for e in page.of_kind("update"))
    sample = event["sample"]
    cells = page.all_text("#detail table.update td.number")
    assert cells[:3] == [shown(sample["value"]), shown(sample["new"]), shown(sample["gradient"])]
    assert "SGD updated 4 parameters" in page.text("#detail .here")


def test_zero_grad_names_what_it_cleared(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.click_line("optimizer.zero_grad()")
    assert "none had a gradient" in page.text("#detail .here")
    page.click_line("optimizer.zero_grad()")
    text = page.text("#detail .here")
    assert ".grad of 4 of 4 parameters became None" in text
    for name in ("0.weight", "0.bias", "2.weight", "2.bias"):
        assert name in text


def test_memory_is_freed_where_the_run_freed_it(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.press("b")
    before = page.tab.evaluate("tadori.recording.memory.total[tadori.walk.at]")
    page.press("ArrowDown")
    after = page.tab.evaluate("tadori.recording.memory.total[tadori.walk.at]")
    assert after < before
    # the page's account of bytes is that of births and deaths
    sizes = {e["array"]: e["bytes"] for e in page.of_kind("born")}
    died = {e["array"] for e in page.of_kind("died") if "array" in e}
    left = sum(size for array, size in sizes.items() if array not in died)
    assert page.tab.evaluate("tadori.recording.memory.total.at(-1)") == left
    dead = page.tab.locator("#graph .box.dead")
    assert dead.count() == len([e for e in page.of_kind("visit") if e["walk"] == 1])


def test_the_peak_is_that_of_the_recording(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.tab.click("#time .peak-link")
    page.settle()
    answer = peak(Story(page.data))
    top = page.tab.evaluate("tadori.recording.memory.peak.bytes")
    assert top == answer.facts["bytes"]
    page.tab.locator("#time .lane").first.click()
    page.settle()
    card = page.text("#detail .array-card")
    assert answer.facts["line"].rsplit("/", 1)[-1] in card
    assert "Who holds this?" in card


def test_a_leaf_of_no_model_is_held_by_its_variable(reader: Callable[..., Reader]) -> None:
    page = reader("branching")
    page.press("End")
    page.tab.locator("#graph .tensor.parameter", has_text="x").first.click()
    page.settle()
    card = page.text("#detail")
    assert "the variable x" in card
    assert "the model" not in card


def test_a_long_line_shows_nothing_behind_its_figures(reader: Callable[..., Reader]) -> None:
    page = reader("train", viewport={"width": 900, "height": 900})
    rights = page.tab.evaluate(
        "[...document.querySelectorAll('#program .did')].map((did) => [Math.round("
        "did.getBoundingClientRect().right), Math.round(did.closest('.scroll')"
        ".getBoundingClientRect().left + did.closest('.scroll').clientWidth)])"
    )
    assert rights
    assert all(did == pane for did, pane in rights)


def test_who_holds_the_weights(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.click_line("y = model(x)")
    page.tab.locator("#graph .parameter", has_text="0.weight").click()
    page.settle()
    kinds = page.tab.locator("#detail .holders li").evaluate_all(
        "all => all.map(li => li.dataset.holder)"
    )
    assert "parameter" in kinds


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("for x, target in DataLoader", "The DataLoader gave batch 1 of 2"),
        ("model.train()", "is in training mode now. These layers act differently"),
        ("model.eval()", "is in evaluation mode now."),
        ("scheduler.step()", "StepLR: learning rate 0.1 → 0.05"),
        ("with tadori.no_grad():", "0 of them recorded"),
        ("doubled = cut * 2", "1 operation (0 recorded)"),
        ("optimizer.step()", "Adam updated 4 parameters in place"),
    ],
)
def test_the_famous_lines_are_explained(
    reader: Callable[..., Reader], line: str, told: str
) -> None:
    page = reader("loop")
    page.click_line(line)
    assert told in page.text("#detail .here")


def test_says_why_it_comes_before_another_in_backward(reader: Callable[..., Reader]) -> None:
    page = reader("branching")
    page.press("b", "ArrowRight")
    card = page.text("#detail .function-card")
    seqs = {e["node"]: e["seq"] for e in page.of_kind("function")}
    second = page.of_kind("visit")[1]["node"]
    waiting = next(n for n, op in page.ops().items() if op == "Sin")
    assert f"It was the newest (made as {seqs[second]})" in card
    assert f"Sin ({seqs[waiting]})" in card


def test_repeats_fold_and_the_drawing_stays_small(reader: Callable[..., Reader]) -> None:
    page = reader("unrolled")
    page.press("b")
    assert len(page.of_kind("function")) > 2900
    folded = page.tab.locator("#graph .group", has_text="×")
    assert folded.count() >= 1
    assert "folded into boxes" in page.text("#graph .note")
    for _ in range(4):  # open box after box
        page.tab.locator("#graph .group").first.click()
        page.settle()
        assert page.tab.locator("#graph [data-id]").count() <= 200
    page.shot("unrolled")


# --------------------------------------------------------------------- what goes wrong, and why


def test_the_naive_order_gets_the_branch_wrong(reader: Callable[..., Reader]) -> None:
    page = reader("branching")
    page.click_line("y.backward()")
    page.tab.click("#graph .naive")
    page.settle()
    cells = page.all_text("#detail .naive-told td.number")
    assert cells[0] == shown(page.seen["grad"])
    a = math.exp(0.5)
    partial = {shown(a * cos_part) for cos_part in (2 * a, math.cos(a), a)}
    assert cells[1] in partial
    assert cells[1] != cells[0]
    page.shot("naive")


def test_the_first_nan_has_a_maker(reader: Callable[..., Reader]) -> None:
    page = reader("spoiled")
    assert "The first NaN was made by Log" in page.text("#top .problem")
    page.click_line("r = w.log()")
    assert page.tab.locator("#graph .box.bad:not(.later)").all_text_contents() == ["Log"]
    assert "This function made the NaN" in page.text("#detail .function-card")
    assert "NaN" in page.text("#detail .nan >> nth=0")
    page.click_line("s = (r * 2).sum()")
    assert "made the NaN" not in page.text("#detail .function-card")


def test_says_why_a_grad_is_none(reader: Callable[..., Reader]) -> None:
    page = reader("spoiled")
    page.click_line("kept = unused * 3")
    page.tab.locator("#graph .tensor", has_text="unused").click()
    page.settle()
    assert "No backward has run yet" in page.text("#detail .why-none")
    page.press("End")
    assert "The loss was not computed from it" in page.text("#detail .why-none")


def test_a_second_backward_is_told_what_it_needs(reader: Callable[..., Reader]) -> None:
    page = reader("again")
    assert "RuntimeError" in page.text("#top .problem")
    page.tab.click("#top .problem button")
    page.settle()
    text = page.text("#detail .here")
    assert "was released by backward number 1" in text
    assert "retain_graph=True" in text
    assert page.text("#program li.raised code").strip() == "loss.backward()"


def test_stale_memory_is_told_with_both_lines(reader: Callable[..., Reader]) -> None:
    page = reader("stale")
    page.press("End")
    text = page.text("#detail .here")
    kept, changed = (
        next(
            f"{Path(__file__).name}:{event_line}"
            for event_line, source in enumerate(Path(__file__).read_text().splitlines(), start=1)
            if source.strip() == wanted
        )
        for wanted in ("y = (h * h).sum()", "h.add_(1.0)")
    )
    assert f"kept at {kept}, changed at {changed} (add_)" in text


def test_a_recording_of_nothing_opens(reader: Callable[..., Reader]) -> None:
    page = reader("nothing")
    assert "No operation was recorded yet" in page.text("#graph")
    page.press("ArrowRight", "ArrowDown", "b", "End")
    page.tab.click("[data-tab=story]")
    assert "was recorded" in page.text("#time .story")


def test_recursion_without_backward(reader: Callable[..., Reader]) -> None:
    page = reader("recursion")
    page.press("End")
    assert shown(page.seen["found"]) in page.text("#detail .function-card")
    assert page.tab.locator("#graph .box.unrecorded").count() == 6


def test_what_was_left_out_is_said(reader: Callable[..., Reader]) -> None:
    page = reader("crowded")
    assert page.data["left_out"]["functions"] > 0
    assert f"{page.data['left_out']['functions']} operations left out" in page.text("#top .facts")
    assert f"{page.data['left_out']['visits']} backward visits left out" in page.text("#top .facts")


def test_a_number_of_the_program_keeps_its_digits(reader: Callable[..., Reader]) -> None:
    page = reader("crowded")
    page.press("ArrowRight")
    assert "1.00001" in page.text("#detail .function-card")


@pytest.mark.parametrize(("program", "key"), [("crowded", "ArrowRight"), ("train", "b")])
def test_marks_lie_inside_the_drawing(
    reader: Callable[..., Reader], program: str, key: str
) -> None:
    page = reader(program)
    page.press(key, *["ArrowRight"] * 3)
    edge = page.tab.evaluate("document.querySelector('#graph svg').getBoundingClientRect().right")
    ends = page.tab.evaluate(
        "[...document.querySelectorAll('#graph .order, #graph .arrived')]"
        ".filter((mark) => mark.textContent).map((mark) => mark.getBoundingClientRect().right)"
    )
    assert ends
    assert max(ends) <= edge


def test_text_of_the_program_stays_text(reader: Callable[..., Reader]) -> None:
    page = reader("markup")
    assert page.tab.evaluate("window.hacked") is None
    assert "</script><script>window.hacked = 1</script>" in page.text("#program")
    assert "<img src=x onerror=" in page.text("#top .problem")
    assert page.tab.locator("img").count() == 0
    assert "{{title}}" in page.text("#top .problem")


# --------------------------------------------------------------------- languages, light, keyboard


def test_speaks_the_browsers_language_and_changes_it(reader: Callable[..., Reader]) -> None:
    page = reader("train", locale="ja-JP", color_scheme="dark")
    assert page.text("#program h2") == "プログラム"
    assert page.tab.get_attribute("html", "lang") == "ja"
    dark = page.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    page.press("b", "ArrowRight")
    page.shot("japanese")
    page.tab.select_option("#top .switches select >> nth=0", "en")
    page.settle()
    assert page.text("#program h2") == "Program"
    assert page.tab.get_attribute("html", "lang") == "en"
    page.tab.select_option("#top .switches select >> nth=1", "light")
    light = page.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark


def test_both_languages_say_the_same_things() -> None:
    def keys(name: str) -> list[str]:
        text = (FOLDER / name).read_text(encoding="utf-8")
        return re.findall(r"^(?: {2}| {4})(\w+):", text, re.MULTILINE)

    assert keys("words.en.js") == keys("words.ja.js")


def test_everything_is_within_reach_of_the_keyboard(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    reached = set()
    for _ in range(60):
        page.tab.keyboard.press("Tab")
        reached.add(
            page.tab.evaluate(
                """() => {
                  const here = document.activeElement;
                  const pane = here.closest("#top, #program, #graph, #detail, #time");
                  const visible = getComputedStyle(here).outlineStyle !== "none"
                    || here.closest("#graph") !== null;
                  return pane && visible ? pane.id : null;
                }"""
            )
        )
    assert reached >= {"top", "program", "graph", "time"}


def test_keys_walk_play_and_pick(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    at = "tadori.walk.at"
    page.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert page.tab.evaluate(at) == 1
    page.press("End")
    assert page.tab.evaluate(at) == page.tab.evaluate("tadori.recording.moments.length - 1")
    page.press("Home", "b")
    page.tab.locator("#graph .visiting").focus()
    page.press("Enter")
    assert page.tab.locator("#graph .visiting.picked").count() == 1
    page.press("Escape")
    assert page.tab.locator("#graph .picked").count() == 0
    page.tab.click("[data-control=play]")
    before = page.tab.evaluate(at)
    page.tab.wait_for_timeout(900)
    page.tab.click("[data-control=play]")
    assert page.tab.evaluate(at) > before


def test_the_parameters_story(reader: Callable[..., Reader]) -> None:
    page = reader("train")
    page.tab.click("[data-tab=story]")
    page.settle()
    figures = page.all_text("#time figure figcaption")
    assert len(figures) == 1 + 2 * 4  # the loss; for each parameter gradient and update
    page.press("End")
    assert shown(page.seen["losses"][-1]) in page.text("#time figure >> nth=0")


# ------------------------------------------------------------------------------ without a browser


def test_a_notebook_shows_the_page_in_a_frame(recorded: Any) -> None:
    _, t, _ = recorded("markup")
    cell = t._repr_html_()
    assert cell.startswith("<iframe srcdoc=")
    assert "<script" not in cell
    assert 'sandbox="allow-scripts"' in frame("")


def test_the_frame_of_a_notebook_works(browser: Any, recorded: Any, tmp_path: Path) -> None:
    _, t, _ = recorded("train")
    (tmp_path / "cell.html").write_text(t._repr_html_(), encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "cell.html").as_uri())
    inside = tab.frame_locator("iframe")
    inside.locator("#time .chart").wait_for()
    assert inside.locator("#program h2").inner_text() == "Program"
    tab.close()


def test_the_page_needs_no_network() -> None:
    html = page({"events": [], "files": []}, "nothing")
    assert "default-src 'none'" in html
    own = html.replace("http://www.w3.org/", "")  # names of SVG and MathML, never fetched
    assert "http://" not in own
    assert "https://" not in own


def test_json_in_a_script_cannot_end_it() -> None:
    text = as_script({"a": "</script><!-- \u2028"})
    assert "<" not in text
    assert "\u2028" not in text


def test_every_operation_has_its_card() -> None:
    t, _ = train()
    found = cards(t.data)
    assert {"Linear", "Tanh"} <= set(found)
    assert "np.tanh(x)" in found["Tanh"]["forward"]["source"]
    assert found["Tanh"]["file"].startswith("tadori/ops/")
    assert found["optimizer SGD"]["doc"]
    assert "weight.T" in found["kernel linear"]["source"]
    assert page(t.data, "train.py").count("</html>") == 1


def test_the_modules_of_the_page_are_short() -> None:
    for file in FOLDER.glob("*.js"):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 400, f"{file.name}: split it by subject"
        wide = [line for line in lines if len(line) > 100]
        assert not wide or file.name.startswith("words."), f"{file.name}: {wide[0]}"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("def backward(self, gy, y):\n    return gy * (1 - y * y)", "<msup>"),
        ("def grad_x(self, gy, x):\n    return gy / (2 * np.sqrt(x))", "<mfrac>"),
        ("def forward(self, a, b):\n    return np.where(a < b, a, b)", "otherwise"),
        ("def forward(self, x):\n    return np.sum(x, axis=0)", "∑"),
    ],
)
def test_formulas_are_written_from_the_source(source: str, wanted: str) -> None:
    assert wanted in formula(source, ("y",), ("x",))


def test_what_is_no_formula_has_no_mathml() -> None:
    assert formula("def forward(self, x):\n    for i in x: pass\n    return i") == ""


def test_the_layout_library_is_as_npm_has_it() -> None:
    if shutil.which("npm") is None:
        pytest.skip("no npm on this machine")
    command = [sys.executable, str(ROOT / "tools" / "vendor.py"), "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if "CalledProcessError" in run.stderr or "TimeoutExpired" in run.stderr:
        pytest.skip("npm's registry is out of reach")
    assert run.returncode == 0, run.stderr
