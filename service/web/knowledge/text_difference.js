// What was put in and taken out between two texts, by words (Chinese by characters). Pure.

const WORD = /\{[^{}]*\}|[\p{Script=Latin}\p{N}]+|\s+|[^]/gu;
const MOST_CELLS = 1_500_000;

/** [{kind: "same" | "out" | "in", text}] in reading order. */
export function textDifference(before, after) {
  const [old, now] = [before.match(WORD) ?? [], after.match(WORD) ?? []];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const middle = between(old.slice(start, old.length - end), now.slice(start, now.length - end));
  return joined([...old.slice(0, start).map((text) => ({ kind: "same", text })), ...middle, ...old.slice(old.length - end).map((text) => ({ kind: "same", text }))]);
}

/** Longest common subsequence; two long texts with nothing in common are shown whole instead. */
function between(old, now) {
  if (old.length * now.length > MOST_CELLS) return [...old.map((text) => ({ kind: "out", text })), ...now.map((text) => ({ kind: "in", text }))];
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = old[i] === now[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const parts = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) { parts.push({ kind: "same", text: old[i] }); i += 1; j += 1; }
    else if (j === now.length || (i < old.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) { parts.push({ kind: "out", text: old[i] }); i += 1; }
    else { parts.push({ kind: "in", text: now[j] }); j += 1; }
  }
  return parts;
}

/** Neighbours of one kind in one; within a changed stretch what went out stands before what came in. */
function joined(parts) {
  const runs = [];
  for (const { kind, text } of parts) {
    const last = runs.at(-1);
    const before = runs.at(-2);
    if (last?.kind === kind) last.text += text;
    else if (kind === "out" && last?.kind === "in" && before?.kind === "out") before.text += text;
    else runs.push({ kind, text });
  }
  return runs;
}
