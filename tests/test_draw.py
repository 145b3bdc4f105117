"""Drawing the graph: the DOT text, and the picture that comes out with and without Graphviz."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections import Counter

import numpy as np
import pytest

import tadori
from tadori import Tensor
from tadori.autograd import Function
from tadori.drawing import draw

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)


def leaf(*shape: int) -> Tensor:
    return Tensor(np.ones(shape, "float32")).requires_grad_()


def network():
    x = Tensor(np.ones((2, 3), "float32"))
    w, b = leaf(3, 4), leaf(4)
    x.name, w.name = "x", "w"
    h = np.matmul(x, w) + b
    return x, w, b, np.sum(h * h)


def labels(dot: str, color: str) -> list[str]:
    return re.findall(rf'label="([^"]*)".*fillcolor={color}', dot)


def arrows(dot: str) -> list[tuple[str, str]]:
    names = dict(re.findall(r'(n\d+) \[label="([^"]*)"', dot))
    return [(names[a], names[b]) for a, b in re.findall(r"(n\d+) -> (n\d+)", dot)]


def test_tensors_and_functions() -> None:
    x, _w, b, y = network()
    dot = draw(y, {"b": b}).dot
    assert Counter(labels(dot, "lightblue")) == {"Sum": 1, "Multiply": 1, "Add": 1, "Matmul": 1}
    assert set(labels(dot, "palegreen")) == {r"w\n(3, 4)", r"b\n(4,)"}
    assert labels(dot, "lightgray") == [r"x\n(2, 3)"]
    assert Counter(labels(dot, "orange")) == {r"y\n()": 1, "(2, 4)": 3}
    assert dot.count("shape=box") == 4
    found = arrows(dot)
    assert (r"w\n(3, 4)", "Matmul") in found
    assert ("Matmul", "(2, 4)") in found
    assert found.count(("(2, 4)", "Multiply")) == 2, "an arrow for each use"
    assert found[-1] == ("Sum", r"y\n()")
    del x


def test_arrows_come_in_the_order_of_computing() -> None:
    """`layered` relies on it: an arrow out of an item comes after all arrows into it."""
    x, w, b = leaf(2), leaf(2), leaf(2)
    a = x * w
    y = np.sum((a * b) * (a + x) - a)
    graph = draw(y).graph
    for i, (source, _) in enumerate(graph.arrows):
        assert all(target != source for _, target in graph.arrows[i:])
    assert len({key for arrow in graph.arrows for key in arrow}) == len(graph.items)
    del w, b


def test_freed_tensors_and_constants_are_drawn_too() -> None:
    x = leaf(2, 2)
    y = (x + 1.0) * Tensor(np.ones(2, "float32"))
    dot = draw(y).dot
    assert labels(dot, "lightgray") == ["constant"]
    assert labels(dot, "orange") == [r"y\n(2, 2)", "(2, 2)"]


def test_a_tensor_without_a_graph() -> None:
    drawing = draw(Tensor(np.ones(3)))
    assert labels(drawing.dot, "lightgray") == ["(3,)"]
    assert arrows(drawing.dot) == []
    assert draw(leaf(3)).svg.count("<ellipse") == 1


def test_several_roots_and_several_outputs() -> None:
    class Both(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2.0, x * 3.0

    x = leaf(2)
    a, b = Both.apply(x)
    dot = draw([a * a, b]).dot
    assert {("Both", r"a\n(2,)"), ("Both", r"b\n(2,)")} <= set(arrows(dot))
    assert Counter(labels(dot, "lightblue")) == {"Both": 1, "Multiply": 1}


def test_names_are_those_of_the_callers_variables_as_in_a_trace() -> None:
    net = tadori.nn.Sequential(tadori.nn.Linear(2, 1))
    weight = net[0].weight
    data = tadori.ones(3, 2)
    loss = net(data).sum()
    dot = draw(loss).dot
    assert set(labels(dot, "palegreen")) == {r"net.0.weight\n(1, 2)", r"net.0.bias\n(1,)"}
    assert labels(dot, "lightgray") == [r"data\n(3, 2)"]
    assert r"loss\n()" in labels(dot, "orange")
    assert weight is not None


def test_names_from_pairs_and_attributes_are_escaped() -> None:
    x = leaf(2)
    y = x * 2.0
    y.name = 'a "quoted" <name>'
    drawing = draw(y, [("layer.weight", x)])
    assert r"layer.weight\n(2,)" in drawing.dot
    assert r"a \"quoted\" <name>" in drawing.dot
    assert "&lt;name&gt;" in drawing.svg
    ET.fromstring(drawing.svg)


def test_a_limit_is_said_in_the_picture() -> None:
    y = x = leaf(1)
    for _ in range(30_000):
        y = y * x
    drawing = draw(y)
    assert 200 <= len(drawing.graph.items) <= 204
    (text,) = labels(drawing.dot, "white")
    count = int(re.search(r"\.\.\. ([\d,]+) more functions", text)[1].replace(",", ""))
    assert count + dict(Counter(labels(drawing.dot, "lightblue")))["Multiply"] == 30_000
    assert "limit=200" in text
    assert (text, "(1,)") in arrows(drawing.dot)
    assert f"{count:,} more functions" in drawing.svg
    assert len(draw(y, limit=20).graph.items) < 25


def test_the_svg_that_comes_out_without_graphviz() -> None:
    *_, y = network()
    drawing = draw(y)
    picture = ET.fromstring(drawing.svg)
    assert picture.tag == f"{SVG}svg"
    assert len(picture.findall(f"{SVG}rect")) == 4
    assert len(picture.findall(f"{SVG}ellipse")) == len(drawing.graph.items) - 4
    texts = [text.text for text in picture.findall(f"{SVG}text")]
    assert {"Matmul", "Sum", "w", "(3, 4)"} <= set(texts)
    tips = [p for p in picture.findall(f"{SVG}path") if "marker-end" in p.attrib]
    assert len(tips) == len(drawing.graph.arrows)
    assert drawing._repr_svg_() == drawing.svg


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """(left, top, right, bottom) of all items."""
    picture, found = ET.fromstring(svg), []
    for rect in picture.findall(f"{SVG}rect"):
        x, y, w, h = (float(rect.attrib[k]) for k in ("x", "y", "width", "height"))
        found.append((x, y, x + w, y + h))
    for oval in picture.findall(f"{SVG}ellipse"):
        x, y, a, b = (float(oval.attrib[k]) for k in ("cx", "cy", "rx", "ry"))
        found.append((x - a, y - b, x + a, y + b))
    return found


def test_items_do_not_overlap_and_lie_inside() -> None:
    x = leaf(3)
    y = x
    for n in range(12):
        arms = [y * float(k) + x for k in range(n % 4 + 1)]
        y = arms[0]
        for arm in arms[1:]:
            y = y * arm
    svg = draw(y, limit=1000).svg
    width, height = (float(ET.fromstring(svg).attrib[k]) for k in ("width", "height"))
    found = sorted(boxes(svg))
    assert len(found) > 100
    for i, (left, top, right, bottom) in enumerate(found):
        assert left >= 0
        assert top >= 0
        assert right <= width + 1
        assert bottom <= height + 1
        for other in found[i + 1 :]:
            apart = other[0] >= right - 0.2 or other[1] >= bottom or other[3] <= top
            assert apart, f"{(left, top, right, bottom)} and {other}"


def test_arrows_point_down() -> None:
    *_, y = network()
    for path in re.findall(r'd="M\S+ (\S+)C[^"]* (\S+)" fill="none"', draw(y).svg):
        assert float(path[0]) < float(path[1])


def test_saving(tmp_path) -> None:
    drawing = draw(leaf(2) * 2.0)
    drawing.save(tmp_path / "graph.svg")
    drawing.save(str(tmp_path / "graph.dot"))
    assert (tmp_path / "graph.svg").read_text() == drawing.svg
    assert (tmp_path / "graph.dot").read_text() == drawing.dot
    with pytest.raises(RuntimeError, match=r"a png file needs .*Graphviz"):
        drawing.save(tmp_path / "graph.png")


def test_graphviz_is_used_if_it_is_there(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\ncat > /dev/null\necho "<svg>by dot</svg>"\n')
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    assert draw(leaf(2) * 2.0).svg.strip() == "<svg>by dot</svg>"
    program.write_text("#!/bin/sh\ncat > /dev/null\nexit 1\n")
    assert "<ellipse" in draw(leaf(2) * 2.0).svg, "a dot that fails is as good as none"


def test_the_public_name_is_the_function() -> None:
    """Importing the module must not put the module in the function's place."""
    assert tadori.draw is draw


def test_the_repr_is_short() -> None:
    assert repr(draw(leaf(2) * 2.0)) == "<drawing of 3 nodes: .svg, .dot, .save(path)>"
