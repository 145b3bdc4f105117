// Below: memory over time, or the parameters' story.

import { h, replace } from "page/dom.js";
import { makeMemory } from "page/memory.js";
import { makeStory } from "page/story.js";
import { words } from "page/words.js";

let chosen = "memory"; // survives a change of language

export function makeTime(pane, recording, walk) {
  const views = { memory: makeMemory(recording, walk), story: makeStory(recording, walk) };
  const body = h("div", { role: "tabpanel", style: "display:contents" });
  const tabs = Object.keys(views).map((name) =>
    h("button", { role: "tab", "data-tab": name, onclick: () => choose(name) }, words.tabs[name]),
  );
  replace(pane, h("div", { class: "tabs", role: "tablist" }, tabs), body);
  pane.setAttribute("aria-label", words.time);

  function choose(name) {
    chosen = name;
    for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
    replace(body, views[name].element);
    views[name].update();
  }

  choose(chosen);
  return { update: () => views[chosen].update() };
}
