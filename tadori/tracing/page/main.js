// Reads the recording that stands in this page, and keeps all panes at the same moment.

import { makeDetail } from "page/detail.js";
import { makeGraph } from "page/graph.js";
import { read } from "page/recording.js";
import { makeSource } from "page/source.js";
import { makeTime } from "page/time.js";
import { makeTop } from "page/top.js";
import { listenToKeys, makeWalk } from "page/walk.js";
import { chooseLanguage, speak, words } from "page/words.js";

const PLAY = 350; // milliseconds a moment

const recording = read(JSON.parse(document.getElementById("recording").textContent));
const walk = makeWalk(recording);
const place = (id) => document.getElementById(id);
let panes = [];
let language = chooseLanguage(remembered("language"));
let theme = remembered("theme") ?? "auto";

// A page from disk or in a notebook's frame may have no storage.
function remembered(name) {
  try {
    return localStorage.getItem(`tadori-${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`tadori-${name}`, value);
  } catch {
    // then it holds until the page is closed
  }
}

function build() {
  speak(language);
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
  document.title = `${recording.title} – Tadori trace`;
  panes = [
    makeTop(place("top"), recording, walk, { setLanguage, setTheme, language, theme }),
    makeSource(place("program"), recording, walk),
    makeGraph(place("graph"), recording, walk),
    makeDetail(place("detail"), recording, walk),
    makeTime(place("time"), recording, walk),
  ];
  update();
}

function update() {
  for (const pane of panes) pane.update();
}

function setLanguage(code) {
  language = code;
  remember("language", code);
  build();
  place("top").querySelector(".switches select").focus();
}

function setTheme(name) {
  theme = name;
  remember("theme", name);
  document.documentElement.dataset.theme = name;
}

let timer = 0;

function playOn() {
  clearTimeout(timer);
  if (!walk.playing) return;
  if (walk.at === recording.moments.length - 1) {
    walk.play(false);
    return;
  }
  timer = setTimeout(() => {
    walk.go(walk.at + 1);
    playOn();
  }, PLAY);
}

let waiting = false;

walk.watch((what) => {
  if (what === "playing") playOn();
  if (waiting) return;
  waiting = true; // several changes within one frame are drawn once
  requestAnimationFrame(() => {
    waiting = false;
    update();
    place("said").textContent = words.said(walk.moment);
  });
});

listenToKeys(walk, document);
build();
window.tadori = { recording, walk, update }; // for the console, and for tests
