// Our own icons: 24 × 24, 1.5 px stroke, drawn in the colour of the text. Decorative: the button around one has the name.

import { svg } from "./dom.js";

const PATHS = {
  chat: ["M4 5.5h16v11h-9.2L6.5 20v-3.5H4z", "M8.5 11h.01M12 11h.01M15.5 11h.01"],
  close: ["M6 6l12 12M18 6 6 18"],
  down: ["M12 5v14M6.5 13.5 12 19l5.5-5.5"],
  chevron: ["M6 9.5 12 15.5l6-6"],
  send: ["M12 19V5M6 11l6-6 6 6"],
  picture: ["M4 5h16v14H4z", "M4 16l4.5-4.5 3.5 3.5 3-3 5 5", "M9 9.25h.01"],
  person: ["M12 12a3.75 3.75 0 1 0 0-7.5A3.75 3.75 0 0 0 12 12z", "M5 20c.6-3.4 3.4-5.25 7-5.25S18.4 16.6 19 20"],
  bot: ["M6 8.5h12V18H6z", "M12 8.5V5.5M12 5.5h.01M9.5 12.5v1M14.5 12.5v1M3.5 12v3M20.5 12v3"],
  clock: ["M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z", "M12 7.5V12l3 2"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  warning: ["M12 4.5 21 19.5H3z", "M12 10v4M12 16.75h.01"],
  retry: ["M19 12a7 7 0 1 1-2.2-5.1M19 4.5V8h-3.5"],
  offline: ["M4 4l16 16M8.5 14a5 5 0 0 1 4-1.4M5 10.5a10 10 0 0 1 3.5-2.2M12 7.5c2.7 0 5.1 1.1 7 3M15.6 14.1l.2.2M12 18h.01"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  parcel: ["M4 8l8-4 8 4v8.5L12 20.5 4 16.5z", "M4 8l8 4 8-4M12 12v8.5"],
  search: ["M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M16 16l4.5 4.5"],
  bag: ["M5 8h14l1 12H4z", "M9 10.5V7a3 3 0 0 1 6 0v3.5"],
  globe: ["M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z", "M3.5 12h17M12 3.5c5 5 5 12 0 17-5-5-5-12 0-17z"],
  note: ["M5 4h14v11l-5 5H5z", "M14 20v-5h5M8.5 9h7M8.5 12.5h4"],
  transfer: ["M4 8.5h15M15.5 5 19 8.5 15.5 12M20 15.5H5M8.5 12 5 15.5 8.5 19"],
  thumb_up: ["M7.5 11.5v8M7.5 11.5 11.5 4a2 2 0 0 1 2 2v4h5a1.75 1.75 0 0 1 1.7 2.1l-1.2 5.9a1.75 1.75 0 0 1-1.7 1.5H7.5M4 11.5h3.5v8H4z"],
  thumb_down: ["M7.5 12.5v-8M7.5 12.5 11.5 20a2 2 0 0 0 2-2v-4h5a1.75 1.75 0 0 0 1.7-2.1L19 6a1.75 1.75 0 0 0-1.7-1.5H7.5M4 12.5h3.5v-8H4z"],
  up: ["M12 19V5M6.5 10.5 12 5l5.5 5.5"],
  tag: ["M4 4.5h7.5L20 13l-7 7-8.5-8.5z", "M8.25 8.5h.01"],
  menu: ["M5 12h.01M12 12h.01M19 12h.01"],
  settings: ["M4 7h9M17 7h3M4 17h3M11 17h9", "M15 9.25a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM9 19.25a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5z"],
  moon: ["M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"],
  shield: ["M12 3.5 19 6v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z", "M8.75 12l2.25 2.25 4.25-4.5"],
  angry: ["M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z", "M8 9.25l2.5 1.25M16 9.25l-2.5 1.25M9 12.25h.01M15 12.25h.01M8.75 16.5c1.8-2 4.7-2 6.5 0"],
  unhappy: ["M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z", "M9 10h.01M15 10h.01M8.75 16c1.8-1.6 4.7-1.6 6.5 0"],
  sound: ["M4 9.5h3.5L12 5.5v13l-4.5-4H4z", "M15.5 9a4.25 4.25 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"],
  muted: ["M4 9.5h3.5L12 5.5v13l-4.5-4H4z", "M16 9.5l5 5M21 9.5l-5 5"],
  keyboard: ["M3 6.5h18v11H3z", "M6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14h8"],
  back: ["M19 12H5M11 6l-6 6 6 6"],
  leave: ["M10 4.5H5v15h5", "M10 12h10M16.5 8.5 20 12l-3.5 3.5"],
  book: ["M5 17.5v-11a2 2 0 0 1 2-2h12v15.5H7a2.25 2.25 0 0 1 0-4.5h12"],
  plus: ["M12 5v14M5 12h14"],
  forward: ["M5 12h14M13 6l6 6-6 6"],
  pin: ["M9 4h6M10 4v5.5L7 13v1.5h10V13l-3-3.5V4M12 14.5V20"],
  archive: ["M4 5h16v4H4z", "M5.5 9v10h13V9M10 12.5h4"],
  upload: ["M12 15.5V4.5M7 9.5l5-5 5 5", "M4.5 16v3.5h15V16"],
  download: ["M12 4.5v11M7 10.5l5 5 5-5", "M4.5 16v3.5h15V16"],
  truck: ["M3 6.5h11V17H3zM14 10h4l3 3.5V17h-7", "M7 19a1.75 1.75 0 1 0 0-3.5A1.75 1.75 0 0 0 7 19zM17.5 19a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5z"],
};

export const ICONS = Object.keys(PATHS);

/** An SVG element; `size` in px. */
export function icon(name, size = 20) {
  const paths = PATHS[name];
  if (!paths) throw new RangeError(`no icon ${name}`);
  return svg("svg", {
    viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 1.5,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false", class: "icon",
  }, paths.map((d) => svg("path", { d })));
}
