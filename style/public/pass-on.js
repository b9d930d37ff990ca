// Giving a kept code to somebody without network (`kept.js`): a narrower one is made on this phone. What it opens no more is chained into it, so that the
// kiosk sees it and nobody takes it back.
import init, { narrow, svg } from "./codes.js";

const loaded = init({ module_or_path: new URL("codes_bg.wasm", import.meta.url) });
const template = document.querySelector("template[data-pass-on]");
const { lang } = document.documentElement;
const language = lang === "en" ? "en-GB" : lang;

// How far the clocks of a zone are ahead of UTC at a moment; without a zone those of this phone.
function ahead(at, zone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(at);
  const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}

// The moment of a minute on the clocks of a zone.
function moment(minute, zone) {
  const local = Date.parse(`${minute}Z`);
  const near = local - ahead(local, zone);
  return local - ahead(near, zone);
}

// As the server writes it (`date::last_minute`): midnight is the end of the day before.
function lastMinute(end, zone) {
  const shown = (end + ahead(end, zone)) % 86_400_000 === 0 ? end - 1 : end;
  return new Date(shown).toLocaleString(language, { timeZone: zone, dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}

const doorsOf = (section) => Array.from(section.querySelectorAll("[data-order]"));

// The card with what is left, for whom it is.
function cardOf(section, { token, orders, until, name }) {
  const { forName, goodUntil } = template.dataset;
  const card = section.cloneNode(true);
  Object.assign(card.dataset, { token, until });
  card.querySelector("[data-testid=code]").innerHTML = svg(token);
  for (const door of doorsOf(card)) if (orders.length && !orders.includes(door.dataset.order)) door.remove();
  card.querySelector("[data-testid=voucher-until]").textContent = goodUntil.replace("#time", lastMinute(until, card.dataset.zone));
  card.querySelector("[data-testid=voucher-for]")?.remove();
  const holder = document.createElement("p");
  holder.dataset.testid = "voucher-for";
  holder.className = "text-lg font-semibold break-all";
  holder.textContent = forName.replace("#name", name);
  card.querySelector("[data-testid=code]").after(holder);
  return card;
}

function make(section, form) {
  const { zone } = section.dataset;
  const given = form.elements.end_time.value ? moment(form.elements.end_time.value, zone) : undefined;
  if (given !== undefined && !(given > Date.now())) throw "end";
  const orders = Array.from(form.querySelectorAll("[name=pick]:checked"), ({ value }) => value);
  const name = form.elements.name.value.normalize("NFC").trim();
  const token = narrow(section.dataset.token, orders, given === undefined ? undefined : Math.floor(given / 1_000), name);
  return cardOf(section, { token, orders, until: given ?? Number(section.dataset.until), name });
}

/** Puts a form below each kept code that can be passed on. */
export async function offer(sections) {
  await loaded;
  for (const section of sections) {
    const part = template.content.cloneNode(true);
    const [form, problem, doors] = [part.querySelector("form"), part.querySelector("[data-problem]"), part.querySelector("fieldset")];
    const all = doorsOf(section);
    const door = doors.querySelector("template").content;
    doors.hidden = all.length < 2;
    doors.append(...all.map(({ dataset, textContent }) => {
      const row = door.cloneNode(true);
      row.querySelector("input").value = dataset.order;
      row.querySelector("span").textContent = textContent;
      return row;
    }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        const card = make(section, form);
        problem.hidden = true;
        form.closest("details").after(card);
        form.closest("details").open = false;
        void offer([card]);
        card.scrollIntoView({ block: "start" });
      } catch (reason) {
        problem.textContent = template.dataset[{ end: "wrongEnd", "too-long": "tooLong", name: "wrongName" }[reason] ?? "notNarrower"];
        problem.hidden = false;
      }
    });
    section.after(part);
  }
}
