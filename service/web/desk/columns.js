// Two handles between three columns: dragged by pointer or moved by arrow keys, remembered on this computer.

import { h } from "../shared/dom.js";
import { recall, remember, t } from "../shared/preferences.js";

const STEP_PX = 16;
const SIDES = {
  left: { key: "anxin:column:left", usual: 320, least: 232, most: 520, direction: 1 },
  right: { key: "anxin:column:right", usual: 336, least: 264, most: 560, direction: -1 },
};

/** The separator beside the left or right column of `grid`, whose width is the grid's custom property --left or --right. */
export function columnHandle(grid, side) {
  const { key, usual, least, most, direction } = SIDES[side];
  const clamp = (width) => Math.round(Math.min(most, Math.max(least, width)));
  const handle = h("div", {
    class: `handle handle-${side}`, role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": t(`list.columns_${side}`),
    "aria-valuemin": least, "aria-valuemax": most,
  });
  let width = clamp(Number(recall(key)) || usual);
  const apply = (wanted, keep) => {
    width = clamp(wanted);
    grid.style.setProperty(`--${side}`, `${width}px`);
    handle.setAttribute("aria-valuenow", String(width));
    if (keep) remember(key, String(width));
  };
  handle.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    handle.setPointerCapture(down.pointerId);
    const from = width;
    const move = (event) => apply(from + direction * (event.clientX - down.clientX), false);
    const up = () => {
      handle.removeEventListener("pointermove", move);
      apply(width, true);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", up, { once: true });
  });
  handle.addEventListener("dblclick", () => apply(usual, true));
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (!step) return;
    event.preventDefault();
    apply(width + direction * step, true);
  });
  apply(width, false);
  return handle;
}
