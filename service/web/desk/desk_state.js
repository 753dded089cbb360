// What the console knows and does: my conversations, offers, queue, colleagues, the opened transcripts.
// Speaks docs/api/websocket.md; draws nothing. Emits `lists`, `talk` {id}, `selected`, `status`, `said` {key, values, tone},
// `offered` {summary}, `signed-out`.

import { giveBack } from "./drafts.js";
import { PAGE, Talk } from "./talk.js";
import { call, readSession } from "../shared/rest.js";
import { AnxinSocket, newClientId } from "../shared/socket.js";

const TYPING_LASTS_MS = 6_000;
const DETAIL_AFTER_MS = 1_500;

export class DeskState extends EventTarget {
  mine = [];
  queue = [];
  offers = [];
  agents = [];
  service = { status: "ok", parts: [] };
  hasLoaded = false;
  selectedId = null;
  #talks = new Map();
  #socket;
  #typingTimers = new Map();
  #detailTimer = null;

  constructor(me) {
    super();
    this.me = me;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#socket = new AnxinSocket({ url: `${scheme}://${location.host}/api/desk/ws` });
    const on = (type, act) => this.#socket.addEventListener(type, (event) => act(event.detail));
    on("status", ({ status }) => this.#statusChanged(status));
    on("hello", (answer) => this.#greeted(answer));
    on("offer", (offer) => this.#offered(offer));
    on("offer_gone", ({ conversation_id, why }) => this.#offerGone(conversation_id, why));
    on("message", ({ message }) => this.#messageCame(message));
    on("conversation", ({ summary }) => this.#summaryCame(summary));
    on("conversation_gone", ({ conversation_id }) => this.#gone(conversation_id));
    on("queue", ({ entries }) => this.#set({ queue: entries }));
    on("tags", ({ conversation_id, seq, tags }) => this.#tagsCame(conversation_id, seq, tags));
    on("agents", ({ agents }) => this.#agentsCame(agents));
    on("typing", ({ conversation_id, active }) => this.#typed(conversation_id, active));
    on("service", ({ status, parts }) => this.#set({ service: { status, parts } }));
    addEventListener("pagehide", this.#keepPending);
  }

  get status() {
    return this.#socket.status;
  }

  get selected() {
    return this.#talks.get(this.selectedId) ?? null;
  }

  get isSupervisor() {
    return this.me.role !== "agent";
  }

  isMine(summary) {
    return summary?.owner === "agent" && summary.agent?.id === this.me.id;
  }

  connect() {
    this.#socket.connect();
  }

  close() {
    this.#keepPending();
    removeEventListener("pagehide", this.#keepPending);
    this.#socket.close();
  }

  // --- what the agent does -----------------------------------------------------------------------------------

  async setPresence(state) {
    const answer = await this.#try("presence", { state });
    this.#set(answer ? { me: answer.me } : {});
  }

  /** Shows a conversation: loads it once, then keeps it up to date. */
  select(id) {
    const summary = this.#find(id);
    const before = this.selectedId;
    if (!summary && id !== null) return;
    this.selectedId = id;
    if (before && before !== id) this.#leave(before);
    if (id && !this.#talks.has(id)) this.#talks.set(id, new Talk(summary));
    this.#emit("selected");
    if (id) this.load(id);
  }

  async load(id) {
    const talk = this.#talks.get(id);
    if (!talk || talk.loading || this.status !== "online") return;
    talk.loading = true;
    talk.error = null;
    this.#emit("talk", { id });
    try {
      if (!talk.loaded) talk.beginAfter(Math.max(0, talk.summary.last_seq - PAGE));
      const { detail, messages = [], more = true } = await this.#socket.request("open", { conversation_id: id, since: talk.lastSeq });
      talk.take(messages);
      this.#detailCame(talk, detail);
      if (more || talk.isIncomplete) await this.#catchUp(talk);
      talk.loaded = true;
    } catch (error) {
      this.#loadFailed(talk, error);
    }
    talk.loading = false;
    this.#emit("talk", { id });
  }

  /** One page of older messages. */
  async loadEarlier(talk) {
    const first = talk.firstSeq;
    const since = Math.max(0, first - 1 - PAGE);
    try {
      const { messages } = await call("GET", `/api/desk/conversations/${talk.id}/messages?since=${since}&limit=${PAGE}`);
      talk.take(messages.filter((message) => message.seq < first));
      this.#emit("talk", { id: talk.id });
    } catch (error) {
      this.#complain(error);
    }
  }

  async accept(offer) {
    const { id, epoch } = offer.summary;
    const answer = await this.#try("accept", { conversation_id: id, epoch });
    this.#dropOffer(id);
    if (answer) this.#taken(answer.summary);
  }

  async pass(offer) {
    this.#dropOffer(offer.summary.id);
    await this.#try("pass", { conversation_id: offer.summary.id });
  }

  async claim(summary) {
    const answer = await this.#try("claim", { conversation_id: summary.id, epoch: summary.epoch });
    if (answer) this.#taken(answer.summary);
    else this.#reload(summary.id);
  }

  /** Sends a reply or a note; it stands in the transcript at once and stays until it is acknowledged or refused. */
  async send(id, kind, text) {
    const talk = this.#talks.get(id);
    const pending = { client_id: newClientId(), kind, text, sent_at: new Date().toISOString(), state: "sending", error: null };
    talk.pending.push(pending);
    this.#emit("talk", { id });
    await this.#deliver(talk, pending);
  }

  retry(talk, pending) {
    pending.state = "sending";
    this.#emit("talk", { id: talk.id });
    this.#deliver(talk, pending);
  }

  /** Takes back what could not be sent; it goes to the draft. */
  discard(talk, pending) {
    talk.pending = talk.pending.filter((one) => one !== pending);
    giveBack(talk.id, pending.kind, pending.text);
    this.#emit("talk", { id: talk.id, drafts: true });
  }

  typing(id, active) {
    if (this.status === "online") this.#socket.request("typing", { conversation_id: id, active }).catch(() => {});
  }

  read(talk) {
    if (!this.isMine(talk.summary) || this.status !== "online" || talk.readSeq === talk.lastSeq) return;
    talk.readSeq = talk.lastSeq;
    this.#socket.request("read", { conversation_id: talk.id, seq: talk.lastSeq }).catch(() => { talk.readSeq = null; });
    if (talk.summary.unread) this.#summaryCame({ ...talk.summary, unread: 0 });
  }

  /** Corrects the tags of a customer's message; without `labels` takes back one's own correction. */
  async retag(talk, seq, labels) {
    try {
      const path = `/api/desk/conversations/${talk.id}/messages/${seq}/tags`;
      const { tags, counts } = await call(labels ? "PUT" : "DELETE", path, labels);
      this.#tagsCame(talk.id, seq, tags);
      if (labels) this.#emit("said", { key: counts ? "tags.saved" : "tags.other_counts", tone: counts ? "good" : "plain" });
    } catch (error) {
      this.#complain(error);
    }
  }

  handBack(summary, words) {
    return this.#giveAway("hand_back", summary, { summary: words }, "done.handed_back");
  }

  /** `level`: whom the queue should find, where `agentId` is null. */
  transfer(summary, agentId, note, level = "agent") {
    return this.#giveAway("transfer", summary, { agent_id: agentId, note, level }, "done.transferred");
  }

  resolve(summary, resolution) {
    return this.#giveAway("close", summary, { resolution }, "done.closed");
  }

  async #giveAway(type, summary, fields, said) {
    const answer = await this.#try(type, { conversation_id: summary.id, epoch: summary.epoch, ...fields });
    if (!answer) return this.#reload(summary.id);
    this.#summaryCame(answer.summary);
    this.#emit("said", { key: said, summary, tone: "good" });
    if (this.selectedId === summary.id) this.select(this.#nextWaiting());
    return undefined;
  }

  #nextWaiting() {
    return this.mine.find((summary) => summary.waiting_since)?.id ?? null;
  }

  // --- what the service says ---------------------------------------------------------------------------------

  #statusChanged(status) {
    this.#emit("status");
    if (status === "refused") this.#emit("signed-out");
    if (status === "offline") this.#checkSession();
    if (status === "online") for (const id of this.#talks.keys()) this.#reload(id);
  }

  /** A handshake that is refused looks like a lost network, so ask. */
  async #checkSession() {
    try {
      if (!(await readSession())) this.#emit("signed-out");
    } catch { /* not reachable: the socket goes on trying */ }
  }

  #greeted({ me, mine, queue, offers, agents, service }) {
    const known = new Map(this.mine.map((summary, place) => [summary.id, place]));
    const place = (summary) => known.get(summary.id) ?? -1;
    const ordered = this.hasLoaded ? [...mine].sort((one, other) => place(one) - place(other)) : mine;
    for (const summary of mine) this.#refresh(summary);
    this.#set({ me, mine: ordered, queue, offers, agents, service, hasLoaded: true });
  }

  #offered(offer) {
    this.#dropOffer(offer.summary.id);
    this.#set({ offers: [...this.offers, offer] });
    this.#emit("offered", offer);
  }

  #offerGone(id, why) {
    const had = this.offers.some((offer) => offer.summary.id === id);
    this.#dropOffer(id);
    if (had && why !== "accepted") this.#emit("said", { key: `offer.${why}`, tone: "plain" });
  }

  #dropOffer(id) {
    this.#set({ offers: this.offers.filter((offer) => offer.summary.id !== id) });
  }

  #messageCame(message) {
    const talk = this.#talks.get(message.conversation_id);
    if (message.sender === "customer") this.#typed(message.conversation_id, false);
    if (!talk?.loaded) return;
    talk.take([message]);
    if (talk.isIncomplete) this.#catchUp(talk).catch((error) => this.#loadFailed(talk, error));
    this.#emit("talk", { id: talk.id });
    if (talk.id === this.selectedId && message.sender === "customer") this.#detailSoon(talk);
  }

  #tagsCame(id, seq, tags) {
    if (this.#talks.get(id)?.retag(seq, tags)) this.#emit("talk", { id });
  }

  #summaryCame(summary) {
    this.#refresh(summary);
    const place = this.mine.findIndex((one) => one.id === summary.id);
    const isMine = this.isMine(summary);
    if (isMine && place >= 0) this.mine[place] = summary;
    else if (isMine) this.mine.unshift(summary);
    else if (place >= 0) this.mine.splice(place, 1);
    this.#emit("lists");
  }

  #refresh(summary) {
    const talk = this.#talks.get(summary.id);
    if (!talk) return;
    if (talk.summary.epoch > summary.epoch) return;
    const ownerChanged = talk.summary.epoch !== summary.epoch;
    const wasMine = this.isMine(talk.summary);
    talk.summary = summary;
    talk.gone = !this.isMine(summary) && (talk.gone || wasMine);
    if (ownerChanged && talk.id === this.selectedId) this.#detailSoon(talk);
    this.#emit("talk", { id: talk.id });
  }

  #taken(summary) {
    this.queue = this.queue.filter((one) => one.id !== summary.id);
    this.#summaryCame(summary);
    this.select(summary.id);
  }

  #gone(id) {
    const talk = this.#talks.get(id);
    this.mine = this.mine.filter((summary) => summary.id !== id);
    if (talk) {
      talk.gone = true;
      for (const pending of talk.pending) giveBack(id, pending.kind, pending.text);
      talk.pending = [];
      this.#emit("talk", { id, drafts: true });
      this.#reload(id);
    }
    this.#emit("lists");
  }

  #agentsCame(agents) {
    const own = agents.find((agent) => agent.id === this.me.id);
    if (own) this.me = { ...this.me, presence: own.presence, load: own.load };
    this.#set({ agents });
  }

  #typed(id, active) {
    const talk = this.#talks.get(id);
    clearTimeout(this.#typingTimers.get(id));
    if (!talk || (talk.typing === active && !active)) return;
    talk.typing = active;
    if (active) this.#typingTimers.set(id, setTimeout(() => this.#typed(id, false), TYPING_LASTS_MS));
    this.#emit("talk", { id });
  }

  // --- keeping up --------------------------------------------------------------------------------------------

  /** Reads on from the newest seq without a gap until nothing more is there. */
  async #catchUp(talk) {
    if (talk.catchingUp) return;
    talk.catchingUp = true;
    try {
      for (let more = true; more;) {
        const path = `/api/desk/conversations/${talk.id}/messages?since=${talk.lastSeq}&limit=${PAGE}`;
        const answer = await call("GET", path);
        talk.take(answer.messages);
        more = answer.more;
      }
    } finally {
      talk.catchingUp = false;
    }
    this.#emit("talk", { id: talk.id });
  }

  /** After a reconnect or a conflict: the selected one at once, the others when they are selected again. */
  #reload(id) {
    const talk = this.#talks.get(id);
    if (!talk) return;
    if (id === this.selectedId) this.load(id);
    else this.#talks.delete(id);
  }

  #leave(id) {
    const talk = this.#talks.get(id);
    if (!talk || this.isMine(talk.summary)) return;
    this.#talks.delete(id);
    if (this.status === "online") this.#socket.request("leave", { conversation_id: id }).catch(() => {});
  }

  #detailCame(talk, detail) {
    talk.detail = detail;
    if (detail.summary) this.#summaryCame(detail.summary);
  }

  #detailSoon(talk) {
    clearTimeout(this.#detailTimer);
    this.#detailTimer = setTimeout(async () => {
      try {
        talk.detail = await call("GET", `/api/desk/conversations/${talk.id}`);
        this.#emit("talk", { id: talk.id });
      } catch { /* what stands in the right column is a moment old; the next change reads it again */ }
    }, DETAIL_AFTER_MS);
  }

  #loadFailed(talk, error) {
    if (error.code === "offline") return;
    if (error.code === "not_found" || error.code === "forbidden") talk.gone = true;
    if (!talk.loaded) talk.error = error;
    this.#emit("talk", { id: talk.id });
  }

  async #deliver(talk, pending) {
    const fields = { conversation_id: talk.id, client_id: pending.client_id, text: pending.text };
    try {
      const { seq, sent_at } = await this.#socket.deliver(pending.kind === "note" ? "note" : "reply", fields);
      const agent = { name: this.me.name };
      const message = { ...fields, seq, sent_at, sender: "agent", agent, kind: pending.kind, payload: {} };
      talk.take([message]);
      if (talk.isIncomplete) await this.#catchUp(talk);
    } catch (error) {
      if (error.code === "offline") return;  // the console was closed; #keepPending has the text
      pending.state = "failed";
      pending.error = error;
    }
    this.#emit("talk", { id: talk.id });
  }

  /** The page goes away: what is not acknowledged goes back to the draft rather than being lost. */
  #keepPending = () => {
    for (const talk of this.#talks.values()) {
      for (const pending of talk.pending.splice(0)) giveBack(talk.id, pending.kind, pending.text);
    }
  };

  #find(id) {
    const offered = this.offers.map((offer) => offer.summary);
    return [...this.mine, ...this.queue, ...offered].find((summary) => summary.id === id) ?? this.#talks.get(id)?.summary;
  }

  async #try(type, fields) {
    try {
      return await this.#socket.request(type, fields);
    } catch (error) {
      this.#complain(error);
      return null;
    }
  }

  #complain(error) {
    if (error.code === "not_signed_in") this.#emit("signed-out");
    else this.#emit("said", { error, tone: "bad" });
  }

  #set(values) {
    Object.assign(this, values);
    this.#emit("lists");
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
