// What ran through: small arrays in full, large ones in a few numbers and a histogram.

import { h, svg } from "page/dom.js";
import { number, shapeText } from "page/numbers.js";
import { words } from "page/words.js";

// value: {shape, dtype, full?, min, mean, max, histogram?, nan, infinite} or null.
export function showValue(value, { of = "", about = "" } = {}) {
  const name = h("div", { class: "of" }, of);
  if (!value)
    return h("div", { class: "value" }, name, h("div", { class: "stats" }, about || words.notKept));
  const head = h(
    "div",
    {},
    h("span", { class: "mono" }, `${value.dtype} ${shapeText(value.shape)}`),
    about && h("span", { class: "soft" }, `  ${about}`),
  );
  return h("div", { class: "value" }, name, h("div", {}, head, trouble(value), numbers(value)));
}

function trouble({ nan, infinite }) {
  if (!nan && !infinite) return null;
  return h("div", { class: "nan" }, words.notFinite(nan ?? 0, infinite ?? 0));
}

function numbers(value) {
  if (value.full !== undefined && value.full !== null) return grid(value.full);
  if (value.min === undefined || value.min === null)
    return h("div", { class: "stats" }, words.valuesLeftOut);
  return h(
    "div",
    { class: "stats" },
    words.statistics(number(value.min), number(value.mean), number(value.max)),
    value.histogram && bars(value.histogram, value.min, value.max),
  );
}

// A nested list as a table of its last two axes; further axes one under the other.
function grid(full) {
  if (!Array.isArray(full))
    return h("div", { class: "grid" }, h("span", { class: cellClass(full) }, number(full)));
  if (!full.length) return h("div", { class: "stats" }, words.noEntries);
  if (Array.isArray(full[0]) && Array.isArray(full[0][0])) return h("div", {}, full.map(grid));
  const rows = Array.isArray(full[0]) ? full : [full];
  return h(
    "table",
    { class: "grid" },
    h(
      "tbody",
      {},
      rows.map((row) =>
        h(
          "tr",
          {},
          row.map((x) => h("td", { class: cellClass(x) }, number(x))),
        ),
      ),
    ),
  );
}

const cellClass = (x) => (typeof x === "number" && !Number.isFinite(x) ? "nan" : null);

function bars(counts, min, max) {
  const most = Math.max(...counts, 1);
  const width = 150 / counts.length;
  return svg(
    "svg",
    {
      class: "bars",
      viewBox: "0 0 150 30",
      role: "img",
      "aria-label": words.histogram(number(min), number(max)),
    },
    counts.map((count, i) => {
      const height = count ? Math.max(1, (28 * count) / most) : 0;
      return svg("rect", {
        x: i * width,
        y: 30 - height,
        width: Math.max(0.5, width - 0.8),
        height,
      });
    }),
  );
}
