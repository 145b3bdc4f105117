// What optimizer.step() did: the rule, and one number of a chosen parameter before and after.

import { h } from "page/dom.js";
import { number } from "page/numbers.js";
import { asNumber } from "page/readvalue.js";
import { words } from "page/words.js";

let chosen = ""; // the parameter whose update is shown, by name
let menu = null; // made anew for each step: a large model has hundreds of parameters

export function stepped(moments, r, walk) {
  const updates = moments.filter((m) => m.kind === "update" && m.tensor);
  if (!updates.length) return null;
  const type = r.optimizers.get(updates[0].event.optimizer)?.type ?? "";
  const rule = r.cards[`optimizer ${type}`]?.doc;
  const here = walk.moment.kind === "update" ? walk.moment : null;
  const current = here ?? updates.find((m) => m.tensor.name === chosen) ?? updates[0];
  if (menu?.first !== updates[0] || menu.language !== words.own) menu = makeMenu(updates, walk);
  menu.element.value = current.i;
  return [
    h("p", {}, words.stepDid(type, updates.length)),
    rule && h("pre", { class: "rule" }, rule),
    h("p", {}, words.inNumbers, menu.element),
    updateTable(current.event),
  ];
}

function makeMenu(updates, walk) {
  const element = h(
    "select",
    {
      "aria-label": words.parameter,
      onchange: () => {
        const { i, tensor } = updates.find((m) => m.i === Number(element.value));
        chosen = tensor.name;
        walk.go(i, walk.depth);
      },
    },
    updates.map(({ i, tensor }) => h("option", { value: i }, tensor.name || tensor.id)),
  );
  return { first: updates[0], language: words.own, element };
}

function updateTable({ sample, options, norms }) {
  if (!sample) return null;
  const row = (name, value, after) =>
    h(
      "tr",
      {},
      h("th", {}, name),
      h("td", { class: "number" }, number(asNumber(value))),
      h("td", { class: "number" }, after === undefined ? "" : number(asNumber(after))),
    );
  const options_ = Object.entries(options ?? {}).filter(
    ([, v]) => v !== false && v !== null && v !== 0,
  );
  const names = new Set([
    ...Object.keys(sample.state ?? {}),
    ...Object.keys(sample.new_state ?? {}),
  ]);
  return h(
    "table",
    { class: "update" },
    h(
      "tbody",
      {},
      h(
        "tr",
        {},
        h("th", {}, words.entry(sample.index)),
        h("th", {}, words.before),
        h("th", {}, words.after),
      ),
      row(words.value, sample.value, sample.new),
      row(words.theGradient, sample.gradient),
      [...names].map((name) => row(name, sample.state?.[name], sample.new_state?.[name])),
      row(words.changedBy, asNumber(sample.new) - asNumber(sample.value)),
      norms && row(words.ratio, norms.value ? norms.update / norms.value : null),
      options_.map(([name, value]) =>
        h(
          "tr",
          {},
          h("th", {}, name),
          h(
            "td",
            { class: "number", colspan: 2 },
            Array.isArray(value) ? value.join(", ") : number(asNumber(value)),
          ),
        ),
      ),
    ),
  );
}
