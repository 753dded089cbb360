// What wants looking after: one section at a time, chosen at the side (above, on a phone). Holds no data.

import { CalibrationSection } from "./calibration_section.js";
import { GapsSection } from "./gaps_section.js";
import { LanguagesSection } from "./languages_section.js";
import { PinnedSection } from "./pinned_section.js";
import { SaySection } from "./say_section.js";
import { SimilarSection } from "./similar_section.js";
import { TransferSection } from "./transfer_section.js";
import { h } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { t } from "../../shared/preferences.js";

const SECTIONS = {
  gaps: GapsSection, say: SaySection, pinned: PinnedSection, languages: LanguagesSection, similar: SimilarSection, transfer: TransferSection, calibration: CalibrationSection,
};

/** Custom element <anxin-checks>. `page`: {base, titles, groups, notices, complain, create}. */
export class ChecksView extends HTMLElement {
  #section;

  constructor(page, wanted = "gaps") {
    super();
    const name = wanted in SECTIONS ? wanted : "gaps";
    this.#section = new SECTIONS[name](page);
    const link = (one) => h("a", { href: `${location.pathname}#checks/${one}`, "aria-current": one === name ? "page" : null }, t(`checks.${one}`));
    this.append(h("div", { class: "checks-columns" }, h("nav", { class: "checks-places", "aria-label": t("knowledge.checks") }, Object.keys(SECTIONS).map(link)),
      h("div", { class: "checks-section" }, h("header", { class: "view-head" }, h("h1", {}, t(`checks.${name}`))), h("p", { class: "hint checks-hint" }, t(`checks.${name}_hint`)),
        page.base.mayWrite ? "" : h("p", { class: "read-only" }, icon("shield", 16), t("knowledge.read_only")), this.#section)));
  }

  connectedCallback() {
    this.querySelector(".checks-places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  focusTry() {
    if (this.#section.focusTry) this.#section.focusTry();
    else location.hash = "#checks/say";
  }
}

customElements.define("anxin-checks", ChecksView);
