// Signing in over a page whose session ended (`drafts.js`): the page stays, with everything that is typed into it. The form is that of the sign-in.
const load = async (address) => {
  const answer = await fetch(address, { cache: "no-store", headers: { accept: "text/html" } });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};
const personOf = (page) => page.querySelector("script[data-person]")?.dataset.person ?? "";

// A page has fields of these names already.
function renamed(form) {
  for (const field of form.querySelectorAll("[id]")) {
    const label = form.querySelector(`label[for="${field.id}"]`);
    field.id = `again-${field.id}`;
    if (label) label.htmlFor = field.id;
  }
  return form;
}

// Somebody else signed in: this page, and what was typed into it, is not theirs.
async function isStill(person, home) {
  const now = personOf(await load("/account"));
  if (now === person) return true;
  globalThis.onbeforeunload = null;
  location.assign(home);
  return new Promise(() => undefined);
}

function sheet(page, form) {
  const dialog = document.createElement("dialog");
  const content = document.createElement("div");
  content.className = "sheet-content";
  const [title, why, refused, later] = document.importNode(page.querySelector("template[data-again]").content, true).children;
  content.append(title, why, refused, form, later);
  dialog.className = "sheet";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.dataset.testid = "sign-in-again";
  dialog.append(content);
  later.addEventListener("click", () => dialog.close());
  return { dialog, refused };
}

async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(body.get("do"), { method: "POST", headers: { accept: "application/json" }, body });
  if (answer.ok) return { home: answer.headers.get("location") ?? "/" };
  return answer.json();
}

export async function ask(person) {
  const page = await load("/sign-in");
  // Signed in already, in another tab.
  if (personOf(page)) return isStill(person, "/");
  const form = renamed(document.importNode(page.querySelector("form:has(#phone)"), true));
  const { dialog, refused } = sheet(page, form);
  const [phone, password] = [form.elements.phone, form.elements.password];
  phone.removeAttribute("autofocus");
  phone.value = person;
  document.body.append(dialog);
  dialog.showModal();
  password.focus();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(false);
    });
    form.addEventListener("submit", async (event) => {
      // No form of the page: nobody else sends it, or keeps what is typed into it.
      event.preventDefault();
      event.stopPropagation();
      if ("busy" in form.dataset) return;
      form.dataset.busy = "";
      const answer = await send(form).catch(() => ({ words: refused.dataset.offline }));
      if (answer.home && (await isStill(person, answer.home))) {
        done(true);
        return dialog.close();
      }
      delete form.dataset.busy;
      refused.textContent = answer.words;
      refused.hidden = false;
      password.value = "";
      password.focus();
    });
  });
}
