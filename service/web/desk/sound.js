// The soft sound of a new offer: two notes, made here. Muted by choice; browsers allow it after the first key or click.

import { recall, remember } from "../shared/preferences.js";

const MUTED = "anxin:muted";
const NOTES_HZ = [587.33, 880];
let audio = null;

export function isMuted() {
  return recall(MUTED) === "yes";
}

export function setMuted(muted) {
  remember(MUTED, muted ? "yes" : "no");
}

/** Browsers keep sound off until somebody touched the page; call this on the first touch. */
export function allowSound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

export function playOffer() {
  if (isMuted() || audio?.state !== "running") return;
  NOTES_HZ.forEach((hertz, n) => playNote(hertz, audio.currentTime + n * 0.14));
}

function playNote(hertz, at) {
  const tone = new OscillatorNode(audio, { type: "sine", frequency: hertz });
  const loudness = new GainNode(audio, { gain: 0 });
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.09, at + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0005, at + 0.5);
  tone.connect(loudness).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.55);
}
