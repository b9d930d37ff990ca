// What somebody typed into a form stays in this tab until the form is answered: also when the page is left or loaded again. Passwords and codes never do.
const script = document.querySelector("script[data-person]");
const person = script?.dataset.person ?? "";
const PREFIX = "draft ";
/** Names of fields that are never kept in clear, nor shown again. */
export const SECRET = /password|digits|card|code|pin/;
const FIELDS = "input:not([type=hidden], [type=password], [type=file]), textarea, select";

const isChoice = ({ type }) => type === "checkbox" || type === "radio";
const functionOf = (form) => (form?.method === "post" && form.elements.do?.value) || "";
const fields = (form) => Array.from(form.querySelectorAll(FIELDS)).filter(({ name }) => name && !SECRET.test(name));

// Several forms of a page may call the same function.
function keyOf(form) {
  const same = Array.from(document.forms).filter((other) => functionOf(other) === functionOf(form));
  return PREFIX + [person, location.pathname, functionOf(form), same.indexOf(form)].join(" ");
}

function atFirst(field) {
  if (isChoice(field)) return field.defaultChecked;
  if (field.options) return (Array.from(field.options).find((option) => option.defaultSelected) ?? field.options[0])?.value;
  return field.defaultValue;
}

const now = (field) => (isChoice(field) ? field.checked : field.value);
const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const write = (key, draft) => sessionStorage.setItem(key, JSON.stringify(draft));
const drafts = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

function save(form, sent = false) {
  const typed = fields(form).flatMap((field, at) => (now(field) === atFirst(field) ? [] : [[at, field.name, now(field)]]));
  if (typed.length) write(keyOf(form), { typed, sent });
  else sessionStorage.removeItem(keyOf(form));
}

function restore(form) {
  const draft = functionOf(form) && read(keyOf(form));
  // What was refused stands in the form already.
  if (!draft || form.querySelector("[aria-invalid]")) return;
  const all = fields(form);
  for (const [at, name, value] of draft.typed) {
    const field = all[at];
    if (field?.name !== name || now(field) !== atFirst(field)) continue;
    if (isChoice(field)) field.checked = value;
    else field.value = value;
    const fold = field.closest("details");
    if (fold) fold.open = true;
  }
  const notice = document.createElement("p");
  notice.setAttribute("role", "status");
  notice.dataset.testid = "draft";
  notice.className = "text-sm";
  notice.textContent = script.dataset.restored;
  form.prepend(notice);
}

// The session ended: signing in over the page, once for all that was refused meanwhile. True once the same person is signed in.
let asking;
async function signInAgain() {
  if (asking) return false;
  asking = import("./sign-in-again.js").then(({ ask }) => ask(person)).finally(() => {
    asking = undefined;
  });
  return asking;
}

// The button that sent a form.
const buttons = new WeakMap();

const isTyped = (field) => !isChoice(field) && now(field) !== atFirst(field);
function ask() {
  const unsent = Array.from(document.forms).filter((form) => functionOf(form) && !read(keyOf(form))?.sent);
  const isUnsaved = unsent.some((form) => fields(form).some(isTyped));
  // Only where there is something to ask: a page that asks may not come back from the browser's memory.
  globalThis.onbeforeunload = isUnsaved ? (event) => event.preventDefault() : null;
}

/** What is in this form is kept elsewhere now: nobody is asked when the page is left, and it does not come back. */
export function forgetDraft(form) {
  sessionStorage.removeItem(keyOf(form));
  globalThis.onbeforeunload = null;
}

export function forgetDrafts() {
  drafts().forEach((key) => sessionStorage.removeItem(key));
}

if (person) {
  const [arrived] = performance.getEntriesByType("navigation");
  for (const key of drafts()) {
    // The answer to what was sent is this page. After Back, no answer may have come.
    if ((read(key).sent && arrived?.type === "navigate") || !key.startsWith(`${PREFIX}${person} `)) sessionStorage.removeItem(key);
  }
  Array.from(document.forms).forEach(restore);
  addEventListener("input", ({ target }) => functionOf(target.form) && save(target.form));
  addEventListener("submit", ({ target, submitter }) => {
    if (!functionOf(target)) return;
    buttons.set(target, submitter);
    save(target, true);
  });
  // Sent by the script of the page: what was refused, or reached nobody, is a draft still.
  addEventListener("act-refused", ({ target, detail }) => {
    save(target);
    if (detail === 401) signInAgain().then((signedIn) => signedIn && target.requestSubmit(buttons.get(target)));
  });
  // What was asked for without a form is asked for again by the field that asked.
  addEventListener("signed-out", () => {
    const field = document.activeElement;
    signInAgain().then((signedIn) => signedIn && field.dispatchEvent(new Event("input", { bubbles: true })));
  });
  // Who leaves with something typed is asked, unless it was sent.
  addEventListener("input", ask);
  addEventListener("submit", ask);
  addEventListener("act-refused", ask);
  ask();
}
