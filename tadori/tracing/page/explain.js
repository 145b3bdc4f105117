// What happened at this line: the famous lines of a training loop, told with this run's numbers.

import { h } from "page/dom.js";
import { functionLink, lineLink, momentLink, tensorLink } from "page/links.js";
import { bytes, number, seconds, shapeText } from "page/numbers.js";
import { naiveOrder } from "page/naive.js";
import { asNumber } from "page/readvalue.js";
import { stepped } from "page/update.js";
import { words } from "page/words.js";

const MANY = 12; // things named one by one; more are counted

export function explain(recording, walk) {
  const { span, frames, moment } = walk;
  const moments = recording.moments.slice(span.first, span.last + 1);
  const place = frames[0];
  const told = [
    ...TOLD.flatMap((tell) => tell(moments, recording, walk) ?? []),
    moment.kind === "visit" && nowVisiting(moment, walk),
  ].filter(Boolean);
  return h(
    "div",
    { class: "here" },
    place
      ? [
          h("pre", {}, h("code", {}, place.text || " ")),
          h("p", { class: "soft" }, lineLink(place, walk, recording), ` · ${place.function}`),
        ]
      : [h("p", {}, words.beginning), list(words.legend)],
    told.length ? told : place && h("p", { class: "soft" }, words.nothingHere),
  );
}

const list = (items) =>
  h(
    "ul",
    { class: "facts" },
    items.filter(Boolean).map((item) => h("li", {}, item)),
  );

const some = (things, show) => [
  ...things.slice(0, MANY).flatMap((thing, i) => [i ? ", " : "", show(thing)]),
  things.length > MANY ? words.andMore(things.length - MANY) : "",
];

const of = (moments, kind) => moments.filter((m) => m.kind === kind);

const TOLD = [
  batch,
  modes,
  training,
  forward,
  detached,
  zeroed,
  backward,
  stepped,
  schedule,
  written,
  raised,
];

function batch(moments, r, walk) {
  return of(moments, "batch").map(({ event }) => [
    h("p", {}, words.batch(event.number, event.of)),
    list(
      event.tensors
        .map((t) => r.tensor.get(t))
        .filter(Boolean)
        .map((t) => [tensorLink(t, walk), ` ${t.dtype}`]),
    ),
  ]);
}

// A mode event tells what is asked for; leaving it brings back the opposite.
const records = ({ event }) => (event.entered === false ? !event.grad : Boolean(event.grad));

function modes(moments, r) {
  return of(moments, "mode").map((moment) => {
    if (records(moment)) return h("p", {}, words.recordingOn);
    const end = r.moments.findIndex((m, k) => k > moment.i && m.kind === "mode" && records(m));
    const within = r.moments.slice(moment.i, end < 0 ? undefined : end);
    const inside = within.filter((m) => m.kind === "forward");
    const recorded = inside.filter((m) => m.fn.recorded).length;
    return h("p", {}, words.recordingOff(moment.event.name, inside.length, recorded));
  });
}

function training(moments, r) {
  return of(moments, "train").map(({ event }) => {
    const outer = r.modules[event.module]?.path ?? "";
    const inside = Object.values(r.modules).filter(
      (m) => m.path === outer || m.path.startsWith(`${outer}.`),
    );
    const touched = inside
      .filter((m) => /Dropout|Norm/.test(m.type))
      .map((m) => `${m.path} (${m.type})`);
    return h(
      "p",
      {},
      words.training(outer, event.training),
      touched.length ? words.behavesOtherwise(touched.join(", ")) : words.noneBehaves,
    );
  });
}

function forward(moments, r, walk) {
  const made = of(moments, "forward").map((m) => m.fn);
  if (!made.length) return null;
  const recorded = made.filter((f) => f.recorded);
  const { born, freed } = sums(moments);
  const kept = new Map(recorded.flatMap((f) => f.saved).map((s) => [s.array, s.bytes]));
  const time = made.reduce((sum, f) => sum + f.seconds, 0);
  return [
    h(
      "p",
      {},
      words.operations(made.length, recorded.length, seconds(time)),
      " ",
      made.length <= MANY ? some(made, (f) => functionLink(f, walk)) : counted(made),
    ),
    list([
      words.memoryHere(bytes(born), bytes(freed)),
      kept.size > 0 &&
        words.keptForBackward(kept.size, bytes([...kept.values()].reduce((a, b) => a + b, 0))),
    ]),
  ];
}

function counted(made) {
  const counts = new Map();
  for (const f of made) counts.set(f.name, (counts.get(f.name) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const text = sorted
    .slice(0, MANY)
    .map(([name, n]) => (n > 1 ? `${n} × ${name}` : name))
    .join(", ");
  return text + (sorted.length > MANY ? words.andMore(sorted.length - MANY) : "");
}

function sums(moments) {
  return moments.reduce(
    (sum, { memory }) => ({ born: sum.born + memory.born, freed: sum.freed + memory.freed }),
    { born: 0, freed: 0 },
  );
}

function detached(moments, r, walk) {
  if (!moments.some((m) => m.stack.at(-1)?.text.includes(".detach("))) return null;
  const cut = moments
    .flatMap((m) => m.events)
    .filter((e) => e.kind === "tensor" && !e.requires_grad)
    .map((e) => r.tensor.get(e.tensor))
    .map((t) => ({ t, from: t?.array?.tensors.find((other) => other !== t && other.requiresGrad) }))
    .filter(({ from }) => from);
  return [
    h("p", {}, words.detach),
    list(cut.map(({ t, from }) => words.cutFrom(tensorLink(t, walk), tensorLink(from, walk)))),
  ];
}

function zeroed(moments, r, walk) {
  return of(moments, "zero_grad").map(({ event }) => {
    const cleared = (event.cleared ?? []).map((c) => ({ ...c, t: r.tensor.get(c.tensor) }));
    const total = cleared.reduce((sum, c) => sum + c.bytes, 0);
    if (!cleared.length) return h("p", {}, words.nothingToClear(event.parameters));
    return [
      h(
        "p",
        {},
        event.set_to_none === false
          ? words.filledWithZeros(cleared.length)
          : words.cleared(cleared.length, event.parameters, bytes(total)),
      ),
      list([some(cleared, ({ t }) => (t ? tensorLink(t, walk) : "?"))]),
    ];
  });
}

function backward(moments, r, walk) {
  const passes = new Set(moments.map((m) => m.pass).filter(Boolean));
  return [...passes].map((pass) => {
    const { visits, grads, event } = pass;
    const names = [...new Map(grads.map((g) => [g.tensor, g])).values()];
    return [
      h("p", {}, words.backwardDid(visits.length, names.length, bytes(pass.freed))),
      list([
        event.loss !== null &&
          event.loss !== undefined &&
          words.startedFrom(number(asNumber(event.loss))),
        visits.length > 0 && [
          words.visitOrder,
          some(visits, (v) => momentLink(v.at, v.fn.name, walk)),
        ],
        names.length > 0 && [words.gradsWritten, some(names, (g) => tensorLink(g.tensor, walk))],
        grads.some((g) => g.event.added) &&
          words.gradsAdded(grads.filter((g) => g.event.added).length),
        event.retain_graph && words.retained,
        event.create_graph && words.createsGraph,
      ]),
      walk.naive && naive(pass, walk),
    ];
  });
}

function naive(pass, walk) {
  if (!pass.visits.length) return null;
  const found = naiveOrder(pass);
  if (!found.early.length) return h("p", { class: "naive-told" }, words.naiveSame);
  return h(
    "div",
    { class: "naive-told" },
    h("p", { class: "alarm" }, words.naiveWrong(found.early.length)),
    list(
      found.early
        .slice(0, MANY)
        .map(({ fn, arrived, all }) => [functionLink(fn, walk), words.arrivedOf(arrived, all)]),
    ),
    h(
      "table",
      {},
      h(
        "tbody",
        {},
        h(
          "tr",
          {},
          h("th", {}, words.gradient),
          h("th", {}, words.rightOrder),
          h("th", {}, words.naiveOrder),
        ),
        found.leaves
          .slice(0, MANY)
          .map(({ tensor, right, wrong }) =>
            h(
              "tr",
              {},
              h("td", {}, tensorLink(tensor, walk)),
              h("td", { class: "number" }, number(right)),
              h(
                "td",
                { class: `number ${wrong !== right ? "alarm" : ""}` },
                wrong === null ? words.incomplete : number(wrong),
              ),
            ),
          ),
      ),
    ),
  );
}

function nowVisiting(moment, walk) {
  const { visit } = moment;
  const targets = visit.sends.map((s) => s.tensor);
  return h(
    "p",
    { class: "visiting-now" },
    words.nowVisiting(visit.order, visit.pass.visits.length),
    functionLink(visit.fn, walk),
    words.sendsTo,
    targets.length ? some(targets, (t) => tensorLink(t, walk)) : words.nobody,
    words.stop,
  );
}

function schedule(moments) {
  return of(moments, "schedule").map(({ event }) =>
    h(
      "p",
      {},
      words.scheduled(
        event.type,
        event.before.map(number).join(", "),
        event.after.map(number).join(", "),
      ),
    ),
  );
}

function written(moments, r, walk) {
  const writes = of(moments, "write");
  if (!writes.length) return null;
  return list(
    writes.slice(0, MANY).map(({ event }) => {
      const array = r.array.get(event.array);
      const stale = array ? staleKeepers(array, r, event) : [];
      return [
        words.wrote(event.by, event.version),
        array?.tensor ? tensorLink(array.tensor, walk) : shapeText(array?.shape),
        stale.length > 0 &&
          h(
            "span",
            { class: "alarm" },
            words.staleFor,
            some(stale, (s) => functionLink(s, walk)),
          ),
      ];
    }),
  );
}

function staleKeepers(array, r, event) {
  return r.functions.filter(
    (f) =>
      f.saved.some((s) => s.array === array.number && s.version < event.version) && f.released > 0,
  );
}

function raised(moments, r, walk) {
  if (!r.error || !moments.some((m) => m.kind === "raised")) return null;
  return [
    h("p", { class: "alarm" }, `${r.error.type}: ${r.error.message}`),
    r.error.notes.map((note) => h("p", {}, note)),
    r.error.waiting && [
      h("p", {}, words.walkStoppedAt, functionLink(r.error.waiting, walk)),
      failed(r.error.waiting, r, walk),
    ],
  ];
}

// What is known of the function at which a walk stopped: who wrote what it keeps, or who released
// it.
function failed(f, r, walk) {
  const facts = [];
  for (const { name, array, version } of f.saved) {
    const write = r.array.get(array)?.writes?.find((w) => w.event.version > version);
    if (write)
      facts.push([
        words.stale(name),
        words.savedAt,
        lineLink(f.origin, walk, r),
        words.changedAt,
        lineLink(write.origin, walk, r),
        ` (${write.event.by})`,
      ]);
  }
  const visit = f.visits.find((v) => v.event.released);
  if (visit) {
    facts.push([
      words.releasedBy(visit.pass.number),
      lineLink(r.moments[visit.at].stack.at(-1), walk, r),
    ]);
    const held = f.outputs.flatMap((t) =>
      t.names.filter((n) => n.to === Infinity).map((n) => n.name),
    );
    if (held.length) facts.push(words.stillNamed(held.join(", ")));
    facts.push(words.retainRemedy);
  }
  return list(facts);
}
