// The kiosk with real lock boards at the end of a wire: what its screen says about a door is what the door did.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { asked, openFirst, setBoards, test } from "../fixtures/bench";
import { HAS_SERIAL } from "../fixtures/board";
import { KioskPage, PIN } from "../fixtures/kiosk";
import { BINARY } from "../fixtures/server";
import { expect } from "../fixtures/test";

/** What a kiosk loads for its lock boards, and what it loads for staff: their tabs, and the page before it is a kiosk. */
const FILES = "**/split_*.wasm";

test.slow();

const stage = (page: Page) => page.getByTestId("door");

test("L, K, J and M end with what the contact says, at the speed of the settings", async ({ bench, open }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  expect((await board.state()).openings, "nothing opens by itself").toEqual([]);
  if (HAS_SERIAL) expect((await board.state()).baud).toBe(9600);

  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened");
  await expect(page.getByTestId("close-door"), "its contact tells").toHaveCount(0);
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  await kiosk.done();
  expect((await board.state()).openings).toHaveLength(1);

  await kiosk.tile("J");
  await kiosk.type("1046");
  const label = (await page.getByTestId("open-first").getAttribute("data-label"))!;
  await page.getByTestId("open-first").click();
  await expect(stage(page)).toHaveAttribute("data-stage", "opened");
  await board.closeAll();
  await kiosk.done();

  await kiosk.tile("M");
  await kiosk.type(PIN);
  await page.getByTestId(`take-${label}`).click();
  await expect(stage(page)).toHaveAttribute("data-stage", "opened");
  await board.closeAll();
  await expect(page.getByTestId(`take-${label}`)).toHaveCount(0);
  await page.getByTestId("back").click();

  const business = await open("hanbit");
  const answer = await business.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { thingsSq: string; yid: number }[] };
  await business.goto(`/business/orders/${orders.find((order) => order.yid === 1234)!.thingsSq}/find`);
  const door = await business.getByTestId("find-label").innerText();
  await business.getByTestId("find-password").locator("summary").click();
  const pwd = await business.getByTestId("find-pwd").innerText();
  await kiosk.tile("K");
  await kiosk.label(door);
  await kiosk.type(pwd);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened");
  await board.closeAll();
  await kiosk.done();
  expect((await board.state()).openings).toHaveLength(4);
});

test("a jammed door is tried again by the person, and then left to staff", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await board.faults({ stuck: [1, 2, 3, 4].flatMap((jumper) => [...Array(24).keys()].map((door) => [jumper, door + 1] as [number, number])) });
  await openFirst(kiosk);
  for (let tries = 0; tries < 2; tries++) {
    await expect(stage(page)).toHaveAttribute("data-stage", "not-opened", { timeout: 20_000 });
    await page.getByTestId("try-again").click();
  }
  await expect(kiosk.notice).toBeVisible({ timeout: 20_000 });
  const { openings } = await board.state();
  expect(openings).toHaveLength(3);
  expect(new Set(openings.map(String)).size, "always the same door").toBe(1);
});

test("an answer that was lost is not followed by a second opening, and the contact tells the rest", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await board.faults({ loseReplies: 1, junk: "fafd9999" });
  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  expect((await board.state()).openings).toHaveLength(1);
});

test("a reply that is cut off counts for nothing and nothing is sent again, and a bouncing contact counts once it is calm", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await board.faults({ cut: 2, bounce: 1_000 });
  await openFirst(kiosk);
  await expect.poll(async () => (await board.state()).openings.length).toBe(1);
  await expect(stage(page)).toHaveAttribute("data-stage", "unsure", { timeout: 20_000 });
  await board.faults({ cut: 0 });
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  await kiosk.done();

  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  await expect(kiosk.code, "it bounced and was not closed").toHaveCount(0);
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  expect((await board.state()).openings).toHaveLength(2);
});

test("a cut cable that reads open keeps nobody from opening, and the person is believed", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await kiosk.tile("L");
  await kiosk.type(PIN);
  // B3 is the third door of the second board.
  const label = (await page.getByTestId("open-first").getAttribute("data-label"))!;
  await board.faults({ readsOpen: [[label.charCodeAt(0) - 64, Number(label.slice(1))]] });
  await asked(board);
  await page.getByTestId("open-first").click();
  await page.getByTestId("close-door").click({ timeout: 20_000 });
  await expect(kiosk.code).toBeVisible();
  expect((await board.state()).openings).toHaveLength(1);
});

test("an adapter that hears itself is not believed", async ({ bench }) => {
  const { board, kiosk, page } = await bench("oto", { faults: { echo: true } });
  await asked(board);
  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  expect((await board.state()).openings).toHaveLength(1);
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  await expect.poll(async () => (await board.state()).powered).toBe(0);
});

test("a board that falls silent is told to everybody, and its doors are not handed out", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await board.faults({ silent: true });
  await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 30_000 });
  await board.faults({ silent: false });
  await expect(page.getByTestId("boards-silent")).toHaveCount(0, { timeout: 60_000 });
  board.stop();
  await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 30_000 });
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await expect(page.getByTestId("none-free")).toBeVisible();
  await expect(page.getByTestId("open-first")).toHaveCount(0);
});

test("where a poll is under way at the tap, the opening leaves before its screen is drawn", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await board.faults({ late: 25 });
  await noteOrder(page);
  await expect(async () => {
    await kiosk.tile("L");
    await kiosk.type(PIN);
    await expect(page.getByTestId("open-first")).toBeVisible();
    await page.evaluate(() => new Promise<void>((tapped) => {
      const notes = window as unknown as Notes;
      notes.order = [];
      notes.polled = () => {
        notes.polled = undefined;
        setTimeout(() => { document.querySelector<HTMLElement>("[data-testid=open-first]")!.click(); tapped(); });
      };
    }));
    await expect(stage(page)).toHaveAttribute("data-stage", "opened");
    await board.closeAll();
    await expect(kiosk.code).toBeVisible();
    await kiosk.done();
    // Where an answer takes longer than the screen waits for it, as it may on a busy machine, the next one counts.
    expect(await page.evaluate(() => (window as unknown as Notes).order)).toEqual(["opening", "screen"]);
  }).toPass({ timeout: 60_000 });
});

interface Notes { order: string[]; polled?: () => void }

/** Notes in which order an opening is written and its screen is drawn, and tells when a poll is written. */
async function noteOrder(page: Page): Promise<void> {
  await page.evaluate(() => {
    const notes = window as unknown as Notes;
    notes.order = [];
    const write = WritableStreamDefaultWriter.prototype.write;
    WritableStreamDefaultWriter.prototype.write = function (bytes: Uint8Array) {
      const written = write.call(this, bytes);
      if (bytes[0] === 0x8A) notes.order.push("opening");
      else notes.polled?.();
      return written;
    };
    new MutationObserver(() => {
      if (document.querySelector("[data-testid=door]") && !notes.order.includes("screen")) notes.order.push("screen");
    }).observe(document.body, { childList: true, subtree: true });
  });
}

test("a forced door is an event that the operator sees", async ({ bench }) => {
  const { board, operator, page } = await bench("xor8a");
  await asked(board);
  // Not within ten seconds of a start.
  await page.waitForTimeout(11_000);
  await board.force(1, 1);
  await expect(async () => {
    await operator.goto("/operator/kiosks/1234");
    await expect(operator.getByTestId("event-door-forced")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  expect((await board.state()).openings).toEqual([]);
});

for (const [name, until] of [["asked", "asked"], ["released", "opened"], ["opened", "opened"]] as const) {
  test(`a page that is killed when a door is ${name} opens nothing more, and its outputs end off`, async ({ bench }) => {
    const { board, kiosk, page } = await bench("oto");
    await asked(board);
    if (until === "asked") await board.faults({ late: 300 });
    await openFirst(kiosk);
    if (name === "opened") await expect(stage(page)).toHaveAttribute("data-stage", until);
    else await expect.poll(async () => (await board.state()).openings.length).toBe(1);
    await page.goto("about:blank");
    await board.faults({ late: 0 });
    await page.goto("/kiosk");
    await expect(page.getByTestId("half-done")).toBeVisible();
    await expect.poll(async () => (await board.state()).powered, { timeout: 20_000 }).toBe(0);
    const before = (await board.state()).frames;
    await expect.poll(async () => (await board.state()).frames, { timeout: 30_000 }).toBeGreaterThan(before + 10);
    expect((await board.state()).openings, "no further opening").toHaveLength(1);
  });
}

test("the technician finds boards, a swapped wire and the other polarity, and the settings reach the operator", async ({ bench }) => {
  const { board, kiosk, operator, page } = await bench("xor8a", { settings: { inverted: "true", shown_for: "xor8a" } });
  await asked(board);
  await kiosk.staffArea();
  await page.getByTestId("tab-wiring").click();
  await expect(page.getByTestId("link")).toHaveAttribute("data-state", "connected");
  await expect(page.getByTestId("board-1")).toHaveAttribute("data-state", "ok");
  await expect(page.getByTestId("frames")).toContainText("status 1");

  await page.getByTestId("all-shut").click();
  await expect.poll(async () => (await operator.request.get("/operator/kiosks/1234")).text(), { timeout: 60_000 })
    .toMatch(/name="inverted"[\s\S]*?<option value="false" selected/);

  await page.getByTestId("scan-mine").click();
  await expect(page.getByTestId("found-done")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("found-board")).toHaveCount(4);
  expect((await board.state()).openings, "status questions only").toEqual([]);
  await expect(page.getByTestId("board-1")).toHaveAttribute("data-state", "ok", { timeout: 30_000 });
});

test("the door bridge opens for the page that knows its number, and coils are off when the page is killed", async ({ board: boards, open, server }) => {
  await setBoards(await open("operator"), { kind: "oto" });
  const board = await boards("oto");
  const state = mkdtempSync(join(tmpdir(), "latchkey-bridge-"));
  const bridge = spawn(BINARY, ["door-bridge", "kiosk", "--origin", server.url, "--state", state, "--adapter", board.pty], { stdio: "inherit" });
  try {
    const page = await open("nobody", { viewport: { width: 1280, height: 800 } });
    const kiosk = await KioskPage.enrol(async () => page, server);
    await expect(page.getByTestId("boards-silent"), "it does not know the number yet").toBeVisible({ timeout: 20_000 });
    await kiosk.staffArea();
    await page.getByTestId("tab-wiring").click();
    await expect(page.getByTestId("link")).toHaveAttribute("data-state", "refused", { timeout: 20_000 });
    await kiosk.type(readFileSync(join(state, "kiosk.token"), "utf8").trim());
    await expect(page.getByTestId("link")).toHaveAttribute("data-state", "connected", { timeout: 20_000 });
    await expect(page.getByTestId("board-1")).toHaveAttribute("data-state", "ok", { timeout: 20_000 });
    await page.getByTestId("leave").click();

    await openFirst(kiosk);
    await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
    await board.closeAll();
    await expect(kiosk.code).toBeVisible();
    await kiosk.done();
    expect((await board.state()).powered).toBe(0);

    await board.faults({ stuck: [1, 2, 3, 4].flatMap((jumper) => [...Array(16).keys()].map((door) => [jumper, door + 1] as [number, number])) });
    await openFirst(kiosk);
    await expect.poll(async () => (await board.state()).powered).toBe(1);
    await page.context().close();
    await expect.poll(async () => (await board.state()).powered, { timeout: 10_000 }).toBe(0);
    expect((await board.state()).openings).toHaveLength(2);
  } finally {
    // Until it is gone: it has the pty by its name, which the next board may get.
    const gone = bridge.exitCode === null && bridge.signalCode === null ? once(bridge, "exit") : undefined;
    bridge.kill("SIGTERM");
    await gone;
    rmSync(state, { recursive: true, force: true });
  }
});

test("while the files for lock boards and staff cannot be loaded nothing opens, and once it can the doors work", async ({ bench }) => {
  const boards = "split_boards.wasm", staff = "split_staff.wasm";
  let blocked = [boards];
  const { board, kiosk, page } = await bench("xor8a", {
    options: { serviceWorkers: "block" },
    before: (page) => page.route(FILES, (route) => blocked.some((name) => route.request().url().endsWith(name)) ? route.abort() : route.continue()),
  });
  // It is a kiosk now, and starts without either.
  blocked = [boards, staff];
  await page.reload();
  await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 20_000 });
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await expect(page.getByTestId("none-free")).toBeVisible();
  await page.getByTestId("back").click();
  await kiosk.staffArea();
  await page.getByTestId("tab-wiring").click();
  await expect(page.getByTestId("tab-not-loaded")).toBeVisible();
  expect(await board.state()).toMatchObject({ openings: [], frames: 0 });
  blocked = [];
  await expect(page.getByTestId("wiring-link")).toBeVisible({ timeout: 20_000 });
  for (const jumper of [1, 2]) await expect(page.getByTestId(`board-${jumper}`)).toHaveAttribute("data-state", "ok", { timeout: 20_000 });
  await page.getByTestId("leave").click();
  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  expect((await board.state()).openings).toHaveLength(1);
});

test("a kiosk that draws its doors does not load those files, and has them without a network all the same", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const asked: string[] = [];
  kiosk.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await kiosk.page.reload();
  await kiosk.deposit();
  await kiosk.done();
  expect(asked.filter((path) => path.includes("split_"))).toEqual([]);
  await kiosk.page.evaluate(async () => { await navigator.serviceWorker.ready; });
  await kiosk.offline(true);
  await kiosk.page.reload();
  await kiosk.staffArea();
  await kiosk.page.getByTestId("tab-wiring").click();
  await expect(kiosk.page.getByTestId("link")).toHaveAttribute("data-state", "drawn");
  // The drawings of the wires are on the device too.
  for (const name of ["bus", "lock"]) {
    const picture = kiosk.page.locator(`img[src="/wiring-${name}.svg"]`);
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
  }
});
