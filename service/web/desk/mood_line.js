// The mood over a conversation as a small line: up is pleased, down is angry; each point has its words in a title.

import { svg } from "../shared/dom.js";
import { t, wordOf } from "../shared/preferences.js";

const WIDTH = 240;
const HEIGHT = 56;
const EDGE = 8;
const LEVELS = { positive: 0, neutral: 1, negative: 2, angry: 3 };

/** `points`: [{seq, sentiment, probability}], at least one. */
export function moodLine(points) {
  const step = points.length > 1 ? (WIDTH - 2 * EDGE) / (points.length - 1) : 0;
  const at = points.map((point, n) => ({
    x: points.length > 1 ? EDGE + n * step : WIDTH / 2,
    y: EDGE + ((LEVELS[point.sentiment] ?? 1) / 3) * (HEIGHT - 2 * EDGE),
    point,
  }));
  const label = t("brief.mood_text", {
    from: wordOf("mood", points[0].sentiment), to: wordOf("mood", points.at(-1).sentiment), n: points.length,
  });
  const neutral = EDGE + (HEIGHT - 2 * EDGE) / 3;
  return svg("svg", { class: "mood-line", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "xMinYMid", role: "img", "aria-label": label },
    svg("line", { class: "mood-base", x1: EDGE, x2: WIDTH - EDGE, y1: neutral, y2: neutral }),
    svg("polyline", { class: "mood-path", points: at.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ") }),
    at.map(({ x, y, point }) => svg("circle", { class: `mood-point mood-${point.sentiment}`, cx: x, cy: y, r: 4 },
      svg("title", {}, `#${point.seq} ${wordOf("mood", point.sentiment)} ${Math.round(point.probability * 100)} %`))));
}
