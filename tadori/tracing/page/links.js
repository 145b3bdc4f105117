// Words that lead somewhere: a line, a function, a tensor, an array.

import { h } from "page/dom.js";
import { shapeText } from "page/numbers.js";

export function lineLink(place, walk, recording) {
  if (!place) return "–";
  const file = recording.files.get(place.file);
  const text = `${place.short}:${place.line}`;
  if (!file?.counts.has(place.line)) return h("span", { class: "mono" }, text);
  return h(
    "button",
    { class: "link mono", title: place.text, onclick: () => walk.toLine(file, place.line) },
    text,
  );
}

export const thingLink = (thing, text, walk) =>
  h("button", { class: "link", "data-thing": thing.id, onclick: () => walk.pick(thing) }, text);

export const functionLink = (f, walk) => thingLink(f, f.name, walk);

export const tensorText = (tensor) =>
  `${tensor.name || words_(tensor)} ${shapeText(tensor.shape)}`.trim();

const words_ = (tensor) => (tensor.maker ? tensor.maker.name.toLowerCase() : tensor.dtype);

export const tensorLink = (tensor, walk) => thingLink(tensor, tensorText(tensor), walk);

export const momentLink = (at, text, walk) =>
  h("button", { class: "link", onclick: () => walk.go(at) }, text);
