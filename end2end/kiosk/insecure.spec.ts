// The kiosk at an address without HTTPS, where a browser offers no locks, no service worker and no camera.
import { type Browser, type BrowserContext, type Page, chromium } from "@playwright/test";
import { KioskPage, PIN } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

const HOST = "kiosk.lan";

/** A browser for which the server is another machine in the local network. */
async function elsewhere(serverUrl: string): Promise<{ browser: Browser; context: BrowserContext; address: string }> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || undefined,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  });
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  return { browser, context, address: `http://${HOST}:${new URL(serverUrl).port}/kiosk` };
}

async function type(page: Page, digits: string): Promise<void> {
  for (const digit of digits) await page.getByTestId(`pad-${digit}`).click();
  await page.getByTestId("pad-enter").click();
}

async function deposit(page: Page): Promise<string> {
  await page.getByTestId("tile-L").click();
  await type(page, PIN);
  await page.getByTestId("open-first").click();
  await page.getByTestId("close-door").click();
  const label = await page.getByTestId("code-label").innerText();
  await page.getByTestId("done").click();
  return label;
}

test("it says what it cannot do, and of two windows only one runs the kiosk, also after the other is closed", async ({ server }) => {
  test.setTimeout(120_000);
  const { browser, context, address } = await elsewhere(server.url);
  try {
    const first = await context.newPage();
    await first.goto(address);
    await expect(first.getByTestId("insecure")).toContainText("https");
    expect(await first.evaluate(() => "locks" in navigator)).toBe(false);
    await type(first, await server.enrolmentCode(1234));
    await expect(first.getByTestId("tile-L")).toBeVisible();

    const second = await context.newPage();
    await second.goto(address);
    await expect(second.getByTestId("other-window")).toBeVisible();
    await first.bringToFront();
    const one = await deposit(first);
    await expect(second.getByTestId("other-window")).toBeVisible();

    // The one that waited goes on from what the other left, and gives out another door.
    await first.close();
    await second.bringToFront();
    await expect(second.getByTestId("tile-L")).toBeVisible({ timeout: 30_000 });
    expect(await deposit(second)).not.toBe(one);
  } finally {
    await browser.close();
  }
});

test("a window that lost its turn while it slept does nothing more until it has read what the other did", async ({ server }) => {
  test.setTimeout(120_000);
  const { browser, context, address } = await elsewhere(server.url);
  try {
    const first = await context.newPage();
    await first.goto(address);
    await type(first, await server.enrolmentCode(1234));
    await expect(first.getByTestId("tile-L")).toBeVisible();
    // Another window takes the lease, as if this one had slept for longer than it counts.
    await first.evaluate(() => new Promise<void>((done, failed) => {
      const opening = indexedDB.open("latchkey-kiosk");
      opening.onerror = () => failed(opening.error);
      opening.onsuccess = () => {
        const writing = opening.result.transaction("kiosk", "readwrite");
        writing.objectStore("kiosk").put(JSON.stringify({ holder: "another", until: Date.now() + 6_000 }), "lease");
        writing.oncomplete = () => done();
      };
    }));
    // A tap in the moment before it notices does nothing either; once it noticed there is nothing to tap.
    await first.getByTestId("tile-J").click({ timeout: 500 }).catch(() => undefined);
    await expect(first.getByTestId("other-window")).toBeVisible();
    await expect(first.getByTestId("tile-L")).toBeVisible({ timeout: 30_000 });
  } finally {
    await browser.close();
  }
});

test("staff see whether the browser keeps what is stored", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.staffArea();
  await kiosk.page.getByTestId("tab-device").click();
  const persisted = await kiosk.page.evaluate(() => navigator.storage.persisted());
  await expect(kiosk.page.getByTestId("storage")).toHaveAttribute("data-state", persisted ? "kept" : "may-be-cleared");
  await expect(kiosk.page.getByTestId("insecure")).toHaveCount(0);
});
