// What the page says, in the reader's language.

import { english } from "page/words.en.js";
import { japanese } from "page/words.ja.js";

export const languages = { en: english, ja: japanese };

// The words now spoken; `speak` changes them in place, so that importers see it.
export const words = { ...english };

export function speak(code) {
  Object.assign(words, languages[code] ?? english);
}

// The remembered language if there is one, else the first of the browser's that the page speaks.
export function chooseLanguage(remembered) {
  const wanted = [remembered, ...(navigator.languages ?? [navigator.language])];
  const codes = wanted.filter(Boolean).map((code) => code.slice(0, 2).toLowerCase());
  return codes.find((code) => code in languages) ?? "en";
}
