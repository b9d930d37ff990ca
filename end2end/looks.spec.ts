// Every page in every language, on a phone and on a desk: axe finds nothing serious, nothing scrolls sideways (also at 200 %),
// no text is missing. With `make looks` (LATCHKEY_LOOKS) it takes a picture of each as well, also in the dark, and puts them on one sheet, to be looked
// at by a person.
import { KioskPage, LANDSCAPE, PIN, PORTRAIT } from "./fixtures/kiosk";
import { pages } from "./fixtures/pages";
import { type Who, expect, expectAccessible, settled, test } from "./fixtures/test";
import { addGuard, register } from "./owner/steps";
import type { Page } from "@playwright/test";

// Every page, and some with a part that varies, with a filter or with nothing found.
const PAGES: Record<string, [Who | "nobody", string[]]> = {
  // Where somebody is there, the first operator is not set up; the kiosk's page is looked at below.
  "signed out": ["nobody", [...pages("ANYONE").filter((path) => !["/set-up", "/kiosk"].includes(path)), "/no-such-page"]],
  staff: ["staff", [
    ...pages("STAFF"), ...pages("SignedIn"), "/staff/orders?customerNo=9999", "/staff/orders/1016", "/staff/orders/1033", "/staff/orders/1050",
    "/staff/kiosks/1234", "/staff/kiosks/1235", "/staff/clock/1234", "/staff/pass/1234",
  ]],
  business: ["hanbit", [...pages("BUSINESS"), ...pages("SignedIn")]],
  owner: ["owner", [
    ...pages("OWNER"), ...pages("SignedIn"), "/owner/guards/G0001", "/owner/guards/G0001/edit", "/owner/guards/G0001/delete",
    "/owner/guards/G0001/new-password", "/owner/guards/G0001/new-card", "/owner/records?person=nobody", "/owner/juniors/13800000002", "/owner/guards/G0002",
    "/owner/records?of=13800000002",
  ]],
  operator: ["operator", [
    ...pages("OPERATOR"), "/operator/people/01000000002", "/operator/kiosks/1234", "/operator/kiosks/1234/layout", "/operator/kiosks/1234/labels",
    "/operator/kiosks/1234/log", "/operator/orders/1050", "/operator/guards?q=none-such", "/operator/find?q=10", "/operator/businesses/대성전력",
  ]],
};
const LANGUAGES = [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]] as const;
const IN_THE_DARK_TOO = process.env.LATCHKEY_LOOKS !== undefined;

async function looksRight(page: Page, name: string): Promise<void> {
  await settled(page);
  if (process.env.LATCHKEY_LOOKS) await page.screenshot({ path: `test-results/looks/${name.replaceAll(/[^\w-]+/g, "_")}.png`, fullPage: true });
  await expectAccessible(page);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, "scrolls sideways").toBeLessThanOrEqual(1);
}

for (const [role, [who, paths]] of Object.entries(PAGES)) {
  for (const [lang, locale] of LANGUAGES) {
    test(`${role} pages in ${lang} look right on a phone and on a desk`, async ({ open }) => {
      test.setTimeout(240_000);
      const page = await open(who, { locale });
      for (const path of paths) {
        await page.setViewportSize({ width: 390, height: 844 });
        await page.goto(path);
        await expect(page.locator("html")).toHaveAttribute("lang", lang);
        await expect(page.locator("h1")).toHaveCount(1);
        await looksRight(page, `${lang}-phone${path}`);
        // 200 % zoom of a phone is half its width.
        if (lang === "en") {
          await page.setViewportSize({ width: 320, height: 700 });
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(wider, `${path} scrolls sideways on a narrow screen`).toBeLessThanOrEqual(1);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
        await looksRight(page, `${lang}-desk${path}`);
        if (IN_THE_DARK_TOO) {
          await page.emulateMedia({ colorScheme: "dark" });
          await looksRight(page, `${lang}-desk-dark${path}`);
          await page.setViewportSize({ width: 390, height: 844 });
          await looksRight(page, `${lang}-phone-dark${path}`);
          await page.emulateMedia({ colorScheme: "light" });
        }
      }
    });
  }
}

// A guard with a password, a card, openings and refusals, of an owner who has a junior; and the same seen by a superior.
for (const [lang, locale] of LANGUAGES) {
  test(`an owner's guard in ${lang} looks right on a phone and on a desk`, async ({ open, guard }) => {
    test.setTimeout(240_000);
    const door = await guard("LOOK-1", "246810");
    const page = await open("nobody", { locale });
    await register(page, "13500000001", "欧阳建国");
    await addGuard(page, door, "幸福小区 3 号楼 2 单元大门");
    const address = page.url().split("?")[0]!;
    await page.goto(`${address}/new-password`);
    await page.getByTestId("preset-hour").click();
    const digits = (await page.getByTestId("digits").innerText()).trim();
    const password = (await page.locator("main [data-address]").getAttribute("data-address"))!;
    await page.goto(`${address}/new-card`);
    await page.fill("#name", "欧阳小丽");
    await page.fill("#card_numb", "110101199003071234");
    await page.getByTestId("add-card").click();
    await page.waitForURL(/\/cards\//);
    const card = new URL(page.url()).pathname;
    await expect(page.getByTestId("delivered")).toBeVisible();
    for (const line of [`password ${digits}`, "card 110101199003071234", "password 9999", "card 440000000000000000"]) {
      door.tell(line);
      await door.says(/^(opened|refused)/);
    }
    await page.goto("/owner/records");
    await expect(page.getByTestId("record")).toHaveCount(4);
    const superior = await open("nobody", { locale });
    await register(superior, "13500000002", "欧阳爱华");
    await superior.goto("/owner/juniors");
    await superior.fill("#phone", "13500000001");
    await superior.getByTestId("add-junior").click();
    await expect(superior.getByTestId("junior")).toBeVisible();
    await page.goto("/owner/juniors");
    await expect(page.getByTestId("superior-asks")).toBeVisible();
    await looksRight(page, `${lang}-asked`);
    await page.getByTestId("superior-agree").click();
    await expect(page.getByTestId("superior")).toBeVisible();
    const at = new URL(address).pathname;
    await superior.goto(card);
    await superior.getByTestId("reveal").click();
    await expect(superior.getByTestId("card-number")).toHaveText("110101199003071234");
    const shown: [Page, string[]][] = [
      [superior, ["/owner/juniors", "/owner/juniors/13500000001", at, card, "/owner/records?of=13500000001"]],
      [page, ["/owner", "/owner/juniors", at, `${at}/edit`, `${at}/delete`, `${at}/new-password`, password, `${at}/new-card`, card, "/owner/records", "/owner/card-views", "/account"]],
    ];
    for (const [reader, paths] of shown) {
      for (const path of paths) {
        const name = `${reader === page ? "own" : "above"}${path.replace(/\d{20,}/, "N")}`;
        await reader.setViewportSize({ width: 390, height: 844 });
        await reader.goto(path);
        await looksRight(reader, `${lang}-phone-${name}`);
        await reader.setViewportSize({ width: 1440, height: 900 });
        await looksRight(reader, `${lang}-desk-${name}`);
      }
    }
    if (lang === "zh") {
      await page.emulateMedia({ colorScheme: "dark" });
      for (const path of ["/owner", at, password, card, `${at}/new-password`, "/owner/records", "/owner/card-views", "/account"]) {
        await page.goto(path);
        await looksRight(page, `dark-${path.replace(/\d{20,}/, "N")}`);
      }
    }
  });
}

// What pages look like after something was refused, or was asked for.
for (const [lang, locale] of LANGUAGES) {
  test(`refused forms in ${lang} look right on a phone and on a desk`, async ({ open }) => {
    test.setTimeout(240_000);
    const nobody = await open("nobody", { locale });
    const owner = await open("owner", { locale });
    const operator = await open("operator", { locale });
    const fill = async (page: Page, fields: Record<string, string>, button: string) => {
      for (const [field, value] of Object.entries(fields)) await page.fill(field, value);
      await page.getByTestId(button).click();
    };
    const look = async (page: Page, name: string) => {
      for (const [form, viewport] of [["phone", { width: 390, height: 844 }], ["desk", { width: 1440, height: 900 }]] as const) {
        await page.setViewportSize(viewport);
        await looksRight(page, `${lang}-${form}-refused-${name}`);
      }
      await page.setViewportSize({ width: 390, height: 844 });
    };
    await nobody.goto("/register");
    await fill(nobody, { "#name": "王芳", "#phone": "13800000001", "#password": "latchkey-demo" }, "register");
    await expect(nobody.locator("#phone-problem")).toBeVisible();
    await look(nobody, "register");
    await nobody.goto("/forgotten");
    await fill(nobody, { "#phone": "13800000003" }, "ask-code");
    await look(nobody, "reset");
    await fill(nobody, { "#code": "12345678", "#password": "lantern-meadow-71" }, "reset-password");
    await expect(nobody.locator("#code-problem")).toBeVisible();
    await look(nobody, "reset-code");
    await owner.goto("/owner/guards/G0001/new-password");
    await owner.getByTestId("own-span").click();
    await fill(owner, { "#start_time": "2026-01-01T10:00", "#end_time": "2026-01-01T09:00" }, "make-own");
    await look(owner, "new-password");
    await owner.goto("/owner/add-guard");
    await fill(owner, { "#guard_id": "G0005", "#op_code": "1", "#guard_name": "门" }, "add");
    await look(owner, "add-guard");
    await owner.goto("/owner/juniors");
    await fill(owner, { "#phone": "13899999999" }, "add-junior");
    await look(owner, "junior");
    await operator.goto("/operator/guards/import");
    await operator.setInputFiles("input[type=file]", { name: "g.csv", mimeType: "text/csv", buffer: Buffer.from("guardId,deviceKey\nN-1,short\nN-2,abcdefghijklmnopqrst\n") });
    await operator.getByTestId("import-form").locator("button").click();
    await expect(operator.getByTestId("import-report")).toBeVisible();
    await look(operator, "import");
  });
}

// Several nodes: one that lives, one that drains, one that stopped, and what asks once more opened.
test.describe("several nodes", () => {
  test.use({ severalNodes: true });
  for (const [lang, locale] of LANGUAGES) {
    test(`several nodes in ${lang} look right on a phone and on a desk`, async ({ open, server }) => {
      test.setTimeout(120_000);
      const draining = await server.another(["--node", "a-node-with-a-long-name.locks.example.com", "--advertise", "a-node-with-a-long-name.locks.example.com:2017"]);
      await server.cli(["node", "drain", "a-node-with-a-long-name.locks.example.com"]);
      const stopped = await server.another(["--node", "stopped", "--weight", "1000"]);
      await stopped.stop();
      const page = await open("operator", { locale });
      for (const [form, viewport] of [["phone", { width: 390, height: 844 }], ["desk", { width: 1440, height: 900 }]] as const) {
        await page.setViewportSize(viewport);
        await page.goto("/operator/nodes");
        await expect(page.getByTestId("node-row")).toHaveCount(3);
        await looksRight(page, `${lang}-${form}-nodes`);
        for (const summary of await page.locator("main details summary").all()) await summary.click();
        await looksRight(page, `${lang}-${form}-nodes-asked`);
      }
      await draining.stop();
    });
  }
});

test("pages are readable in the dark", async ({ open }) => {
  test.setTimeout(120_000);
  for (const [who, path] of [["staff", "/staff"], ["staff", "/staff/orders"], ["staff", "/staff/kiosks/1234"], ["staff", "/staff/pass/1234"], ["hanbit", "/business"], ["operator", "/operator/kiosks/1234"], ["operator", "/operator/orders"], ["nobody", "/sign-in"], ["owner", "/owner"], ["owner", "/owner/guards/G0001"], ["owner", "/owner/records"], ["owner", "/owner/juniors"], ["owner", "/owner/guards/G0002"], ["operator", "/operator/guards"], ["nobody", "/"], ["nobody", "/register"], ["nobody", "/forgotten"]] as const) {
    const page = await open(who, { colorScheme: "dark" });
    await page.goto(path);
    await looksRight(page, `dark${path}`);
  }
});

test("the kiosk is readable in the dark", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol((nobody, options) => open(nobody, { ...options, colorScheme: "dark" }), server, 1234, PORTRAIT);
  await looksRight(kiosk.page, "dark-kiosk-home");
  await kiosk.tile("K");
  await looksRight(kiosk.page, "dark-kiosk-pick-up");
  await kiosk.page.getByTestId("back").click();
  await kiosk.staffArea();
  await looksRight(kiosk.page, "dark-kiosk-staff");
});

for (const [lang, locale] of LANGUAGES) {
  for (const [form, viewport] of [["portrait", PORTRAIT], ["landscape", LANDSCAPE]] as const) {
    test(`the kiosk's screens in ${lang}, ${form}, look right`, async ({ open, server }) => {
      test.setTimeout(180_000);
      const kiosk = await KioskPage.enrol((nobody, options) => open(nobody, { ...options, locale }), server, 1234, viewport);
      const look = (name: string) => looksRight(kiosk.page, `${lang}-kiosk-${form}-${name}`);
      await look("home");
      await kiosk.tile("K");
      await look("pick-up");
      await kiosk.page.getByTestId("back").click();
      await kiosk.tile("J");
      await look("return");
      await kiosk.page.getByTestId("back").click();
      await kiosk.tile("L");
      await look("identify");
      await kiosk.type(PIN);
      await look("choose");
      await kiosk.page.getByTestId("open-first").click();
      await look("door");
      await kiosk.closeDoor();
      await look("code");
      await kiosk.done();
      await kiosk.staffArea();
      await look("staff-doors");
      for (const tab of ["log", "device"]) {
        await kiosk.page.getByTestId(`tab-${tab}`).click();
        await look(`staff-${tab}`);
      }
    });
  }
}
