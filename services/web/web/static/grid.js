// Makes the form of a whole map one of cards: a text is a card, which is dragged by its handle with a
// mouse or a finger, or moved with the arrow keys. The text areas stay what is sent.

const form = document.querySelector("form[data-grid]");
const table = form.querySelector("table");
const told = form.querySelector("[data-told]");
const unsaved = form.querySelector("[data-unsaved]");
let isChanged = false;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const cellOf = (element) => element.closest("td, th");
const rowOf = (cell) => cell.parentElement;
const areaOf = (cell) => cell.querySelector("textarea[data-lane]");
const headOf = (cell) => table.tHead.rows[0].cells[cell.cellIndex];
const notesOf = (cell) => cell?.querySelector(".notes");
const textOf = (note) => note.querySelector("textarea").value.replace(/\s+/g, " ").trim();

function change() {
  isChanged = true;
  unsaved.hidden = false;
}

function write(cell) {
  areaOf(cell).value = [...notesOf(cell).children].map(textOf).filter(Boolean).join("\n");
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function handle(label) {
  const button = element("button", { type: "button", className: "quiet handle", textContent: "⠿" });
  button.setAttribute("aria-label", label);
  return button;
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

function makeNote(text, lane) {
  const note = element("li", { className: "note" });
  const area = element("textarea", { rows: 1, value: text, maxLength: 10000 });
  const grip = handle(filled(form.dataset.move, { text }));
  area.setAttribute("aria-label", lane);
  area.addEventListener("input", () => {
    fit(area);
    grip.setAttribute("aria-label", filled(form.dataset.move, { text: textOf(note) }));
    write(cellOf(note));
    change();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      addNote(cellOf(note), note);
    }
  });
  area.addEventListener("blur", () => {
    if (!textOf(note)) note.remove();
  });
  grip.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Delete") removeNote(note);
    else if (steps[event.key]) moveNote(note, ...steps[event.key]);
    else return;
    event.preventDefault();
  });
  grip.addEventListener("pointerdown", (event) => drag(event, grip, note, dropNote));
  note.append(grip, area);
  return note;
}

function addNote(cell, after) {
  const note = makeNote("", areaOf(cell).dataset.lane);
  if (after) after.after(note);
  else notesOf(cell).append(note);
  note.querySelector("textarea").focus();
}

function removeNote(note) {
  const cell = cellOf(note);
  const next = note.nextElementSibling ?? note.previousElementSibling;
  note.remove();
  write(cell);
  change();
  (next?.querySelector(".handle") ?? cell.querySelector(".plus")).focus();
}

// Puts a card before another one of a cell, or last, and says where it is now.
function place(note, cell, before) {
  const from = cellOf(note);
  notesOf(cell).insertBefore(note, before);
  const lane = areaOf(cell).dataset.lane;
  note.querySelector("textarea").setAttribute("aria-label", lane);
  for (const one of new Set([from, cell])) write(one);
  change();
  fit(note.querySelector("textarea"));
  note.querySelector(".handle").focus();
  told.textContent = filled(form.dataset.moved, {
    text: textOf(note),
    lane,
    stage: headOf(cell).dataset.name,
    place: [...notesOf(cell).children].indexOf(note) + 1,
  });
}

function moveNote(note, down, right) {
  const cell = cellOf(note);
  if (right) {
    const beside = rowOf(cell).cells[cell.cellIndex + right];
    if (notesOf(beside)) place(note, beside, null);
    return;
  }
  const sibling = down > 0 ? note.nextElementSibling : note.previousElementSibling;
  if (sibling) {
    place(note, cell, down > 0 ? sibling.nextElementSibling : sibling);
    return;
  }
  const row = down > 0 ? rowOf(cell).nextElementSibling : rowOf(cell).previousElementSibling;
  const beyond = row?.cells[cell.cellIndex];
  if (notesOf(beyond)) place(note, beyond, down > 0 ? notesOf(beyond).firstElementChild : null);
}

function dropNote(note, x, y) {
  const under = document.elementFromPoint(x, y)?.closest(".grid td");
  if (!notesOf(under)) return;
  const before = [...notesOf(under).children].find((one) => {
    const box = one.getBoundingClientRect();
    return one !== note && y < box.top + box.height / 2;
  });
  place(note, under, before ?? null);
}

// Moves a column before another one, or last.
function placeStage(head, before) {
  const [from, to] = [head.cellIndex, before ? before.cellIndex : -1];
  for (const row of table.rows) row.insertBefore(row.cells[from], to < 0 ? null : row.cells[to]);
  const heads = [...table.tHead.rows[0].cells].slice(1);
  form.elements.order.value = heads.map((one) => one.dataset.stage).join(" ");
  change();
  head.querySelector(".handle").focus();
  told.textContent = `${head.dataset.name}: ${heads.indexOf(head) + 1}`;
}

function moveStage(head, step) {
  if (step < 0 && head.cellIndex > 1) placeStage(head, head.previousElementSibling);
  if (step > 0 && head.nextElementSibling) placeStage(head, head.nextElementSibling.nextElementSibling);
}

function dropStage(head, x, y) {
  const index = document.elementFromPoint(x, y)?.closest(".grid td, .grid th")?.cellIndex ?? 0;
  const under = table.tHead.rows[0].cells[index];
  if (index === 0 || under === head) return;
  placeStage(head, index < head.cellIndex ? under : under.nextElementSibling);
}

// Follows a pointer from its press on a handle, and drops where it is let go.
function drag(event, grip, dragged, drop) {
  if (event.button !== 0) return;
  grip.setPointerCapture(event.pointerId);
  const [startX, startY] = [event.clientX, event.clientY];
  let target = null;
  const mark = (cell) => {
    target?.classList.remove("target");
    target = cell;
    target?.classList.add("target");
  };
  const move = ({ clientX, clientY }) => {
    if (!dragged.classList.contains("dragged")) {
      if (Math.hypot(clientX - startX, clientY - startY) < 5) return;
      dragged.classList.add("dragged");
    }
    mark(document.elementFromPoint(clientX, clientY)?.closest(".grid td, .grid thead th"));
    const box = table.parentElement.getBoundingClientRect();
    if (clientX > box.right - 40) table.parentElement.scrollLeft += 12;
    if (clientX < box.left + 40) table.parentElement.scrollLeft -= 12;
  };
  const end = (last) => {
    grip.removeEventListener("pointermove", move);
    grip.removeEventListener("pointerup", end);
    grip.removeEventListener("pointercancel", end);
    mark(null);
    const isDrag = dragged.classList.contains("dragged");
    dragged.classList.remove("dragged");
    if (isDrag && last.type === "pointerup") drop(dragged, last.clientX, last.clientY);
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", end);
  grip.addEventListener("pointercancel", end);
}

function enhance() {
  for (const area of form.querySelectorAll("textarea[data-lane]")) {
    const cell = cellOf(area);
    const notes = element("ul", { className: "notes" });
    const texts = area.value.split("\n").map((text) => text.trim()).filter(Boolean);
    notes.append(...texts.map((text) => makeNote(text, area.dataset.lane)));
    const label = filled(form.dataset.add, { lane: area.dataset.lane, stage: headOf(cell).dataset.name });
    const plus = element("button", { type: "button", className: "quiet plus", textContent: "+" });
    plus.setAttribute("aria-label", label);
    plus.addEventListener("click", () => addNote(cell));
    area.hidden = true;
    cell.append(notes, plus);
  }
  for (const area of form.querySelectorAll(".note textarea")) fit(area);
  for (const head of form.querySelectorAll("th[data-stage]")) {
    const grip = handle(filled(form.dataset.moveStage, head.dataset));
    grip.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      moveStage(head, event.key === "ArrowLeft" ? -1 : 1);
    });
    grip.addEventListener("pointerdown", (event) => drag(event, grip, head, dropStage));
    head.prepend(grip);
  }
  const hint = document.querySelector("[data-hint]");
  hint.textContent = hint.dataset.hint;
}

form.addEventListener("input", change);
form.addEventListener("change", change);
form.addEventListener("submit", () => {
  isChanged = false;
});
addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});
enhance();
