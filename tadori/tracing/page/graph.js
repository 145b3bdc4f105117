// The graph of the scene in which we are: laid out once, then only lit, faded and marked.

import { h, replace } from "page/dom.js";
import { drawScene } from "page/drawing.js";
import { isGroup, makeTree, MOST, openAtFirst, openGroup, visible } from "page/fold.js";
import { light } from "page/lighting.js";
import { words } from "page/words.js";

export function makeGraph(pane, recording, walk) {
  const note = h("span", { class: "note" });
  const naive = h(
    "button",
    { class: "naive", "aria-pressed": "false", title: words.naiveWhy, onclick: toggleNaive },
    words.naive,
  );
  const scroll = h("div", { class: "scroll" });
  const zooms = [
    ["−", words.smaller, 0.8],
    ["+", words.larger, 1.25],
  ].map(([sign, label, factor]) =>
    h("button", { "aria-label": label, title: label, onclick: () => zoom(factor) }, sign),
  );
  replace(pane, h("div", { class: "head" }, h("h2", {}, words.graph), note, naive, zooms), scroll);
  pane.setAttribute("aria-label", words.graph);
  const kept = new Map(); // scene -> {root, open}
  let scene = null;
  let drawing = null;
  let scale = 1;

  function zoom(factor) {
    scale = Math.max(0.3, Math.min(2, scale * factor));
    if (drawing) resize();
  }

  function resize() {
    const { element, width, height } = drawing;
    element.setAttribute("width", Math.ceil(width * scale));
    element.setAttribute("height", Math.ceil(height * scale));
  }

  function folding() {
    if (!kept.has(scene)) {
      const root = makeTree(scene.functions);
      kept.set(scene, { root, open: openAtFirst(root), closed: 0 });
    }
    return kept.get(scene);
  }

  function draw() {
    const fold = folding();
    drawing = drawScene(scene, visible(fold.root, fold.open), recording);
    drawing.closed = fold.closed;
    resize();
    replace(scroll, drawing.nothing, drawing.element);
    say();
  }

  function say() {
    const hidden = scene.functions.length - drawing.shown.items.filter((i) => !isGroup(i)).length;
    const parts = [words.functions(scene.functions.length)];
    if (hidden) parts.push(words.folded(hidden));
    if (drawing.shown.omitted) parts.push(words.omitted(drawing.shown.omitted));
    if (drawing.closed) parts.push(words.closedForRoom(drawing.closed, MOST));
    note.textContent = parts.join(" · ");
    note.title = note.textContent;
  }

  function toggle(item) {
    const fold = folding();
    if (fold.open.has(item.id)) {
      fold.open.delete(item.id);
      fold.closed = 0;
    } else {
      Object.assign(fold, openGroup(fold.root, fold.open, item));
    }
    draw();
    update();
    const again = drawing.boxes.get(item.id) ?? drawing.boxes.get(item.functions[0]?.id);
    again?.element.focus({ preventScroll: true });
    again?.element.scrollIntoView({ block: "nearest" });
  }

  function toggleNaive() {
    walk.naive = !walk.naive;
    naive.setAttribute("aria-pressed", String(walk.naive));
    walk.tell("naive");
  }

  scroll.addEventListener("click", (event) => act(event.target.closest("[data-id]")));
  scroll.addEventListener("keydown", (event) => {
    const element = event.target.closest("[data-id]");
    if (!element) return;
    if (event.key === "Enter" || event.key === " ") act(element);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      focusNext(element, event.key === "ArrowDown" ? 1 : -1);
    } else return;
    event.preventDefault();
  });

  function act(element) {
    const thing = element && drawing.things.get(element.dataset.id);
    if (!thing) return;
    if (isGroup(thing)) toggle(thing);
    else walk.pick(thing);
  }

  function focusNext(element, move) {
    const all = [...scroll.querySelectorAll("[data-id]:not(.later)")];
    const next = all[all.indexOf(element) + move];
    if (!next) return;
    element.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  function update() {
    const { moment } = walk;
    if (moment.scene !== scene) {
      scene = moment.scene;
      if (scene) draw();
    }
    if (!scene) {
      replace(scroll, h("p", { class: "empty" }, words.noGraphYet));
      note.textContent = "";
      return;
    }
    light(drawing, scene, walk);
    const current = moment.fn && drawing.boxes.get(drawing.shown.boxOf.get(moment.fn)?.id);
    if (current) reveal(current.element);
  }

  function reveal(element) {
    const outer = scroll.getBoundingClientRect();
    const inner = element.getBoundingClientRect();
    const margin = 40;
    if (inner.top < outer.top + margin || inner.bottom > outer.bottom - margin) {
      scroll.scrollTop += inner.top - outer.top - outer.height / 2;
    }
    if (inner.left < outer.left + margin || inner.right > outer.right - margin) {
      scroll.scrollLeft += inner.left - outer.left - outer.width / 2;
    }
  }

  return { update };
}
