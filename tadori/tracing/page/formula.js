// A function's card: its mathematics, its code in Tadori, what ran through it, and PyTorch's name
// for it.

import { h, math } from "page/dom.js";
import { functionLink, lineLink, tensorLink } from "page/links.js";
import { exact, seconds } from "page/numbers.js";
import { asNumber, readValue, valueAt } from "page/readvalue.js";
import { showValue } from "page/values.js";
import { words } from "page/words.js";

export function functionCard(f, recording, walk) {
  const card = recording.cards[f.name] ?? {};
  return h(
    "article",
    { class: "card function-card", "data-function": f.id },
    h("h2", {}, f.name, h("span", { class: "soft" }, words.functionNumber(f.number))),
    h("p", { class: "soft" }, made(f, recording, walk)),
    f.bad && h("p", { class: "alarm" }, words.made[f.bad]),
    card.doc && h("p", {}, card.doc),
    card.counterpart &&
      h("p", {}, `${words.counterpart}: `, h("code", { class: "counterpart" }, card.counterpart)),
    h("h3", {}, words.forward),
    card.forward?.math && math(card.forward.math),
    card.forward && [
      h("pre", {}, h("code", {}, card.forward.source)),
      kernels(card.forward, recording),
    ],
    inputs(f, card),
    f.outputs.map((t, i) =>
      showValue(t.value, { of: card.outputs?.[i] ?? "y", about: t.view ? words.view : "" }),
    ),
    saved(f, recording, walk),
    h("h3", {}, words.backward),
    backward(f, card, recording, walk),
    card.file && h("p", { class: "soft" }, words.readIn, h("code", {}, card.file)),
  );
}

// What the kernels in a formula are, behind a fold.
function kernels({ source }, recording) {
  const names = new Set([...source.matchAll(/\bkernels\.(\w+)/g)].map((found) => found[1]));
  return [...names].map((name) => {
    const kernel = recording.cards[`kernel ${name}`];
    if (!kernel) return null;
    return h(
      "details",
      {},
      h("summary", {}, words.kernel(name), h("code", { class: "soft" }, ` ${kernel.file}`)),
      h("pre", {}, h("code", {}, kernel.source)),
    );
  });
}

function made(f, recording, walk) {
  if (!f.origin) return words.madeBefore;
  const parts = [words.madeAt, lineLink(f.origin, walk, recording)];
  const inside = f.modules.at(-1)?.path;
  if (inside) parts.push(` · ${inside}`);
  if (f.seconds) parts.push(` · ${seconds(f.seconds)}`);
  if (!f.recorded)
    parts.push(` · ${f.event.grad_mode === false ? words.notRecordedMode : words.notRecorded}`);
  return parts;
}

function inputs(f, card) {
  const names = card.inputs ?? [];
  const rows = f.rawInputs.map((input, i) => {
    const of = names[i] ?? names.at(-1) ?? "x";
    const tensor = f.inputs[i];
    if (tensor) return showValue(valueAt(tensor, f.born), { of, about: tensor.name });
    if ("number" in input) {
      return input.number === null
        ? null
        : showValue(null, { of, about: exact(asNumber(input.number)) });
    }
    return showValue(null, { of, about: words.plainArray });
  });
  const options = Object.entries(f.options).filter(([, value]) => value !== null);
  const text = options.map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [rows, text.length > 0 && h("p", { class: "mono soft" }, text.join(", "))];
}

function saved(f, recording, walk) {
  if (!f.recorded) return null;
  if (!f.saved.length) return h("p", { class: "soft" }, words.keepsNothing);
  const names = f.saved.map((kept) => kept.name).join(", ");
  const gone = f.released <= walk.at;
  return h(
    "p",
    { class: "soft" },
    words.keeps(
      names,
      f.saved.reduce((sum, kept) => sum + kept.bytes, 0),
    ),
    gone && ` ${words.released}`,
  );
}

function backward(f, card, recording, walk) {
  const visit = f.visits.findLast((v) => v.at <= walk.at) ?? null;
  return [
    (card.backward ?? []).map((part) => [
      part.math && math(part.math),
      h("pre", {}, h("code", {}, part.source)),
      kernels(part, recording),
    ]),
    !card.backward?.length && h("p", { class: "soft" }, words.noDerivative),
    visit
      ? visited(f, visit, card, walk)
      : f.visits.length > 0 && h("p", { class: "soft" }, words.notYetVisited),
  ];
}

function visited(f, visit, card, walk) {
  const names = card.outputs ?? ["y"];
  const incoming = (visit.event.gradient ?? []).map(
    (g, i) =>
      g &&
      showValue(readValue(g.value, { shape: g.shape, dtype: f.outputs[i]?.dtype ?? "" }), {
        of: `g${names[i] ?? ""}`,
      }),
  );
  const sends = visit.sends.map((send) => {
    const { event } = send;
    const about = send.added ? words.addedTo : words.goesTo;
    const of = `g${card.inputs?.[event.input] ?? event.input}`;
    const value = showValue(
      readValue(event.value, { shape: event.shape ?? [], dtype: send.tensor.dtype }),
      { of, about: "" },
    );
    return h(
      "div",
      { class: "sent" },
      value,
      h("p", { class: "soft" }, about, tensorLink(send.tensor, walk)),
    );
  });
  return [h("p", {}, order(visit, walk)), incoming, sends];
}

// Why now: it was the newest of those that waited.
function order(visit, walk) {
  const parts = [words.visitedAs(visit.order, visit.pass.visits.length)];
  if (!visit.waited.length) return parts;
  const waited = [...visit.waited].sort((a, b) => b.seq - a.seq).slice(0, 4);
  parts.push(" ", words.newestOf(visit.fn.seq));
  waited.forEach((f, i) => parts.push(i ? ", " : "", functionLink(f, walk), ` (${f.seq})`));
  parts.push(".");
  return parts;
}
