// The page of `aigate serve`. What comes from the log was chosen by agents: it is only ever made a text node.
"use strict";

const SECOND = 1000, DAY = 86400 * SECOND, HOUR = 3600 * SECOND, BARS = 96;
const $ = (id) => document.getElementById(id);
const shown = { events: -1, runs: 0, all: 0 };

function make(name, text, ...classes) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = String(text);
  element.classList.add(...classes);
  return element;
}

async function ask(what, values = {}) {
  const answer = await fetch(`${what}?${new URLSearchParams(values)}`, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function since() {
  const days = Number($("range").value);
  return days ? new Date(Date.now() - days * DAY).toISOString().slice(0, 19) : "";
}

const filter = () => ({ since: since(), text: $("text").value.trim() });
const clock = (time) => {
  const moment = new Date(time);
  return Number.isNaN(moment.getTime()) ? "?" : moment.toLocaleString(undefined, { dateStyle: "short", timeStyle: "medium" });
};

function tiles(summary) {
  const named = [["Runs", summary.runs], ["Refusals", summary.refused], ["Hidden secrets", summary.hidden],
    ["Ended with an error", summary.failed], ["Records", summary.events]];
  $("tiles").replaceChildren(...named.map(([name, count]) => {
    const tile = make("div", undefined, "tile");
    tile.append(make("b", count.toLocaleString()), make("span", name));
    return tile;
  }));
}

function bars(id, pairs) {
  const most = Math.max(1, ...pairs.map(([, count]) => count));
  const items = pairs.map(([name, count]) => {
    const item = make("li"), bar = make("i");
    bar.style.width = `${100 * count / most}%`;
    item.append(bar, make("span", name), make("b", count.toLocaleString()));
    return item;
  });
  $(id).replaceChildren(...(items.length ? items : [make("li", "nothing", "none")]));
}

function drawn(name, values, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function overTime(hours) {
  const counted = hours.map(([hour, count]) => [Date.parse(`${hour}:00:00Z`), count]).filter(([at]) => !Number.isNaN(at));
  if (!counted.length) return $("time").replaceChildren(make("p", "nothing was refused", "none"));
  const first = Math.min(...counted.map(([at]) => at)), last = Math.max(Date.now(), ...counted.map(([at]) => at + HOUR));
  const width = Math.max(HOUR, Math.ceil((last - first) / BARS / HOUR) * HOUR), sums = new Map();
  for (const [at, count] of counted) {
    const place = Math.floor((at - first) / width);
    sums.set(place, (sums.get(place) || 0) + count);
  }
  const most = Math.max(...sums.values()), places = Math.floor((last - first) / width) + 1, each = 960 / places;
  const picture = drawn("svg", { viewBox: "0 0 960 120", preserveAspectRatio: "none", role: "img",
    "aria-label": `Refusals from ${clock(first)} to ${clock(last)}, at most ${most} at once` });
  for (const [place, count] of sums) {
    const height = Math.max(2, 100 * count / most);
    const bar = drawn("rect", { x: place * each + 0.5, y: 120 - height, width: Math.max(1, each - 1), height, rx: 1 });
    bar.append(drawn("title", {}, `${clock(first + place * width)}: ${count}`));
    picture.append(bar);
  }
  const ends = make("small", `${clock(first)} – ${clock(last)}, at most ${most.toLocaleString()} in ${width / HOUR} h`);
  return $("time").replaceChildren(picture, ends);
}

function row(run) {
  const item = make("li"), button = make("button", undefined, "run"), what = make("code", run.command || "?");
  button.type = "button";
  button.dataset.id = run.number;
  const status = run.ended ? (run.status ? `status ${run.status}` : "ok") : "no end yet";
  button.append(make("time", clock(run.began)), what,
    make("b", status, ...(run.status ? ["bad"] : [])),
    make("b", `${run.refused} refused`, ...(run.refused ? ["bad"] : ["none"])),
    make("b", `${run.hidden} hidden`, ...(run.hidden ? [] : ["none"])));
  button.append(make("small", run.number.slice(0, 8)), make("small", run.directory));
  button.addEventListener("click", () => open(run.number));
  item.append(button);
  return item;
}

const someRuns = (skip) => ask("runs", { ...filter(), skip });

function runs(found, more) {
  const focused = document.activeElement?.dataset?.id;
  const rows = found.runs.map(row);
  if (more) $("runs").append(...rows);
  else $("runs").replaceChildren(...(rows.length ? rows : [make("li", "no run", "none")]));
  shown.runs = (more ? shown.runs : 0) + rows.length;
  $("more").hidden = shown.runs >= found.all;
  if (focused) for (const one of document.querySelectorAll(".run")) if (one.dataset.id === focused) one.focus();
}

function kept(found) {
  for (const name of ["quarantine", "layers"]) {
    const items = found[name].map((one) => {
      const item = make("li");
      item.append(make("code", one.path), make("div", one.about, "none"));
      return item;
    });
    $(name).replaceChildren(...(items.length ? items : [make("li", "nothing", "none")]));
  }
}

async function open(number) {
  const run = await ask("run", { id: number });
  $("run-title").textContent = run.command || "?";
  $("run-about").textContent = `${clock(run.began)} in ${run.directory || "?"}, run ${run.number}`;
  const begun = Date.parse(run.began);
  $("timeline").replaceChildren(...run.events.map((event) => {
    const item = make("li", undefined, ...(/refused|watched|killed|failed/.test(event.event) ? ["bad"] : []));
    const after = (Date.parse(event.time) - begun) / SECOND;
    item.append(make("time", Number.isNaN(after) ? "?" : `+${after.toFixed(3)} s`), make("span", event.words));
    return item;
  }), ...(run.more ? [make("li", `and ${run.more} more: aigate log --run ${run.number}`)] : []));
  if (!$("run").open) $("run").showModal();
}

async function refresh(anew) {
  try {
    const others = anew ? [someRuns(0), ask("kept")] : [];
    const summary = await ask("summary", { ...filter(), ...(anew ? {} : { events: shown.events }) });
    $("live").textContent = `live, ${new Date().toLocaleTimeString()}`;
    if (summary.same) return;
    shown.events = summary.events;
    tiles(summary);
    overTime(summary.hours);
    for (const id of ["hosts", "rules", "commands", "masked"]) bars(id, summary[id]);
    const [some, all] = await Promise.all(others.length ? others : [someRuns(0), ask("kept")]);
    runs(some, false);
    kept(all);
    document.body.dataset.ready = "yes";
  } catch (error) {
    $("live").textContent = `aigate serve does not answer (${error.message})`;
  }
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("run").open) return;
  if (event.target.matches("input, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const rows = [...document.querySelectorAll(".run")], at = rows.indexOf(document.activeElement);
  if (event.key === "j") rows[Math.min(rows.length - 1, at + 1)]?.focus();
  else if (event.key === "k") rows[Math.max(0, at - 1)]?.focus();
  else if (event.key === "/") $("text").focus();
  else return;
  event.preventDefault();
}

let typing;
$("text").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => refresh(true), 200); });
$("range").addEventListener("change", () => refresh(true));
$("more").addEventListener("click", async () => runs(await someRuns(shown.runs), true));
document.addEventListener("keydown", keys);
setInterval(() => { if (!document.hidden) refresh(false); }, 1500);
refresh(true);
