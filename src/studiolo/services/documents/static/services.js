// Help pages of web services: copy buttons, a tab for each program, and the test form. Texts only enter the page as
// text, and the key is read from its field when a request is sent and stored nowhere.
"use strict";

const ROWS_SHOWN = 200;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Copy buttons

function addCopyButton(place, source, what) {
  const button = make("button", { type: "button", class: "copy", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 2500);
  });
  place.append(button);
}

function addCopyButtons() {
  for (const call of document.querySelectorAll(".call")) {
    addCopyButton(call, call.querySelector(".address"), "the address");
  }
  for (const code of document.querySelectorAll(".code, .client")) {
    const title = code.querySelector("figcaption, h3").textContent;
    addCopyButton(code, code.querySelector("pre"), title);
  }
}

// Programs as tabs; without this script they stand one below the other.

function makeTabs() {
  for (const clients of document.querySelectorAll(".clients")) {
    const panels = [...clients.querySelectorAll(".client")];
    const bar = make("div", { class: "tabs", role: "tablist", "aria-label": "Language" });
    const tabs = panels.map((panel, number) => {
      const title = panel.querySelector("h3").textContent;
      panel.id = `program-${number}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `tab-${number}`);
      const attributes = { type: "button", role: "tab", id: `tab-${number}`, "aria-controls": panel.id };
      return make("button", attributes, title);
    });
    const select = (chosen, takesFocus) => {
      tabs.forEach((tab, number) => {
        tab.setAttribute("aria-selected", String(number === chosen));
        tab.tabIndex = number === chosen ? 0 : -1;
        panels[number].hidden = number !== chosen;
      });
      if (takesFocus) tabs[chosen].focus();
    };
    tabs.forEach((tab, number) => {
      tab.addEventListener("click", () => select(number, false));
      tab.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const next = { ArrowRight: number + 1, ArrowLeft: number - 1, Home: 0, End: last }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        select((next + tabs.length) % tabs.length, true);
      });
    });
    bar.append(...tabs);
    clients.prepend(bar);
    clients.classList.add("tabbed");
    select(0, false);
  }
}

// The test form

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const WHOLE = ["Integer", "integer"];
const NUMERIC = [...WHOLE, "Double", "number"];
const LOGICAL = ["Boolean", "boolean"];

// Gives the value of a text. What does not fit stays text, so that the service says what is wrong with it; so do whole
// numbers that JavaScript can't hold exactly, which the service reads as text too.
function valueOf(text, kind) {
  if (text === "") return null;
  const trimmed = text.trim();
  if (NUMERIC.includes(kind) && NUMBER.test(trimmed)) {
    const number = Number(trimmed);
    const isExact = !WHOLE.includes(kind) || Number.isSafeInteger(number);
    return Number.isFinite(number) && isExact ? number : trimmed;
  }
  if (LOGICAL.includes(kind) && /^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === "true";
  if (kind === "any") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

function fieldValue(field) {
  return field.tagName === "SELECT" ? JSON.parse(field.value) : valueOf(field.value, field.dataset.kind);
}

// Reads CSV by RFC 4180: quoted cells may contain commas, line ends and doubled quotation marks.
function parseCsv(text) {
  const rows = [];
  let row = [];
  let cell = "";
  let isQuoted = false;
  for (let place = 0; place < text.length; place++) {
    const character = text[place];
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[place + 1] === '"') cell += text[++place];
      else isQuoted = false;
    } else if (character === '"' && cell === "") {
      isQuoted = true;
    } else if (character === ",") {
      row.push(cell);
      cell = "";
    } else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[place + 1] === "\n") place++;
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else {
      cell += character;
    }
  }
  if (cell !== "" || row.length) rows.push([...row, cell]);
  const width = rows.length ? rows[0].length : 0;
  return rows.filter((one) => width === 1 || one.length > 1 || one[0] !== "");
}

// Without known columns: numbers where every value of the column is one and would be written the same.
function guessKind(cells) {
  const given = cells.filter((cell) => cell !== "");
  if (given.length && given.every((cell) => NUMBER.test(cell) && String(Number(cell)) === cell)) return "Double";
  if (given.length && given.every((cell) => /^(true|false)$/i.test(cell))) return "Boolean";
  return "String";
}

function tableOf(fieldset) {
  const fields = [...fieldset.querySelectorAll("[data-column]")];
  const csv = fieldset.querySelector(".csv");
  if (csv.hidden) {
    return { columns: fields.map((field) => JSON.parse(field.dataset.column)), data: [fields.map(fieldValue)] };
  }
  const [columns = [], ...rows] = parseCsv(csv.querySelector("textarea").value);
  const uneven = rows.findIndex((row) => row.length !== columns.length);
  if (uneven >= 0) {
    throw new Error(
      `Row ${uneven + 1} of ${fieldset.dataset.input} has ${rows[uneven].length} cells, ` +
        `but there are ${columns.length} columns.`,
    );
  }
  const known = new Map(fields.map((field) => [JSON.parse(field.dataset.column), field.dataset.kind]));
  const kinds = columns.map((name, place) =>
    fields.length ? known.get(name) || "String" : guessKind(rows.map((row) => row[place])),
  );
  return { columns, data: rows.map((row) => row.map((cell, place) => valueOf(cell, kinds[place]))) };
}

function requestOf(form) {
  // Without a prototype: a name may be "__proto__".
  const inputs = Object.create(null);
  const parameters = Object.create(null);
  for (const fieldset of form.querySelectorAll("[data-input]")) {
    inputs[JSON.parse(fieldset.dataset.input)] = tableOf(fieldset);
  }
  for (const field of form.querySelectorAll("[data-parameter]")) {
    const value = fieldValue(field);
    if (value !== null) parameters[JSON.parse(field.dataset.parameter)] = value;
  }
  const request = {};
  if (Object.keys(inputs).length) request.inputs = inputs;
  if (Object.keys(parameters).length) request.parameters = parameters;
  return request;
}

function cellText(value) {
  if (value === null || value === undefined) return make("span", { class: "missing" }, "missing");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function showTable(name, table) {
  const columns = Array.isArray(table) ? Object.keys(table[0] || {}) : table.columns;
  const rows = Array.isArray(table) ? table.map((row) => columns.map((column) => row[column])) : table.data;
  const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column)));
  const body = rows.slice(0, ROWS_SHOWN).map((row) =>
    make("tr", {}, ...row.map((value) => make("td", {}, cellText(value)))),
  );
  const label = `Output ${name}`;
  const parts = [
    make("h3", {}, name),
    make(
      "div",
      { class: "scroll", role: "region", tabindex: "0", "aria-label": label },
      make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)),
    ),
  ];
  if (rows.length > ROWS_SHOWN) {
    parts.push(make("p", { class: "note" }, `The first ${ROWS_SHOWN} of ${rows.length} rows.`));
  }
  return parts;
}

function showProblem(problem) {
  const box = make("div", { class: "problem" });
  for (const text of [problem.detail || problem.title, problem.hint]) {
    if (text) box.append(make("p", {}, String(text)));
  }
  if (problem.traceback) box.append(make("pre", { tabindex: "0" }, String(problem.traceback)));
  return box;
}

function showAnswer(result, text, isGood) {
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    result.append(make("pre", { tabindex: "0" }, text));
    return;
  }
  if (isGood) {
    for (const [name, table] of Object.entries(answer.outputs || {})) {
      if (Array.isArray(table) || (table && Array.isArray(table.columns))) result.append(...showTable(name, table));
    }
  } else {
    result.append(showProblem(answer));
  }
  const json = make("details", {}, make("summary", {}, "JSON"));
  json.append(make("pre", { tabindex: "0" }, JSON.stringify(answer, null, 2)));
  result.append(json);
}

async function send(form) {
  const state = document.getElementById("state");
  const result = document.getElementById("result");
  const say = (text, kind) => {
    state.textContent = text;
    state.className = `state ${kind}`;
  };
  result.hidden = true;
  result.replaceChildren();
  say("Waiting for the answer …", "");
  const key = document.getElementById("key").value.trim();
  try {
    const began = performance.now();
    const response = await fetch(form.dataset.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
      body: JSON.stringify(requestOf(form)),
      credentials: "omit",
      cache: "no-store",
    });
    const text = await response.text();
    const took = `${Math.round(performance.now() - began)} ms`;
    say(`${response.ok ? "OK" : "Error"}, status ${response.status}, after ${took}`, response.ok ? "good" : "bad");
    showAnswer(result, text, response.ok);
    result.hidden = false;
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: "nearest" });
  } catch (error) {
    say(error.message, "bad");
  }
}

function startForm(form) {
  for (const fieldset of form.querySelectorAll("[data-input]")) {
    const fields = fieldset.querySelector(".fields");
    for (const radio of fieldset.querySelectorAll('.toggle input[type="radio"]')) {
      radio.addEventListener("change", () => {
        fieldset.querySelector(".csv").hidden = radio.value !== "csv";
        fields.hidden = radio.value === "csv";
      });
      // A browser may restore the choice when it goes back to the page.
      if (radio.checked) radio.dispatchEvent(new Event("change"));
    }
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector('button[type="submit"]');
    button.disabled = true;
    await send(form);
    button.disabled = false;
  });
}

addCopyButtons();
makeTabs();
const form = document.getElementById("test");
if (form) startForm(form);
