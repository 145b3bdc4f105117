// The parameters' story: how loss, gradients and updates went from step to step, as small
// multiples.

import { h, replace, svg } from "page/dom.js";
import { number } from "page/numbers.js";
import { words } from "page/words.js";

const [WIDTH, HEIGHT] = [170, 56];

export function makeStory(recording, walk) {
  const element = h("div", { class: "story" });
  const { steps, parameters } = recording;
  const figures = [
    figure(
      words.loss,
      steps.map((s) => s.loss),
      false,
    ),
    ...parameters.flatMap((p) => [
      figure(
        words.gradientNorm(p.name),
        steps.map((s) => s.gradients.get(p.name) ?? null),
        true,
      ),
      figure(
        words.updateRatio(p.name),
        steps.map((s) => s.ratios.get(p.name) ?? null),
        true,
      ),
    ]),
  ].filter(Boolean);
  replace(
    element,
    figures.length ? figures.map((f) => f.element) : h("p", { class: "empty" }, words.noSteps),
  );

  function update() {
    const step = walk.moment.step;
    const place = steps.findIndex((s) => s.step === step);
    for (const f of figures) f.light(place);
  }
  return { element, update };
}

// One line through the steps; on a logarithmic scale where `log` and all values are positive.
function figure(title, values, log) {
  const known = values.filter((v) => v !== null && Number.isFinite(v));
  if (!known.length) return null;
  const scale = log && Math.min(...known) > 0 ? Math.log : (v) => v;
  const [low, high] = [scale(Math.min(...known)), scale(Math.max(...known))];
  const x = (i) => (values.length > 1 ? 4 + ((WIDTH - 8) * i) / (values.length - 1) : WIDTH / 2);
  const y = (v) => HEIGHT - 6 - ((HEIGHT - 12) * (scale(v) - low)) / (high - low || 1);
  let line = "";
  values.forEach((v, i) => {
    if (v !== null && Number.isFinite(v))
      line += `${line ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
  });
  const dots = values.map((v, i) =>
    v === null || !Number.isFinite(v)
      ? null
      : svg("circle", { class: "dot", cx: x(i), cy: y(v), r: values.length > 30 ? 0.8 : 2 }),
  );
  const caption = h("figcaption", {});
  const describe = (i) => {
    const value = i >= 0 && values[i] !== undefined ? values[i] : values.at(-1);
    replace(
      caption,
      h("span", { title }, `${title} `),
      h("strong", { class: "mono" }, number(value)),
    );
  };
  const text = `${title}: ${number(values[0])} → ${number(values.at(-1))}`;
  const element = h(
    "figure",
    {},
    caption,
    svg(
      "svg",
      { width: WIDTH, height: HEIGHT, role: "img", "aria-label": text },
      svg("path", { class: "curve", d: line }),
      dots.filter(Boolean),
    ),
  );
  const light = (place) => {
    dots.forEach((dot, i) => {
      dot?.classList.toggle("now", i === place);
      if (i === place) dot?.setAttribute("r", 3.5);
      else dot?.setAttribute("r", values.length > 30 ? 0.8 : 2);
    });
    describe(place);
  };
  describe(-1);
  return { element, light };
}
