// Whether what was typed is with the service: saving, saved at, offline (kept here), refused. Only trouble is read aloud.

import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, explain, t } from "../shared/preferences.js";
import { formatClock, formatTime } from "../shared/time.js";

const TROUBLE = new Set(["offline", "refused", "conflict"]);

/** Custom element <anxin-save-state>. */
export class SaveState extends HTMLElement {
  #draft;
  #words = h("span", { class: "save-words" });
  #aloud = h("span", { class: "for-readers", role: "status" });

  constructor(draft) {
    super();
    this.#draft = draft;
    this.append(this.#words, this.#aloud);
    this.update();
  }

  update() {
    const { status } = this.#draft;
    const [sign, text] = this.#said();
    this.dataset.status = status;
    setChildren(this.#words, sign && icon(sign, 16), text);
    const aloud = TROUBLE.has(status) ? text : "";
    if (this.#aloud.textContent !== aloud) this.#aloud.textContent = aloud;
  }

  #said() {
    const { status, savedAt, error, item } = this.#draft;
    if (status === "idle" && savedAt) return ["check", t("save.saved", { time: formatClock(savedAt, { language: currentLanguage() }) })];
    if (status === "idle") return item.draft ? ["note", this.#drafted(item)] : [null, ""];
    if (status === "refused") return ["warning", t("save.refused", { why: explain(error) })];
    return [{ offline: "offline", conflict: "warning" }[status] ?? null, t(`save.${status}`)];
  }

  #drafted({ draft_by: by, draft_at: at }) {
    return [t("save.draft"), by?.name, at && formatTime(at, { language: currentLanguage() })].filter(Boolean).join(" · ");
  }
}

customElements.define("anxin-save-state", SaveState);
