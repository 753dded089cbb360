// What the bot makes of a question: answer, question back or neither, how sure it is and why, its words, and what else it thought of.

import { botSays } from "./preview.js";
import { refId, titleOf } from "./references.js";
import { bar, percent } from "./share_bar.js";
import { h } from "../shared/dom.js";
import { hasWord } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { t, wordOf } from "../shared/preferences.js";

const SIGNS = { answer: "check", ask: "chat" };

/** Elements for one `said`; `own` is the entry beside it, marked among the candidates; `titles` of all entries where they are known. */
export function saidView(said, { own = null, titles = null, language = null } = {}) {
  const { outcome, probability, is_question: isQuestion = true, candidates = [], answers = [], reason } = said;
  return [
    !isQuestion && reason !== "not_a_question" && h("p", { class: "quiet" }, t("try.no_question")),
    h("p", { class: `outcome outcome-${outcome}` }, icon(SIGNS[outcome] ?? "close", 16), h("strong", {}, wordOf("try", outcome)),
      h("span", { class: "quiet" }, [percent(probability), said.language && wordOf("language.short", said.language)].filter(Boolean).join(" · "))),
    reason && hasWord(`say.reason.${reason}`) && h("p", { class: "quiet" }, t(`say.reason.${reason}`)),
    answers.map((answer) => botSays(h("p", { class: "bubble-text", lang: answer.language ?? language }, answer.text ?? answer))),
    candidates.length > 0 && h("ol", { class: "candidates", "aria-label": t("try.candidates") }, candidates.map((one) => candidate(one, own, titles))),
  ];
}

function candidate({ entry, title, probability, phrasing, score }, own, titles) {
  const id = refId(entry);
  const name = titleOf({ id, title }, titles);
  const facts = [phrasing && t("try.like", { phrasing }), typeof score === "number" && t("say.score", { score: score.toFixed(2) })].filter(Boolean).join(" · ");
  return h("li", { class: id === own ? "candidate is-own" : "candidate" },
    h("a", { href: `#entry/${id}` }, name, id === own && h("span", { class: "quiet" }, ` · ${t("try.this")}`)), h("span", { class: "percent" }, percent(probability)),
    bar(probability), facts && h("span", { class: "quiet" }, facts));
}
