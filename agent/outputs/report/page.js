"use strict";
// Everything that comes from a post enters the page as text, never as markup; nothing is loaded, nothing is sent.

const KINDS = ["question", "method", "advice"];
const ONE = { question: "a_question", method: "a_method", advice: "advice" };
const PAGE = 40;
const words = JSON.parse(document.getElementById("words").textContent);
const data = JSON.parse(document.getElementById("data").textContent);
const posts = data.posts ?? [];
const entries = data.entries ?? [];
const $ = (id) => document.getElementById(id);

// Where the browser forbids storage, what is remembered lasts until the page is closed.
const memory = {
  get(key, otherwise) {
    try { return JSON.parse(localStorage.getItem("mianjing." + key)) ?? otherwise; } catch { return otherwise; }
  },
  set(key, value) {
    try { localStorage.setItem("mianjing." + key, JSON.stringify(value)); } catch { /* see above */ }
  },
};

/* ---- words, elements ---- */

const stored = memory.get("lang", null);
let lang = stored in words ? stored : document.documentElement.lang.slice(0, 2);
const say = (key, values = {}) => words[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const sayRound = (round) => words[lang]["round." + round] ?? round;

function element(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function drawing(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const chips = (values, kind = "") => values.map((value) => element(`span.chip.${kind || "plain"}`, null, element("bdi", null, value)));
const few = (values = [], most = 6) => values.slice(0, most).join(" / ") + (values.length > most ? " …" : "");
const told = (...parts) => parts.filter(Boolean).flatMap((part, at) => [at ? " · " : "", element("bdi", null, part)]);

function settled(act, wait = 120) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
}

/** Rows drawn as they are scrolled to: of thousands, only those that somebody sees. */
function drawRows(host, rows, draw) {
  let drawn = 0;
  const more = element("button.more", { type: "button", click: () => drawMore() });
  const last = element("li", null, more);
  const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && drawMore(), { rootMargin: "600px" });
  host.watch?.disconnect();
  host.watch = watch;
  function drawMore() {
    last.remove();
    host.append(...rows.slice(drawn, drawn + PAGE).map(draw));
    drawn = Math.min(drawn + PAGE, rows.length);
    if (drawn === rows.length) return watch.disconnect();
    more.textContent = say("more", { n: rows.length - drawn });
    host.append(last);
  }
  host.replaceChildren(...(rows.length ? [] : [element("li", null, say(posts.length ? "nothing" : "no_posts"))]));
  drawMore();
  watch.observe(last);
}

/* ---- search and filters ---- */

const folded = (text) => text.normalize("NFKC").toLowerCase();
const searched = (form) => folded(form.elements.q?.value ?? "").split(/\s+/).filter(Boolean);
const chosen = (form) => Object.fromEntries(new FormData(form));
const quoteOf = (post, item) => item.quote ?? post.text.slice(item.start, item.end);
const wordingOf = (post, item) => item.text ?? quoteOf(post, item);
const titleOf = (post) => post.title || firstLine(post.text ?? "") || post.id;

/** Without the marks of Markdown, and no longer than a title is. */
function firstLine(text, most = 60) {
  const line = text.match(/[^\s#>*].*/)?.[0].slice(0, most + 1) ?? "";
  return line.length > most ? line.slice(0, most).trimEnd() + "…" : line;
}

function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]);
}

const questions = posts.flatMap((post) => post.items?.filter((item) => item.kind === "question").map((item) => [post, item]) ?? []);
const facets = {
  kind: KINDS.filter((kind) => posts.some((post) => post.items?.some((item) => item.kind === kind))).map((kind) => [kind]),
  topic: tally(questions.map(([, item]) => item.topic)),
  company: tally(posts.map((post) => post.company)),
  round: tally(questions.map(([, item]) => item.round)),
  origin: tally(posts.map((post) => post.origin)),
};
const orders = { "filter-bank": ["often", "companies", "topic", "text"], "filter-practice": ["often", "companies", "topic", "shuffle"] };

function fillChoices() {
  for (const form of document.forms) {
    for (const select of form.querySelectorAll("select")) {
      const { value, name } = select;
      const spoken = { kind: say, origin: say, round: sayRound }[name] ?? String;
      const options = name === "sort"
        ? orders[form.id].map((order) => [order, say("sort_" + order)])
        : [["", say("all")], ...facets[name].filter(([one]) => one).map(([one, count]) => [one, spoken(one) + (count ? ` (${count})` : "")])];
      select.replaceChildren(...options.map(([one, shown]) => element("option", { value: one }, shown)));
      if (options.some(([one]) => one === value)) select.value = value;
    }
  }
}

/** What is searched in a post: all of it, or its items of one kind. */
function haystack(post, kind) {
  post.hay ??= {};
  return (post.hay[kind] ??= folded((kind
    ? post.items.filter((item) => item.kind === kind).map((item) => wordingOf(post, item))
    : [post.title, post.company, post.role, post.outcome, post.source, ...(post.tags ?? []), post.summary, post.text,
      ...(post.items ?? []).map((item) => item.text ?? item.quote)]).filter(Boolean).join("\n")));
}

function foundPosts() {
  const form = $("filter-posts"), { kind, topic, company, round, origin } = chosen(form), sought = searched(form);
  return posts.filter((post) =>
    (!company || post.company === company) && (!origin || post.origin === origin)
    && (!kind || post.items?.some((item) => item.kind === kind))
    && (!(topic || round) || post.items?.some((item) => (!topic || item.topic === topic) && (!round || item.round === round)))
    && sought.every((word) => haystack(post, kind).includes(word)));
}

function foundEntries(form) {
  const { topic, company, round, unknown, sort } = chosen(form), sought = searched(form);
  return sorted(sort).filter((entry) =>
    (!topic || entry.topics?.includes(topic)) && (!company || entry.companies?.includes(company))
    && (!round || entry.rounds?.includes(round)) && !(unknown && known[entry.id])
    && sought.every((word) => (entry.hay ??= folded([entry.text, ...(entry.variants ?? []), ...(entry.topics ?? []), ...(entry.companies ?? [])].join("\n"))).includes(word)));
}

const orderings = {};
function sorted(by) {
  const collator = new Intl.Collator("zh");
  const among = {
    companies: (one, other) => (other.companies?.length ?? 0) - (one.companies?.length ?? 0),
    topic: (one, other) => !one.topics - !other.topics || collator.compare(one.topics?.[0] ?? "", other.topics?.[0] ?? ""),
    text: (one, other) => collator.compare(one.text, other.text),
  }[by];
  return among ? (orderings[by] ??= [...entries].sort(among)) : entries;
}

/* ---- overview ---- */

function drawOverview() {
  const items = posts.flatMap((post) => post.items ?? []);
  const tiles = [["posts", posts.length], ...facets.kind.map(([kind]) => [kind, items.filter((item) => item.kind === kind).length]), ["entries", entries.length]];
  $("tiles").replaceChildren(...tiles.map(([key, n]) => element("div", null, element("dt", null, say(key)), element("dd", null, n.toLocaleString(lang)))));
  const spoken = (counts) => counts.filter(([one]) => one).map(([one, n]) => ({ name: say(one), parts: [n] }));
  $("plots").replaceChildren(...[
    figure("by_topic", bars(facets.topic.map(([topic, n]) => ({ name: topic, parts: [n], to: topic && `#/bank?topic=${encodeURIComponent(topic)}` })))),
    companiesAndRounds(),
    figure("by_origin", bars(spoken(tally(questions.map(([post]) => post.origin))))),
    figure("by_grounding", bars(spoken(tally(items.map((item) => (item.grounding === undefined ? "exact" : item.grounding)))))),
  ].filter(Boolean));
}

function companiesAndRounds() {
  const rounds = facets.round.map(([round]) => round).filter(Boolean);
  const shown = rounds.slice(0, 5);
  const names = [...shown.map(sayRound), ...(rounds.length > shown.length ? [say("other_rounds")] : []), say("unsaid")];
  const shares = new Map();
  for (const [post, item] of questions) {
    const company = post.company ?? null, at = shown.indexOf(item.round);
    if (!shares.has(company)) shares.set(company, names.map(() => 0));
    shares.get(company)[item.round ? (at < 0 ? shown.length : at) : names.length - 1] += 1;
  }
  const rows = [...shares].map(([company, parts]) => ({ name: company, parts, to: company && `#/posts?company=${encodeURIComponent(company)}` }));
  const colour = (at) => (at < shown.length ? `c${at}` : at < names.length - 1 ? "c-other" : "c-none");
  const legend = element("p.legend", null, names.map((name, at) =>
    (rows.some(({ parts }) => parts[at]) ? element("span", null, element(`i.${colour(at)}`), element("bdi", null, name)) : null)));
  return figure("by_company", bars(rows, { names, colour }), legend);
}

function figure(title, plot, ...under) {
  return plot && element("figure", null, element("figcaption", null, say(title)), plot, ...under);
}

/** Horizontal bars, the longest first, what is not said last. `parts` of a bar stand one behind the other. */
function bars(rows, { names = [], colour = (at) => `c${at}`, most = 14 } = {}) {
  const sum = (row) => row.parts.reduce((total, n) => total + n, 0);
  const named = rows.filter((row) => row.name).sort((one, other) => sum(other) - sum(one));
  const kept = named.length > most + 2 ? most : named.length; // two more lines are no longer than one about them
  const shown = named.slice(0, kept), rest = named.slice(kept), unsaid = rows.filter((row) => !row.name);
  const added = (name, many) => (many.length ? [{ name, pooled: true, parts: many[0].parts.map((_, at) => many.reduce((total, row) => total + row.parts[at], 0)) }] : []);
  const all = [...shown, ...added(say("rest", { n: rest.length }), rest), ...added(say("unsaid"), unsaid)];
  const drawn = named.length ? all.slice(0, all.length - unsaid.length) : all; // what nobody said would dwarf what somebody did
  const widest = Math.max(...drawn.map(sum));
  return all.length && element("ol.bars", null, all.map((row) => {
    const plot = drawing("svg", { viewBox: `0 0 ${widest} 1`, preserveAspectRatio: "none", "aria-hidden": "true" });
    let x = 0;
    row.parts.forEach((n, at) => { if (n && drawn.includes(row)) plot.append(drawing("rect", { x, width: n, height: 1, class: row.pooled && !names.length ? "c-other" : colour(at) })); x += n; });
    const spoken = names.map((name, at) => row.parts[at] && `${name} ${row.parts[at]}`).filter(Boolean).join(" · ");
    return element("li", { title: [row.name, spoken].filter(Boolean).join(": ") },
      element("span.name", null, row.to ? element("a", { href: row.to }, row.name) : row.name), plot, element("span.number", null, sum(row).toLocaleString(lang)));
  }));
}

/* ---- posts ---- */

let found = posts;

function drawPosts() {
  found = foundPosts();
  $("count-posts").textContent = say("count_posts", { n: found.length, all: posts.length });
  const sought = searched($("filter-posts"));
  drawRows($("rows-posts"), found, (post) => element("li", null,
    element("a.title", { href: `#/posts/${posts.indexOf(post)}` }, element("bdi", null, titleOf(post))),
    element("p.aside", null, told(post.company, post.role, post.outcome, post.source)),
    element("p", null, snippet(post, sought)),
    KINDS.flatMap((kind) => { const n = post.items?.filter((item) => item.kind === kind).length; return n ? chips([`${say(kind)} ${n}`], kind) : []; })));
}

function snippet(post, sought) {
  const text = (post.text ?? (post.items ?? []).map((item) => wordingOf(post, item)).join(" / ")).replace(/\s+/g, " ");
  const low = text.toLowerCase();
  const hit = sought.map((word) => [low.indexOf(word), word.length]).filter(([at]) => at >= 0).sort((one, other) => one[0] - other[0])[0];
  if (!hit) {
    const title = titleOf(post), rest = text.startsWith(title) ? text.slice(title.length) : text;
    return rest.slice(0, 110) + (rest.length > 110 ? "…" : "");
  }
  const [at, length] = hit, from = Math.max(0, at - 40);
  return [from ? "…" : "", text.slice(from, at), element("mark.hit", null, text.slice(at, at + length)), text.slice(at + length, at + 90), text.length > at + 90 ? "…" : ""];
}

function drawPost(number, item) {
  const post = posts[number], place = found.indexOf(post);
  turn("previous-post", found[place - 1]);
  turn("next-post", place < 0 ? undefined : found[place + 1]);
  $("place-post").textContent = place < 0 ? "" : `${place + 1} / ${found.length}`;
  $("head-post").replaceChildren(element("bdi", null, titleOf(post)));
  const hasText = post.text !== undefined && post.text !== null;
  const text = hasText && element("div.text", { dir: "auto" }, highlighted(post));
  const list = element("div.items", null, hasText ? null : element("p.aside", null, say(post.source?.endsWith("(OCR)") ? "no_text_of_pictures" : "no_text")), post.items ? KINDS.map((kind) => itemsOf(post, kind, text)) : element("p.aside", null, say("no_items")));
  $("post").replaceChildren(element("div", null,
    element("p.aside", null, told(post.company, post.role, post.outcome, post.source, post.origin && say(post.origin), post.model !== post.origin && post.model, post.at?.slice(0, 10)),
      post.url ? [" · ", element("a", { href: post.url, target: "_blank", rel: "noopener noreferrer" }, say("original"))] : null),
    chips(post.tags ?? []),
    post.summary ? element("p", null, element("bdi", null, post.summary)) : null,
    post.warnings ? element("details", null, element("summary", null, say("warnings", { n: post.warnings.length })), element("ul", null, post.warnings.map((one) => element("li.aside", null, one)))) : null,
    text && post.items ? kindSwitches(post, text) : null,
    element(hasText ? "div.reading.has-text" : "div.reading", null, text || null, list)));
  if (item !== undefined && text) flash(text, item);
}

function turn(id, post) {
  $(id).hidden = !post;
  if (post) $(id).href = `#/posts/${posts.indexOf(post)}`;
}

/** The text cut where items begin and end. A piece has the look of the shortest item there, the most particular one. */
function highlighted(post) {
  const marks = (post.items ?? []).map((item, number) => ({ item, number })).filter(({ item }) => item.start < item.end && item.end <= post.text.length);
  const cuts = [...new Set([0, post.text.length, ...marks.flatMap(({ item }) => [item.start, item.end])])].sort((one, other) => one - other);
  const opening = new Map(cuts.map((cut) => [cut, []]));
  for (const mark of marks) opening.get(mark.item.start).push(mark);
  const begun = new Set();
  let covering = [];
  return cuts.slice(0, -1).map((start, at) => {
    covering = [...covering.filter(({ item }) => item.end > start), ...opening.get(start)].sort((one, other) => one.item.end - one.item.start - other.item.end + other.item.start);
    const piece = post.text.slice(start, cuts[at + 1]);
    if (!covering.length) return piece;
    const fresh = covering.some(({ number }) => !begun.has(number));
    covering.forEach(({ number }) => begun.add(number));
    const made = element(`mark.${covering[0].item.kind}${covering.length > 1 ? ".over" : ""}`, { tabindex: fresh ? 0 : -1 }, piece);
    made.about = { post, numbers: covering.map(({ number }) => number) };
    return made;
  });
}

function itemsOf(post, kind, text) {
  const mine = (post.items ?? []).map((item, number) => ({ item, number })).filter(({ item }) => item.kind === kind);
  return mine.length ? element(`section.${kind}`, null, element("h2", null, `${say(kind)} (${mine.length})`), element("ol", null, mine.map(({ item, number }) => {
    const about = [sayRound(item.round), item.topic, item.grounding && say(item.grounding)];
    const inner = [element("bdi", null, (item.number ? `${item.number}. ` : "") + wordingOf(post, item)), element("div.aside", null, told(...about))];
    return element("li", null, text
      ? element("button.item", { type: "button", title: say("show_in_text"), click: () => flash(text, number) }, inner)
      : element("div.item", null, inner));
  }))) : null;
}

function kindSwitches(post, text) {
  const there = KINDS.filter((kind) => post.items?.some((item) => item.kind === kind));
  return element("fieldset.kinds", null, element("legend.aside", null, say("shown_kinds")), there.map((kind) => element(`label.chip.${kind}`, null,
    element("input", { type: "checkbox", checked: "", change: (event) => text.classList.toggle("no-" + kind, !event.target.checked) }), " " + say(kind))));
}

function flash(text, number) {
  const pieces = [...text.querySelectorAll("mark")].filter((piece) => piece.about.numbers.includes(number));
  for (const piece of pieces) {
    piece.classList.remove("flash");
    void piece.offsetWidth; // the animation starts anew only after a layout without it
    piece.classList.add("flash");
    piece.addEventListener("animationend", () => piece.classList.remove("flash"), { once: true });
  }
  pieces[0]?.focus({ preventScroll: true });
  pieces[0]?.scrollIntoView({ block: "center" });
}

/* ---- what a highlighted piece is, on hover and focus ---- */

function showTip(piece) {
  const { post, numbers } = piece.about, tip = $("tip");
  tip.replaceChildren(...numbers.map((number) => {
    const item = post.items[number], { grounding = "exact" } = item;
    return element("p", null, told(say(ONE[item.kind]), grounding && say(grounding), post.origin && say(post.origin), sayRound(item.round), item.topic, item.text));
  }));
  tip.hidden = false;
  const place = piece.getClientRects()[0] ?? piece.getBoundingClientRect();
  const above = place.top - tip.offsetHeight - 6;
  tip.style.top = `${above > 0 ? above : place.bottom + 6}px`;
  tip.style.left = `${Math.max(8, Math.min(place.left, innerWidth - tip.offsetWidth - 8))}px`;
  piece.setAttribute("aria-describedby", "tip");
}

for (const [come, go] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(come, (event) => event.target.about && showTip(event.target));
  document.addEventListener(go, () => { $("tip").hidden = true; });
}
addEventListener("scroll", () => { $("tip").hidden = true; }, { passive: true });

/* ---- bank ---- */

function drawBank() {
  const rows = foundEntries($("filter-bank"));
  $("count-bank").textContent = say("count_bank", { n: rows.length, all: entries.length });
  drawRows($("rows-bank"), rows, (entry) => {
    const n = entry.places?.length ?? 0;
    const more = element("details", { toggle: () => more.childElementCount > 1 || more.append(...sourcesOf(entry)) }, element("summary", null, say("sources")));
    return element("li.entry", null, element("span.often", { title: say("times", { n }), "aria-label": say("times", { n }), role: "img" }, `${n}×`), element("div", null,
      element("h2", null, element("bdi", null, entry.text)),
      element("p.aside", null, told(few(entry.companies), few(entry.rounds?.map(sayRound)))), chips(entry.topics ?? []), known[entry.id] ? chips(["✓ " + say("known")], "method") : [], more));
  });
}

function sourcesOf(entry) {
  const variants = entry.variants?.length ? [element("p.aside", null, say("variants")), element("ul", null, entry.variants.map((one) => element("li", null, element("bdi", null, one)))), element("p.aside", null, say("asked_in"))] : [];
  return [...variants, ...(entry.places ?? []).map(([number, at]) => {
    const post = posts[number], item = post.items?.[at ?? -1];
    return element("div.source", null, element("a", { href: `#/posts/${number}${at === null ? "" : "/" + at}` }, element("bdi", null, titleOf(post))),
      element("span.aside", null, " ", told(post.company, sayRound(item?.round))), item && post.text ? excerpt(post, item) : null);
  })];
}

/** The question in its post, with the line before and the line after. */
function excerpt({ text }, { start, end }, most = 120) {
  const before = text.slice(Math.max(0, start - most), start).trimStart().split("\n").slice(-2).join("\n");
  const after = text.slice(end, end + most).trimEnd().split("\n").slice(0, 2).join("\n");
  return element("blockquote", null, before, element("mark", null, text.slice(start, end)), after);
}

/* ---- practice ---- */

const known = memory.get("known", {});
let deck = [], at = 0, revealed = false;

function deal() {
  deck = [...foundEntries($("filter-practice"))];
  if ($("filter-practice").elements.sort.value === "shuffle") {
    for (let i = deck.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [deck[i], deck[j]] = [deck[j], deck[i]];
    }
  }
  at = 0;
  revealed = false;
  drawCard();
}

function drawCard() {
  const entry = deck[at], knows = Boolean(entry && known[entry.id]);
  $("count-practice").textContent = say("progress", { at: entry ? at + 1 : 0, all: deck.length, known: Object.keys(known).length });
  $("card").classList.toggle("is-known", knows);
  $("card").replaceChildren(...(entry ? [
    element("p.aside", null, told(say("times", { n: entry.places?.length ?? 0 }), entry.topics?.[0], knows && "✓ " + say("known"))),
    element("p.asked", null, element("bdi", null, entry.text)),
    ...(revealed ? sourcesOf(entry) : []),
  ] : [element("p", null, say("deck_done"))]));
  button("previous").disabled = at === 0;
  button("next").disabled = at >= deck.length - 1;
  button("reveal").disabled = button("known").disabled = !entry;
  button("reveal").setAttribute("aria-expanded", revealed);
  button("reveal").firstElementChild.textContent = say(revealed ? "hide" : "reveal");
  button("known").setAttribute("aria-pressed", knows);
  button("known").firstElementChild.textContent = say(knows ? "unmark_known" : "mark_known");
}

const button = (move) => document.querySelector(`[data-move="${move}"]`);
const step = (by) => { at = Math.max(0, Math.min(deck.length - 1, at + by)); revealed = false; };
const moves = {
  previous: () => step(-1),
  next: () => step(1),
  reveal: () => { revealed = !revealed; },
  known: () => {
    const { id } = deck[at] ?? {};
    if (!id) return;
    if (known[id]) delete known[id]; else known[id] = 1;
    memory.set("known", known);
  },
};
const keys = { j: "next", ArrowRight: "next", k: "previous", ArrowLeft: "previous", x: "known", " ": "reveal" };

function move(name) {
  moves[name]();
  drawCard();
}

for (const name of Object.keys(moves)) {
  button(name).addEventListener("click", (event) => {
    move(name);
    if (event.detail) $("card").focus(); // after a pointer's click the space key is to show the source, not to click again
  });
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape") $("tip").hidden = true;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=search], select")) return;
  const view = document.querySelector("main > section:not([hidden])");
  const search = view.querySelector("input[type=search]");
  if (event.key === "/" && search) search.focus();
  else if (view.id !== "view-practice" || !(event.key in keys) || (event.key === " " && event.target.closest("button, a, input, summary"))) return;
  else move(keys[event.key]);
  event.preventDefault();
});

/* ---- ways through the page: #/posts?topic=RAG, #/posts/12/3 ---- */

const views = { overview: drawOverview, posts: drawPosts, bank: drawBank, practice: () => (deck.length ? drawCard() : deal()) };
const scrolled = {}, drawnFor = {};
let current = null;

function route() {
  if (location.hash && !location.hash.startsWith("#/")) return; // the skip link
  const [path, query] = location.hash.slice(2).split("?");
  const [name, number, item] = path.split("/");
  const view = name in views ? name : "overview";
  const reading = view === "posts" && posts[parseInt(number)] !== undefined;
  const shown = reading ? "post" : view;
  if (query) choose($("filter-" + view), new URLSearchParams(query));
  if (current) scrolled[current] = scrollY;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== "view-" + shown;
  for (const link of document.querySelectorAll("header nav a")) {
    if (link.hash === "#/" + view) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  if (current && current !== shown) $("head-" + shown).focus({ preventScroll: true });
  if (reading) scrollTo(0, 0);
  if (reading) drawPost(Number(number), item === undefined ? undefined : Number(item)); else drawIfChanged(view);
  if (!reading && current !== shown) scrollTo(0, query ? 0 : scrolled[shown] ?? 0);
  current = shown;
}

/** What is still as it was stays, with as many rows as somebody has scrolled through. */
function drawIfChanged(view) {
  const form = $("filter-" + view);
  const state = [lang, form && new URLSearchParams(new FormData(form)), Object.keys(known)].join();
  if (drawnFor[view] === state) return;
  views[view]();
  drawnFor[view] = state;
}

function choose(form, wanted) {
  form.reset();
  for (const [name, value] of wanted) if (form.elements[name]) form.elements[name].value = value;
}

function speak(language) {
  lang = language;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = say(one.dataset.word);
  for (const one of document.querySelectorAll("[data-word-label]")) one.setAttribute("aria-label", say(one.dataset.wordLabel));
  fillChoices();
  light(document.documentElement.dataset.theme);
}

function light(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").setAttribute("aria-label", say(theme === "dark" ? "theme_light" : "theme_dark"));
  $("theme").title = $("theme").getAttribute("aria-label");
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const preferred = () => memory.get("theme", dark.matches ? "dark" : "light");
dark.addEventListener("change", () => light(preferred()));
$("theme").addEventListener("click", () => {
  light(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  memory.set("theme", document.documentElement.dataset.theme);
});
$("language").addEventListener("click", () => {
  speak(lang === "zh" ? "en" : "zh");
  memory.set("lang", lang);
  route();
});
for (const [view, draw] of [["posts", drawIfChanged], ["bank", drawIfChanged], ["practice", deal]]) {
  const form = $("filter-" + view);
  form.addEventListener("submit", (event) => event.preventDefault());
  const redraw = settled(() => draw(view));
  form.addEventListener("input", (event) => event.isComposing || redraw()); // half a pinyin is no word to search for
  form.addEventListener("compositionend", redraw);
  form.addEventListener("change", redraw);
  form.addEventListener("reset", settled(() => draw(view), 0)); // the form is empty only after the event
}
addEventListener("hashchange", route);
document.documentElement.dataset.theme = preferred();
speak(lang);
route();
