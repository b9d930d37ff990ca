// The two truths of something that came back (`unsent.js`): what somebody typed on this phone, and what somebody else made of it meanwhile.
import { SECRET } from "./drafts.js";

const isChoice = ({ type }) => type === "checkbox" || type === "radio";
const textOf = (field) => (isChoice(field) ? "" : (field.selectedOptions?.[0]?.textContent ?? field.value).trim());

/** What of a form may be shown again: the name, label and value of each field. */
export function linesOfForm(form) {
  const fields = Array.from(form.elements).filter(({ name, type, labels }) => name && labels?.length && type !== "password" && !SECRET.test(name));
  const given = fields.filter((field) => (isChoice(field) ? field.checked : true));
  return given.map((field) => [field.name, field.labels[0].textContent.trim(), textOf(field)]);
}

// What a correction was based on stands beside it: `was.address` beside `texts.address`.
const wasOf = (name) => `was.${name.split(".").pop()}`;
const textsOf = (was) => `texts.${was.slice("was.".length)}`;

/** Of these lines those that say something: what was changed in a correction, what was filled in elsewhere. */
export function linesOf({ kind, body, state }) {
  const { fields, shown } = JSON.parse(body);
  const before = Object.fromEntries(fields);
  const values = state.conflict?.values ?? {};
  const isSaid = ([name, , value]) => {
    if (kind !== "correction") return Boolean(value);
    // What has to be chosen stands below, with the other value.
    return before[wasOf(name)] !== before[name] && values[name] === undefined;
  };
  return (shown.lines ?? []).filter(isSaid);
}

/** Draws what has to be chosen into the card: a field that both changed. `others`: what only somebody else changed. `chosen`: the names of the
 * fields in which their value stays. */
export function conflictsDrawn({ key, body, state }, row) {
  const values = state.conflict.values ?? {};
  const { fields, shown } = JSON.parse(body);
  const before = Object.fromEntries(fields);
  const [place, template] = [row.querySelector("[data-choices]"), row.querySelector("template[data-choice]")];
  const theirs = [];
  const others = [];
  for (const [name, label, mine] of (shown.lines ?? []).filter(([one]) => values[one] !== undefined && values[one] !== before[one])) {
    if (before[wasOf(name)] === before[name]) {
      others.push(`${label}: ${values[name]}`);
      continue;
    }
    const choice = template.content.cloneNode(true);
    choice.querySelector("legend").textContent = label;
    for (const [of, text] of [["mine", mine], ["theirs", values[name]]]) {
      const [input, words] = [choice.querySelector(`[value=${of}]`), choice.querySelector(`[data-value=${of}]`)];
      input.name = `${key} ${name}`;
      words.textContent = text || "–";
      if (of === "theirs") theirs.push([name, input]);
    }
    place.append(choice);
  }
  return { others, chosen: () => theirs.filter(([, input]) => input.checked).map(([name]) => name) };
}

/** The body of a correction that is based on what the server knows now: with their values in these fields and in those that were not changed here. */
export function instead({ body, state }, theirs) {
  const { path, fields, shown } = JSON.parse(body);
  const { values } = state.conflict;
  const before = Object.fromEntries(fields);
  const isTheirs = (name) => values[name] !== undefined && (theirs.includes(name) || before[wasOf(name)] === before[name]);
  const next = fields.map(([name, value]) => {
    if (name.startsWith("was.")) return [name, values[textsOf(name)] ?? value];
    return [name, isTheirs(name) ? values[name] : value];
  });
  const lines = (shown.lines ?? []).map(([name, label, value]) => [name, label, isTheirs(name) ? values[name] : value]);
  return JSON.stringify({ path, fields: next, shown: { ...shown, lines } });
}
