// The program: its lines, what each caused, and where we are.

import { h, replace } from "page/dom.js";
import { bytes, seconds } from "page/numbers.js";
import { words } from "page/words.js";

const KEYWORDS = new Set(
  `and as assert async await break class continue def del elif else except finally for from global
   if import in is lambda nonlocal not or pass raise return try while with yield None True False
   match case`.split(/\s+/),
);
const TOKEN = /(#.*$)|([rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))|([A-Za-z_]\w*)/g;

// One line of Python with its keywords, strings and comments marked. Strings over several lines
// are followed by `inside`, the quotes that are still open.
export function colour(line, inside) {
  const parts = [];
  let at = 0;
  let open = inside;
  const plain = (end) => {
    if (end > at) parts.push(line.slice(at, end));
    at = end;
  };
  const mark = (end, kind) => {
    parts.push(h("span", { class: kind }, line.slice(at, end)));
    at = end;
  };
  while (at < line.length) {
    if (open) {
      const end = line.indexOf(open, at);
      mark(end < 0 ? line.length : end + 3, "s");
      if (end < 0) break;
      open = "";
      continue;
    }
    const long = nextLong(line, at);
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(line);
    if (long >= 0 && (!found || long <= found.index)) {
      plain(long);
      open = line.slice(long, long + 3);
      const end = line.indexOf(open, long + 3);
      mark(end < 0 ? line.length : end + 3, "s");
      if (end < 0) break;
      open = "";
      continue;
    }
    if (!found) break;
    plain(found.index);
    const end = found.index + found[0].length;
    if (found[1]) mark(end, "c");
    else if (found[2]) mark(end, "s");
    else if (KEYWORDS.has(found[0])) mark(end, "k");
    else plain(end);
  }
  plain(line.length);
  return { parts, open };
}

function nextLong(line, at) {
  const places = ['"""', "'''"].map((quotes) => line.indexOf(quotes, at)).filter((i) => i >= 0);
  return places.length ? Math.min(...places) : -1;
}

export function makeSource(pane, recording, walk) {
  let shown = null; // the file
  let rows = [];
  let lit = [];
  const list = h("ol", { "aria-label": words.program });
  const scroll = h("div", { class: "scroll" }, list);
  const choice = h("select", { "aria-label": words.file, onchange: () => show(choice.value) });
  for (const file of recording.files.values())
    choice.append(h("option", { value: file.path }, file.name));
  const note = h("span", { class: "note" });
  const head = h("div", { class: "head" }, h("h2", {}, words.program), note);
  if (recording.files.size > 1) head.append(choice);
  replace(pane, head, scroll);
  pane.setAttribute("aria-label", words.program);

  function show(path) {
    shown = recording.files.get(path) ?? null;
    if (!shown) return;
    choice.value = path;
    let open = "";
    const slowest = Math.max(...[...shown.counts.values()].map((c) => c.time), 1e-9);
    rows = shown.lines.map((text, index) => {
      const made = colour(text, open);
      open = made.open;
      return row(index + 1, made.parts, slowest);
    });
    replace(list, rows);
    list.querySelector("li.ran")?.setAttribute("tabindex", "0");
    lit = [];
  }

  function row(number, parts, slowest) {
    const counts = shown.counts.get(number);
    const element = h(
      "li",
      { "data-line": number, class: counts ? "ran" : null, tabindex: counts ? "-1" : null },
      h("span", { class: "nr" }, number),
      h("code", {}, parts.length ? parts : " "),
      counts ? did(counts, slowest) : h("span"),
    );
    if (counts) {
      element.setAttribute(
        "aria-label",
        `${words.line(number)}: ${shown.lines[number - 1].trim()}. ${words.countsLong(counts)}`,
      );
      element.setAttribute("role", "button");
    }
    return element;
  }

  function did(counts, slowest) {
    const memory = [];
    if (counts.born) memory.push(`+${bytes(counts.born)}`);
    if (counts.freed) memory.push(`−${bytes(counts.freed)}`);
    const text = [
      counts.operations ? words.operationsShort(counts.operations) : "",
      counts.time ? seconds(counts.time) : "",
      memory.join(" "),
    ];
    const bar =
      counts.time > 0 &&
      h(
        "span",
        { class: "heat" },
        h("i", { style: `width:${Math.max(3, (100 * counts.time) / slowest)}%` }),
      );
    return h(
      "span",
      { class: "did", title: words.countsLong(counts) },
      text.filter(Boolean).join(" · "),
      bar,
    );
  }

  function goTo(element) {
    walk.toLine(shown, Number(element.dataset.line));
  }

  list.addEventListener("click", (event) => {
    const element = event.target.closest("li.ran");
    if (element) goTo(element);
  });
  list.addEventListener("keydown", (event) => {
    const element = event.target.closest("li.ran");
    if (!element) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") goTo(element);
    else if (move) focusNext(element, move);
    else return;
    event.preventDefault();
  });

  function focusNext(element, move) {
    const ran = rows.filter((r) => r.classList.contains("ran"));
    const next = ran[ran.indexOf(element) + move];
    if (!next) return;
    element.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  function update() {
    const { frames, moment } = walk;
    const here = frames[0];
    if (here && here.file !== shown?.path && recording.files.has(here.file)) show(here.file);
    for (const element of lit) element.classList.remove("now", "outer", "raised", "picked");
    lit = [];
    const light = (line, name) => {
      const element = rows[line - 1];
      if (!element) return null;
      element.classList.add(name);
      lit.push(element);
      return element;
    };
    for (const frame of frames.slice(1)) if (frame.file === shown?.path) light(frame.line, "outer");
    const now =
      here &&
      here.file === shown?.path &&
      light(here.line, moment.kind === "raised" ? "raised" : "now");
    const origin = walk.picked?.origin ?? moment.fn?.origin;
    if (origin && origin.file === shown?.path) light(origin.line, "picked");
    if (now) reveal(now);
    else if (!here && list.querySelector("li.ran")) reveal(list.querySelector("li.ran"));
    note.textContent = shown && recording.files.size < 2 ? shown.name : "";
  }

  function reveal(row) {
    const [outer, inner] = [scroll.getBoundingClientRect(), row.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom - 12) {
      scroll.scrollTop += inner.top - outer.top - outer.height / 2;
    }
  }

  if (recording.files.size) show(recording.files.keys().next().value);
  return { update };
}
