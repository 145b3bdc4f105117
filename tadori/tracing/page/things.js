// Cards of a tensor and of an array: what is in it, who holds it, its gradient or why it has none.

import { h } from "page/dom.js";
import {
  functionLink,
  lineLink,
  momentLink,
  tensorLink,
  tensorText,
  thingLink,
} from "page/links.js";
import { bytes, shapeText } from "page/numbers.js";
import { readValue, valueAt } from "page/readvalue.js";
import { showValue } from "page/values.js";
import { whyNone } from "page/whynone.js";
import { words } from "page/words.js";

export function tensorCard(tensor, recording, walk) {
  const { at } = walk;
  return h(
    "article",
    { class: "card tensor-card", "data-tensor": tensor.id },
    h(
      "h2",
      {},
      tensor.name || words.tensor,
      h("span", { class: "soft" }, `${tensor.dtype} ${shapeText(tensor.shape)}`),
    ),
    h(
      "p",
      { class: "soft" },
      tensor.maker
        ? [
            words.creator,
            functionLink(tensor.maker, walk),
            " · ",
            lineLink(tensor.origin, walk, recording),
          ]
        : words.noCreator,
    ),
    tensor.users.length > 0 &&
      h(
        "p",
        { class: "soft" },
        words.usedBy,
        tensor.users.slice(0, 8).flatMap((f, i) => [i ? ", " : "", functionLink(f, walk)]),
      ),
    showValue(valueAt(tensor, at), { of: "" }),
    h("h3", {}, words.gradient),
    gradient(tensor, recording, walk),
    tensor.array && [h("h3", {}, words.holds), holders(tensor.array, recording, walk)],
  );
}

function gradient(tensor, recording, walk) {
  const { at } = walk;
  const grad = tensor.grads.findLast((g) => g.from <= at);
  if (grad && at < grad.to) {
    const where = recording.moments[grad.from];
    const added = grad.event.added ? words.addedToGrad : words.writtenAt;
    return [
      showValue(readValue(grad.event.value, { shape: grad.event.shape, dtype: tensor.dtype }), {
        of: ".grad",
      }),
      h("p", { class: "soft" }, added, lineLink(where.stack.at(-1), walk, recording)),
    ];
  }
  const flowed = tensor.arrivals.filter(
    (a) => a.at <= at && a.pass === (walk.moment.pass ?? a.pass),
  );
  const why = whyNone(tensor, recording, walk);
  return [
    h(
      "p",
      { class: "why-none" },
      h("strong", {}, ".grad: None. "),
      why.text,
      why.place && [" ", lineLink(why.place, walk, recording)],
      why.thing && [" ", thingLink(why.thing, why.thing.name, walk)],
    ),
    flowed.length > 0 && h("p", { class: "soft" }, words.flowedThrough(flowed.length)),
    flowed.map((a) =>
      showValue(readValue(a.event.value, { shape: a.event.shape ?? [], dtype: tensor.dtype }), {
        of: "∂",
        about: `${words.from} ${a.from.name}`,
      }),
    ),
  ];
}

export function arrayCard(array, recording, walk) {
  return h(
    "article",
    { class: "card array-card", "data-array": array.id },
    h(
      "h2",
      {},
      array.label,
      h(
        "span",
        { class: "soft" },
        `${array.dtype} ${shapeText(array.shape)} · ${bytes(array.bytes)}`,
      ),
    ),
    h(
      "p",
      {},
      array.before
        ? words.thereBefore
        : [
            words.bornAt,
            lineLink(array.origin, walk, recording),
            array.maker && [" · ", functionLink(array.maker, walk)],
            " ",
            momentLink(array.born, words.goThere, walk),
          ],
    ),
    h("p", { class: "death" }, death(array, recording, walk)),
    h("p", { class: "soft" }, words.kindNow(words.kinds[array.kindAt(walk.at)])),
    h("h3", {}, words.holds),
    holders(array, recording, walk),
    array.tensors.length > 0 && [
      h("h3", {}, words.tensorsOn),
      h(
        "p",
        {},
        array.tensors.slice(0, 8).flatMap((t, i) => [i ? ", " : "", tensorLink(t, walk)]),
      ),
    ],
  );
}

function death(array, recording, walk) {
  if (array.died === Infinity) return words.livesOn;
  const moment = recording.moments[array.died];
  const cause = moment.kind === "visit" && [words.whenVisited, functionLink(moment.fn, walk)];
  return [
    words.diedAt,
    lineLink(array.diedAt ?? moment.stack.at(-1), walk, recording),
    cause,
    " ",
    momentLink(array.died, words.goThere, walk),
  ];
}

function holders(array, recording, walk) {
  if (array.died <= walk.at) return h("p", {}, words.nobodyAnyMore);
  if (array.born > walk.at) return h("p", {}, words.notBornYet);
  const found = array.holders(walk.at);
  if (!found.length) return h("p", {}, words.nobodyKnown);
  return h(
    "ul",
    { class: "facts holders" },
    found.map((holder) =>
      h(
        "li",
        { "data-holder": holder.kind },
        words.holder[holder.kind](holder.name, holder.where),
        " ",
        thingLink(
          holder.thing,
          holder.thing.shape ? tensorText(holder.thing) : holder.thing.name,
          walk,
        ),
      ),
    ),
  );
}
