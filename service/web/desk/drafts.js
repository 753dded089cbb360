// What is typed and not sent, per conversation and kind (reply or note). Kept in this tab, over reloads and lost connections.

const KEY = "anxin:draft:";

export function readDraft(conversationId, kind) {
  try { return sessionStorage.getItem(`${KEY}${kind}:${conversationId}`) ?? ""; } catch { return memory.get(`${kind}:${conversationId}`) ?? ""; }
}

export function keepDraft(conversationId, kind, text) {
  memory.set(`${kind}:${conversationId}`, text);
  try {
    if (text) sessionStorage.setItem(`${KEY}${kind}:${conversationId}`, text);
    else sessionStorage.removeItem(`${KEY}${kind}:${conversationId}`);
  } catch { /* storage may be forbidden or full; the page's memory has it */ }
}

/** Puts a text that could not be sent in front of what is typed meanwhile. */
export function giveBack(conversationId, kind, text) {
  const typed = readDraft(conversationId, kind);
  keepDraft(conversationId, kind, typed ? `${text}\n${typed}` : text);
}

const memory = new Map();
