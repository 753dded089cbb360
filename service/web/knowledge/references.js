// Entries as the service refers to them: by id, or by id and title; and what they are called on this page.

import { titleIn } from "./base.js";

/** "return_window" and {id: "return_window", title} → "return_window" */
export function refId(reference) {
  return reference && typeof reference === "object" ? reference.id ?? reference.entry ?? null : reference ?? null;
}

/** Ids of the entries that a draft, what is published of it, and its problems name. */
export function namedIn({ mine, published, problems, theirs }) {
  const contents = [mine, published, theirs?.draft ?? theirs?.published];
  return [...contents.flatMap((content) => content?.related ?? []), ...problems.flatMap(({ values }) => values?.entry ?? [])];
}

/** What an entry is called in the language of the page. */
export function titleOf(reference, titles) {
  const id = refId(reference);
  const given = typeof reference === "object" ? reference?.title : null;
  if (titles?.has(id)) return titleIn(titles.get(id), id);
  return typeof given === "string" ? given : titleIn(given, id);
}
