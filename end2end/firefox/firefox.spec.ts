// Debian's Firefox, driven by WebDriver BiDi: Playwright drives only a build of its own.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { Device } from "../fixtures/device";
import { readyOrders } from "../fixtures/round";
import { PASSWORD, PEOPLE, expect, test as base } from "../fixtures/test";

interface Fixtures {
  firefox: Browser;
  /** A phone-sized page; what its console reports as a warning or an error is in `complaints`. */
  phone: Page;
  complaints: string[];
}

const test = base.extend<Fixtures>({
  firefox: async ({}, use) => {
    const firefox = await puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr", headless: true });
    await use(firefox);
    await firefox.close();
  },
  complaints: async ({}, use) => { await use([]); },
  phone: async ({ firefox, complaints }, use) => {
    const page = await firefox.newPage();
    await page.setViewport({ width: 390, height: 844 });
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => { if (["warn", "error"].includes(message.type())) complaints.push(message.text()); });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await use(page);
    await page.close();
  },
});

/** Presses what this selects, again where the page put another in its place meanwhile. */
async function press(page: Page, selector: string): Promise<void> {
  await page.locator(selector).click();
}

/** Types over what stands in a field. */
async function fill(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForSelector(selector, { visible: true });
  await page.$eval(selector, (field) => { (field as HTMLInputElement).value = ""; });
  await page.type(selector, text);
}

/** Clicks what has this test id and waits until `next` is there. */
async function click(page: Page, id: string, next: string): Promise<void> {
  await press(page, `[data-testid="${id}"]`);
  await page.waitForSelector(next, { visible: true });
}

/** Goes to a page of this server as a link would: the protocol takes a page that a worker stands in with for an error. */
async function visit(page: Page, path: string, next: string): Promise<void> {
  await page.evaluate((to) => { setTimeout(() => location.assign(to)); }, path);
  await page.waitForSelector(next, { visible: true });
}

async function signIn(page: Page, url: string, phone: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await fill(page, "#phone", phone);
  await fill(page, "#password", PASSWORD);
  await click(page, "sign-in", "nav");
}

test("staff sign in, search and complete a deposit by typed code in Firefox", async ({ server, phone, complaints }) => {
  test.setTimeout(120_000);
  const kiosk = await Device.enrol(server, 1234);
  await signIn(phone, server.url, PEOPLE.staff);
  expect(new URL(phone.url()).pathname).toBe("/staff");

  await phone.goto(`${server.url}/staff/orders`);
  await fill(phone, "input[name=q]", "013002");
  await click(phone, "search", "[data-testid='status-B']");
  await click(phone, "status-B", "[data-order='1016']");
  await press(phone, "[data-order='1016']");
  await click(phone, "type-code", "textarea[name=code]");
  await fill(phone, "textarea[name=code]", "this is no code");
  await click(phone, "complete-typed", "[data-testid='refusal']");
  expect(await phone.$eval("textarea[name=code]", (field) => (field as HTMLTextAreaElement).value)).toBe("this is no code");
  await fill(phone, "textarea[name=code]", kiosk.deposit());
  await click(phone, "complete-typed", "[data-testid='deposit-done']");
  expect(complaints).toEqual([]);
});

test("an owner gives a door password in Firefox", async ({ server, phone, complaints }) => {
  test.setTimeout(120_000);
  await signIn(phone, server.url, PEOPLE.owner);
  await phone.goto(`${server.url}/owner`);
  await phone.waitForSelector("main a[href^='/owner/guards/']", { visible: true });
  const guard = await phone.$eval("main a[href^='/owner/guards/']", (link) => (link as HTMLAnchorElement).href);
  await phone.goto(guard);
  await click(phone, "new-password", "[data-testid='preset-hour']");
  await click(phone, "preset-hour", "[data-testid='digits']");
  expect((await phone.$eval("[data-testid='digits']", (digits) => digits.textContent ?? "")).trim()).toMatch(/^\d{6}$/);
  expect(complaints).toEqual([]);
});

test("staff read a round and keep a scan without network in Firefox, and it is sent by itself", async ({ server, phone }) => {
  test.setTimeout(120_000);
  await readyOrders(server, ["9851"]);
  const kiosk = await Device.enrol(server, 1234);
  await signIn(phone, server.url, PEOPLE.staff);
  await phone.goto(`${server.url}/staff/round?kiosk.1234=1`);
  await phone.waitForSelector("[data-testid='round-kept']", { visible: true });
  await phone.waitForFunction(async () => Boolean(await caches.match("/offline") && await caches.match("/offline/scan")));

  await server.stopOnly();
  await visit(phone, "/staff", "[data-testid='kept-page'] [data-order='9851']");
  await visit(phone, "/staff/scan?order=9851", "html[data-awake] .scanner-typing[open] #code");
  await fill(phone, "#code", kiosk.deposit());
  await press(phone, ".scanner-typing button");
  await phone.waitForSelector("[data-testid='unsent'] li", { visible: true });
  const says = async () => phone.$eval("[data-banner]", (banner) => banner.textContent);
  expect(await says()).toContain("1 not sent");

  await server.startAgain();
  // The page is loaded again meanwhile, and asks nothing then.
  const stored = () => phone.evaluate(async () => (await fetch("/v1/Orders?customerNo=&status=C&cursor=")).text()).catch(() => "");
  await expect.poll(stored, { timeout: 60_000 }).toContain("\"9851\"");
  await phone.waitForFunction(() => document.readyState === "complete" && !document.querySelector("[data-testid='offline'], [data-banner]"), { timeout: 30_000 });
});
