// The bar at the top: what was recorded, the controls, the language and the light.

import { h, replace, svg } from "page/dom.js";
import { languages, words } from "page/words.js";

const ICONS = {
  start: "M2 1h2v12H2zM13 1v12L5 7z",
  lineBack: "M7 1v12L1 7zM13 1v12L7 7z",
  back: "M11 1v12L3 7z",
  play: "M3 1l9 6-9 6z",
  pause: "M3 1h3v12H3zM8 1h3v12H8z",
  step: "M3 1l8 6-8 6z",
  over: "M1 1l6 6-6 6zM7 1l6 6-6 6z",
  end: "M10 1h2v12h-2zM1 1l8 6-8 6z",
  into: "M12 2v5H5V4L1 8l4 4V9h9V2z",
};

const icon = (name) =>
  svg(
    "svg",
    { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" },
    svg("path", { d: ICONS[name] }),
  );

export function makeTop(bar, recording, walk, { setLanguage, setTheme, language, theme }) {
  const button = (name, act, text) =>
    h(
      "button",
      {
        onclick: act,
        title: words.controls[name],
        "aria-label": words.controls[name],
        "data-control": name,
      },
      icon(name),
      text && h("span", { class: "words" }, ` ${text}`),
    );
  const play = button("play", () => walk.play(!walk.playing));
  const into = button("into", () => walk.intoBackward(), words.intoBackward);
  const slider = h("input", {
    type: "range",
    min: 0,
    max: recording.moments.length - 1,
    value: 0,
    "aria-label": words.moments,
    oninput: () => walk.go(Number(slider.value)),
  });
  const place = h("span", { class: "place" });
  const problems = [
    recording.error && [words.raised(recording.error), recording.error.at],
    recording.firstBad && [words.firstBad(recording.firstBad), recording.firstBad.at],
  ].filter(Boolean);
  replace(
    bar,
    h(
      "div",
      { class: "names" },
      h("h1", {}, "辿り", h("span", {}, "Tadori trace")),
      h("span", { class: "file" }, recording.title),
      h("span", { class: "facts" }, facts(recording)),
      h(
        "div",
        { class: "switches" },
        languageSwitch(language, setLanguage),
        themeSwitch(theme, setTheme),
      ),
    ),
    h(
      "div",
      { class: "controls", role: "toolbar", "aria-label": words.controls.all },
      button("start", () => walk.go(0)),
      button("lineBack", () => walk.line(-1)),
      button("back", () => walk.go(walk.at - 1)),
      play,
      button("step", () => walk.go(walk.at + 1)),
      button("over", () => walk.line(1)),
      button("end", () => walk.go(Infinity)),
      into,
      slider,
      place,
    ),
    problems.map(([text, at]) =>
      h("div", { class: "problem", role: "alert" }, text, " ", goTo(at)),
    ),
  );

  function goTo(at) {
    return h("button", { class: "link", onclick: () => walk.go(at) }, words.goThere);
  }

  function update() {
    slider.value = walk.at;
    slider.setAttribute("aria-valuetext", words.momentLong(walk.at + 1, recording.moments.length));
    place.textContent = words.place(walk.moment.step, walk.at + 1, recording.moments.length);
    play.firstChild.replaceWith(icon(walk.playing ? "pause" : "play"));
    play.setAttribute("aria-pressed", String(walk.playing));
  }
  return { update };
}

function facts(recording) {
  const parts = [
    words.functions(recording.functions.length),
    ...recording.notes.map((note) => words.note(note)),
  ];
  return parts.join(" · ");
}

function languageSwitch(language, setLanguage) {
  const choose = h(
    "select",
    { "aria-label": "Language / 言語", onchange: () => setLanguage(choose.value) },
    Object.entries(languages).map(([code, { own }]) =>
      h("option", { value: code, selected: code === language, lang: code }, own),
    ),
  );
  return choose;
}

function themeSwitch(theme, setTheme) {
  const choose = h(
    "select",
    { "aria-label": words.theme, onchange: () => setTheme(choose.value) },
    ["auto", "light", "dark"].map((name) =>
      h("option", { value: name, selected: name === theme }, words.themes[name]),
    ),
  );
  return choose;
}
