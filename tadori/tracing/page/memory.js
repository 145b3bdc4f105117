// Memory over the whole recording, by kind; under it the arrays that live at this moment.

import { h, percent, replace, svg } from "page/dom.js";
import { bytes, shapeText } from "page/numbers.js";
import { words } from "page/words.js";

export const KINDS = ["parameter", "optimizer", "gradient", "activation", "data", "temporary"];
const COLUMNS = 800; // of the drawing; more moments share a column, which shows its highest
const LANES = 40;

export function makeMemory(recording, walk) {
  const { memory, moments } = recording;
  const cursor = svg("line", { class: "cursor", y1: 0, y2: 80 });
  const legend = h("div", { class: "legend" });
  const chart = h("div", { class: "chart" }, drawChart(memory, moments.length, cursor));
  const lanes = h("div", { class: "lanes", role: "list", "aria-label": words.alive });
  const element = h("div", { class: "memory" }, h("div", { class: "over" }, legend, chart), lanes);
  chart.addEventListener("pointerdown", (event) =>
    drag(event, chart, (x) => walk.go(Math.round(x * (moments.length - 1)))),
  );

  function update() {
    const { at } = walk;
    const x = (COLUMNS * (at + 0.5)) / moments.length;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    replace(
      legend,
      KINDS.filter((kind) => memory.used.has(kind)).map((kind) =>
        h(
          "span",
          {},
          h("i", { class: `kind-${kind}` }),
          `${words.kinds[kind]} ${bytes(memory.live[kind][at])}`,
        ),
      ),
      h(
        "button",
        { class: "link peak-link", onclick: () => walk.go(memory.peak.at) },
        words.peak(bytes(memory.peak.bytes), memory.peak.place),
      ),
    );
    const alive = recording.arrays.filter((a) => a.born <= at && at < a.died);
    alive.sort((a, b) => b.bytes - a.bytes || a.born - b.born);
    replace(
      lanes,
      alive.slice(0, LANES).map(lane),
      alive.length > LANES && h("div", { class: "soft" }, words.more(alive.length - LANES)),
    );
  }

  function lane(array) {
    const total = moments.length;
    const [left, width] = [array.born, Math.min(array.died, total) - array.born];
    return h(
      "div",
      { role: "listitem" },
      h(
        "button",
        {
          class: `lane ${walk.picked === array ? "picked" : ""}`,
          title: words.arrayLong(array),
          onclick: () => walk.pick(array),
        },
        h(
          "span",
          { class: "label" },
          h("span", { class: "what" }, array.label),
          h("span", {}, shapeText(array.shape)),
          h("span", {}, bytes(array.bytes)),
        ),
        h(
          "span",
          { class: "track" },
          h("span", {
            class: `bar kind-${array.kindAt(walk.at)}`,
            style: `left:${percent(left, total)};width:${percent(width, total)}`,
          }),
        ),
      ),
    );
  }

  return { element, update };
}

export function drag(event, element, move) {
  const box = element.querySelector("svg").getBoundingClientRect();
  const follow = (e) => move(Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)));
  follow(event);
  element.setPointerCapture(event.pointerId);
  element.addEventListener("pointermove", follow);
  element.addEventListener("pointerup", () => element.removeEventListener("pointermove", follow), {
    once: true,
  });
}

function drawChart(memory, count, cursor) {
  const columns = Math.min(count, COLUMNS);
  const most = Math.max(memory.peak.bytes, 1);
  const base = new Float64Array(columns);
  const x = (i) => ((COLUMNS * i) / columns).toFixed(1);
  const y = (value) => (78 - (70 * value) / most).toFixed(1);
  const areas = KINDS.filter((kind) => memory.used.has(kind)).map((kind) => {
    let top = "";
    let bottom = "";
    for (let i = 0; i < columns; i += 1) {
      const below = y(base[i]);
      base[i] += highest(memory, kind, i, columns, count);
      top += `L${x(i)} ${y(base[i])}H${x(i + 1)}`;
      bottom = `L${x(i + 1)} ${below}L${x(i)} ${below}${bottom}`;
    }
    return svg("path", { class: `kind-${kind}`, d: `M${top.slice(1)}${bottom}Z` });
  });
  const peak = (COLUMNS * (memory.peak.at + 0.5)) / count;
  return svg(
    "svg",
    {
      viewBox: `0 0 ${COLUMNS} 80`,
      height: 80,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": words.memoryLong(bytes(memory.peak.bytes), memory.peak.place),
    },
    areas,
    svg("line", {
      class: "peak",
      x1: peak,
      x2: peak,
      y1: 0,
      y2: 80,
      "vector-effect": "non-scaling-stroke",
    }),
    cursor,
  );
}

// The bytes of a kind in the moment of this column in which all kinds together were most.
function highest(memory, kind, column, columns, count) {
  if (columns === count) return memory.live[kind][column];
  const from = Math.floor((column * count) / columns);
  const to = Math.max(from + 1, Math.floor(((column + 1) * count) / columns));
  let best = from;
  for (let i = from; i < to; i += 1) if (memory.high[i] > memory.high[best]) best = i;
  return memory.live[kind][best];
}
