// A bot on a page: <script src="https://sightglass.example.com/widget.js" data-key="sgp_..." async></script>
// All that comes from the service is set as text, never as HTML; no address in an answer is opened or loaded.
"use strict";
(() => {
  const script = document.currentScript;
  const base = new URL(`v1/widget/${encodeURIComponent(script.dataset.key)}`, script.src).href;
  const AGAIN_MS = [500, 1000, 2000, 4000, 8000, 8000, 8000];
  const CITED = /\[(\d{1,3})\]/;
  const ERRORS = {
    unauthenticated: "This page may not ask here.",
    forbidden: "This page may not ask here.",
    bot_not_found: "There is nobody here to ask any more.",
    conversation_not_found: "This conversation has ended. Load the page again to begin another.",
    rate_limited: "Too many questions just now. Please try again later.",
    cancelled: "Stopped.",
  };
  const FAILED = "That did not work. Please try again.";
  const AWAY = "There is no connection. Please try again.";

  // ---- What is asked of the service

  class Failure extends Error {
    constructor(code) {
      super(ERRORS[code] ?? FAILED);
    }
  }

  async function call(path, { body, secret, last, signal } = {}) {
    const headers = {};
    if (body) headers["Content-Type"] = "application/json";
    if (secret) headers["X-Visitor-Secret"] = secret;
    if (last) headers["Last-Event-ID"] = last;
    const answer = await fetch(base + path, {
      method: body ? "POST" : "GET",
      body: body && JSON.stringify(body),
      headers,
      signal,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
    });
    if (!answer.ok) throw new Failure((await answer.json().catch(() => ({}))).code);
    return answer;
  }

  // The events of one stream: {id, kind, data}.
  async function* events(answer) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
        if (fields.id) yield { id: fields.id, kind: fields.event, data: JSON.parse(fields.data) };
      }
    }
  }

  // An answer to its end: where the way breaks, what is known already is not asked for again.
  async function follow(path, secret, take) {
    let last = "";
    for (let tries = 0; tries <= AGAIN_MS.length; tries += 1) {
      try {
        const answer = await call(`${path}/events`, { secret, last });
        if (answer.status === 204) return;
        for await (const { id, kind, data } of events(answer)) {
          last = id;
          tries = 0;
          take(kind, data);
          if (kind === "done") return;
        }
      } catch (error) {
        if (error instanceof Failure) throw error; // told by the service, or by the answer itself
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS[tries]));
    }
    throw new Error(AWAY);
  }

  // ---- What is shown

  const STYLE = `
    :host { all: initial; --ink: #1c1f23; --paper: #fff; --soft: #eef1f4; --line: #c4cbd3; --mark: #0b57d0; --on: #fff;
      position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483000; font: 15px/1.5 system-ui, sans-serif; }
    @media (prefers-color-scheme: dark) {
      :host { --ink: #e8eaed; --paper: #1d2024; --soft: #2b3036; --line: #4a525b; --mark: #8ab4f8; --on: #10131a; } }
    * { box-sizing: border-box; font: inherit; }
    [hidden] { display: none !important; }
    button { cursor: pointer; border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .75rem;
      color: var(--ink); background: var(--paper); }
    :focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
    .launch, .send { color: var(--on); background: var(--mark); border-color: transparent; }
    .launch { border-radius: 2rem; padding: .6rem 1.2rem; }
    .panel { display: flex; flex-direction: column; width: min(24rem, calc(100vw - 2rem)); color: var(--ink);
      height: min(34rem, calc(100vh - 2rem)); background: var(--paper); border: 1px solid var(--line);
      border-radius: .75rem; overflow: hidden; }
    header { display: flex; justify-content: space-between; align-items: center; padding: .5rem .75rem;
      border-bottom: 1px solid var(--line); }
    h2 { margin: 0; font-weight: 600; }
    .log { flex: 1; overflow-y: auto; padding: .75rem; display: flex; flex-direction: column; gap: .6rem; }
    .log > * { padding: .5rem .75rem; border-radius: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    .bot { background: var(--soft); align-self: flex-start; }
    .you { background: var(--mark); color: var(--on); align-self: flex-end; }
    .cite { font-size: .75em; line-height: 1; padding: .15rem .35rem; margin: 0 .1rem; vertical-align: super; }
    .place { margin-top: .5rem; padding-top: .5rem; border-top: 1px solid var(--line); font-size: .9em; }
    .place strong { font-weight: 600; } .place img { display: block; max-width: 100%; margin-top: .4rem; }
    .error { border: 1px solid currentColor; }
    form { display: flex; gap: .5rem; padding: .6rem; border-top: 1px solid var(--line); }
    textarea { flex: 1; min-width: 0; resize: none; padding: .35rem .5rem; color: inherit; background: transparent;
      border: 1px solid var(--line); border-radius: .5rem; }
    .label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }`;

  function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...(text === undefined ? [] : [text]), ...children);
    return made;
  }

  const clock = (us) => {
    const s = Math.floor(us / 1e6);
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  };

  function placeOf({ locator = {}, start_us: start, end_us: end }) {
    if (start !== undefined && start !== null) return `${clock(start)} – ${clock(end ?? start)}`;
    const named = ["page", "slide", "sheet", "row", "line"].filter((name) => name in locator);
    return named.map((name) => `${name} ${locator[name]}`).join(", ");
  }

  // The place that a citation is of. Its picture is one that the service has made itself, never one of an answer.
  function shown(citation) {
    if (citation.deleted) return element("div", { class: "place", text: "This source was deleted." });
    const block = element("div", { class: "place" }, element("strong", { text: citation.title || "Source" }));
    const place = placeOf(citation);
    if (place) block.append(` · ${place}`);
    block.append(element("div", { text: citation.snippet }));
    const picture = citation.thumbnail?.url;
    if (picture) block.append(element("img", { src: picture, alt: "", referrerpolicy: "no-referrer" }));
    return block;
  }

  // An answer as it grows.
  class Answer {
    constructor() {
      this.text = "";
      this.citations = new Map();
      this.places = element("div");
      this.words = element("div");
      this.node = element("div", { class: "bot", "aria-busy": "true" }, this.words, this.places);
    }

    take(kind, data) {
      if (kind === "delta") this.text += data.text;
      if (kind === "citation") this.citations.set(String(data.n), data);
      if (kind === "reset") {
        this.text = "";
        this.citations.clear();
      }
      if (kind === "error") throw new Failure(data.code);
      this.draw();
    }

    draw() {
      const parts = this.text.split(CITED); // words and numbers by turns
      this.words.replaceChildren(...parts.map((part, at) => (at % 2 ? this.cite(part) : part)));
    }

    cite(number) {
      const citation = this.citations.get(number);
      if (!citation) return `[${number}]`;
      const open = this.places.firstChild?.dataset.n === number;
      const label = `Source ${number}: ${citation.title || "where it stands"}`;
      const button = element("button", {
        type: "button", class: "cite", text: number, "aria-label": label, "aria-expanded": String(open),
      });
      button.addEventListener("click", () => this.toggle(number, citation));
      return button;
    }

    toggle(number, citation) {
      const open = this.places.firstChild?.dataset.n === number;
      this.places.replaceChildren();
      if (!open) {
        const block = shown(citation);
        block.dataset.n = number;
        this.places.append(block);
        block.scrollIntoView({ block: "nearest" });
      }
      for (const button of this.words.querySelectorAll(".cite")) {
        button.setAttribute("aria-expanded", String(!open && button.textContent === number));
      }
    }

    end() {
      this.node.removeAttribute("aria-busy");
    }
  }

  const host = element("div");
  const root = host.attachShadow({ mode: "open" });
  const launch = element("button", { type: "button", class: "launch", "aria-expanded": "false", text: "Ask" });
  const close = element("button", { type: "button", "aria-label": "Close", text: "×" });
  const title = element("h2", { id: "title", text: "Ask" });
  const log = element("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-labelledby": "title" });
  const input = element("textarea", { id: "question", rows: "2", maxlength: "4000", required: "" });
  const send = element("button", { type: "submit", class: "send", text: "Send" });
  const stop = element("button", { type: "button", text: "Stop", hidden: "" });
  const form = element("form", {}, element("label", { class: "label", for: "question", text: "Your question" }), input, send, stop);
  const panel = element(
    "section", { class: "panel", role: "dialog", "aria-labelledby": "title", hidden: "" },
    element("header", {}, title, close), log, form,
  );

  function dress() {
    if ("adoptedStyleSheets" in root) {
      const sheet = new CSSStyleSheet(); // not stopped by a page's policy on styles
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } else root.append(element("style", { text: STYLE }));
  }

  function say(node) {
    log.append(node);
    log.scrollTop = log.scrollHeight;
  }

  const complain = (error) => {
    const told = error instanceof Failure || error.message === AWAY ? error.message : AWAY;
    say(element("div", { class: "bot error", role: "alert", text: told }));
  };

  let greeted = false;
  async function greet() {
    if (greeted) return;
    greeted = true;
    try {
      const { name, greeting } = await (await call("")).json();
      title.textContent = name;
      if (greeting) say(element("div", { class: "bot", text: greeting }));
    } catch (error) {
      greeted = false;
      complain(error);
    }
  }

  function show(open) {
    panel.hidden = !open;
    launch.hidden = open;
    launch.setAttribute("aria-expanded", String(open));
    (open ? input : launch).focus();
    if (open) greet();
  }

  // The conversation of this page, from its first question on: {id, secret}; and the turn that is being answered.
  let conversation = null;
  let turn = null;

  async function put(question) {
    if (conversation) {
      const path = `/conversations/${conversation.id}/turns`;
      return (await call(path, { body: { question }, secret: conversation.secret })).json();
    }
    const begun = await (await call("/conversations", { body: { question } })).json();
    conversation = { id: begun.conversation_id, secret: begun.visitor_secret };
    return begun;
  }

  async function ask(question) {
    const answer = new Answer();
    say(element("div", { class: "you", text: question }));
    say(answer.node);
    input.disabled = send.hidden = true;
    try {
      const { conversation_id: id, turn_id: turnId } = await put(question);
      turn = `/conversations/${id}/turns/${turnId}`;
      stop.hidden = false;
      await follow(turn, conversation.secret, (kind, data) => {
        answer.take(kind, data);
        log.scrollTop = log.scrollHeight;
      });
    } catch (error) {
      if (!answer.text) answer.node.remove();
      complain(error);
    }
    turn = null;
    answer.end();
    stop.hidden = true;
    input.disabled = send.hidden = false;
    input.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = input.value.trim();
    if (!question || input.disabled) return;
    input.value = "";
    ask(question);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  stop.addEventListener("click", () => {
    stop.hidden = true;
    call(`${turn}/cancel`, { body: {}, secret: conversation.secret }).catch(() => {}); // it may be over by now
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false);
  });
  launch.addEventListener("click", () => show(true));
  close.addEventListener("click", () => show(false));

  dress();
  root.append(panel, launch);
  const mount = () => document.body.append(host);
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
