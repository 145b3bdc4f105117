// To the right: what happens at this line, and what is known of what is picked.

import { h, replace } from "page/dom.js";
import { explain } from "page/explain.js";
import { functionCard } from "page/formula.js";
import { arrayCard, tensorCard } from "page/things.js";
import { words } from "page/words.js";

export function makeDetail(pane, recording, walk) {
  const scroll = h("div", { class: "scroll" });
  replace(pane, h("div", { class: "head" }, h("h2", {}, words.here)), scroll);
  pane.setAttribute("aria-label", words.here);
  let shown = null;

  function card() {
    const thing = walk.picked ?? walk.moment.fn ?? walk.moment.tensor;
    if (!thing) return null;
    if (thing.inputs) return functionCard(thing, recording, walk);
    return thing.bytes !== undefined
      ? arrayCard(thing, recording, walk)
      : tensorCard(thing, recording, walk);
  }

  function update() {
    const same = shown === (walk.picked ?? walk.moment.fn);
    const top = scroll.scrollTop;
    replace(scroll, explain(recording, walk), card());
    shown = walk.picked ?? walk.moment.fn;
    scroll.scrollTop = same ? top : 0;
    if (!same && walk.picked) scroll.querySelector(".card")?.scrollIntoView({ block: "nearest" });
  }
  return { update };
}
