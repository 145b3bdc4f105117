// Building elements. Text always becomes a text node, so nothing a program prints can become
// markup.

const SVG = "http://www.w3.org/2000/svg";
const MATH = "http://www.w3.org/1998/Math/MathML";
const MATH_NAMES = new Set(
  "math mrow mi mn mo mtext msub msup munder mover mfrac msqrt mtable mtr mtd".split(" "),
);
const MATH_ATTRIBUTES = new Set(["display", "columnalign", "rspace"]);

// `attributes` whose names begin with "on" are listeners; null and false are left out.
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value != null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child != null && child !== false));
  return element;
}

export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

// A formula, from MathML text; only MathML's own elements come through.
export function math(text) {
  const parsed = new DOMParser().parseFromString(
    text.replace("<math", `<math xmlns="${MATH}"`),
    "text/xml",
  );
  return copyMath(parsed.documentElement);
}

function copyMath(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (!MATH_NAMES.has(node.localName)) return document.createTextNode(node.textContent);
  const copy = document.createElementNS(MATH, node.localName);
  for (const { name, value } of node.attributes) {
    if (MATH_ATTRIBUTES.has(name)) copy.setAttribute(name, value);
  }
  copy.append(...[...node.childNodes].map(copyMath));
  return copy;
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat(3).filter((child) => child != null && child !== false));
}

// 12 places of a bar of `total`, as CSS.
export const percent = (part, total) => `${((100 * part) / (total || 1)).toFixed(3)}%`;
