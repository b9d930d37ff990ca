// From an empty machine to the first meter in a cabinet, by nothing but the checklist on the operator's first page.
import { type Browser, type BrowserContextOptions, type Page } from "@playwright/test";
import { fakeCamera, showUntil } from "../fixtures/camera";
import { KioskPage, PIN } from "../fixtures/kiosk";
import { Server } from "../fixtures/server";
import { expect, expectAccessible, signIn, test } from "../fixtures/test";

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** A page of a person of their own. */
async function someone(browser: Browser, server: Server, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, locale: "en-GB", viewport: SIZES.phone, ...options });
  const page = await context.newPage();
  await fakeCamera(page);
  return page;
}

/** The step of the list that is to be taken now, and how many are done. */
async function step(page: Page, name: string, done: number): Promise<void> {
  await page.goto("/operator");
  await expect(page.getByTestId("steps-so-far")).toHaveText(`${done} of 8 done`);
  const next = page.getByTestId(`step-${name}`);
  await expect(next.getByRole("link")).toHaveAttribute("aria-current", "step");
  await next.getByRole("link").click();
  await page.waitForURL((url) => url.pathname !== "/operator");
}

async function addPerson(page: Page, phone: string, name: string): Promise<string> {
  await page.fill("#phone", phone);
  await page.fill("#name", name);
  await page.getByTestId("person-form").locator("button").click();
  const password = page.getByTestId("password-once");
  await expect(password).toBeVisible();
  return await password.innerText();
}

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`an empty machine takes its first deposit by the checklist (${size})`, { tag: "@database" }, async ({ browser }) => {
    test.setTimeout(180_000);
    const begun = Date.now();
    const server = await Server.start("serve");
    const page = await someone(browser, server, { viewport });
    const code = /[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}/.exec(server.log)![0];
    await page.goto("/");
    await page.goto("/set-up");
    await page.fill("#code", code);
    await page.fill("#name", "박운영");
    await page.fill("#phone", "01012340000");
    await page.fill("#password", "correct horse battery");
    await page.locator("main form button").click();

    await step(page, "business", 0);
    await page.fill("#name", "한빛전기");
    await page.getByTestId("business-form").getByRole("button").click();
    await expect(page).toHaveURL(/\/operator\/businesses\?q=/);

    await step(page, "business-user", 1);
    await page.selectOption("#business", "한빛전기");
    await addPerson(page, "01012340004", "이업체");

    await step(page, "staff", 2);
    const password = await addPerson(page, "01012340002", "김직원");

    await step(page, "kiosk", 3);
    for (const [field, value] of [["yid", "77"], ["name", "강남 지사"], ["boards", "1"], ["ports", "4"]]) await page.fill(`#${field}`, value!);
    await page.getByTestId("kiosk-form").locator("button").click();
    await expect(page).toHaveURL(/\/operator\/kiosks\/77/);

    await step(page, "enrol", 4);
    await expect(page).toHaveURL(/\/operator\/kiosks\/77/);
    await page.getByTestId("pin").locator("#pin").fill(PIN);
    await page.getByTestId("pin").getByRole("button").click();
    await expect(page.getByTestId("notice")).toBeVisible();
    // The page of the kiosk has shown the code since the step before.
    const enrolment = (await page.getByTestId("enrolment-code").innerText()).replaceAll(/\D/g, "");
    const device = { enrolmentCode: async () => enrolment } as unknown as Server;
    const kiosk = await KioskPage.enrol((_who, options) => someone(browser, server, options), device, 77);
    await expect(page.getByTestId("enrolled-now")).toBeVisible();

    await step(page, "orders", 5);
    const file = Buffer.from("thingsSq,customerNo,customerName,address,meterKind,business\n1001,0211,김서연,서울시 중구 을지로 1,LP,한빛전기\n");
    await page.setInputFiles("input[type=file]", { name: "orders.csv", mimeType: "text/csv", buffer: file });
    await page.getByRole("button", { name: "Check the file" }).click();
    await page.getByTestId("run-import").click();
    await expect(page.getByTestId("import-says")).toContainText("1 were added");

    await step(page, "ready", 6);
    await page.getByTestId("ready-one").click();
    await expect(page.getByTestId("notice")).toBeVisible();

    await page.goto("/operator");
    await expect(page.getByTestId("steps-so-far")).toHaveText("7 of 8 done");
    await expectAccessible(page);
    await kiosk.deposit();
    const staff = await someone(browser, server);
    await signIn(staff, "01012340002", password);
    await staff.goto("/staff/scan");
    await showUntil(staff, kiosk.code, () => staff.getByTestId("sheet").getByTestId("pending-deposit").isVisible());
    await staff.locator("[data-order='1001']").click();
    await staff.getByTestId("complete").click();
    await expect(staff.getByTestId("deposit-done")).toBeVisible();
    // The list has done its work.
    await expect(page.getByTestId("first-steps")).toHaveCount(0);
    await expect(page.getByTestId("count-C")).toContainText("1");
    console.log(`from an empty machine to the first deposit: ${Math.round((Date.now() - begun) / 1000)} s`);
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.stop();
  });
}
