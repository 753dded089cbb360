// One import from its request to its result, row by row, with how far it is. Draws nothing.

const PAUSES_MS = [200, 400, 800];

/** Emits `changed`; `done` of `total` rows. */
export class ImportRun extends EventTarget {
  done = 0;
  total = 0;
  #base;

  constructor(base) {
    super();
    this.#base = base;
  }

  /** Answers the result {created, changed, unchanged, refused}; rejects where the import as a whole failed. */
  async start(asked) {
    let answer = await this.#base.call("POST", "/api/knowledge/import", asked);
    const id = answer.id ?? answer.import ?? answer.run;
    for (let turn = 0; !isOver(answer); turn += 1) {
      await new Promise((resume) => { setTimeout(resume, PAUSES_MS[Math.min(turn, PAUSES_MS.length - 1)]); });
      answer = await this.#base.call("GET", `/api/knowledge/import/${encodeURIComponent(id)}`);
      Object.assign(this, { done: answer.done ?? 0, total: answer.total ?? 0 });
      this.dispatchEvent(new Event("changed"));
    }
    if (answer.state === "failed") throw { code: "internal", problem: { code: answer.problem_code, message: answer.problem } };
    return answer.result ?? answer;
  }
}

function isOver({ state, refused, result }) {
  return state ? state !== "running" && state !== "waiting" : Boolean(refused ?? result);
}
