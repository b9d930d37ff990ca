// The kiosk with real lock boards at the end of a wire: what its screen says about a door is what the door did.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { Board, browserWith, pageWith } from "../fixtures/board";
import { KioskPage, PIN } from "../fixtures/kiosk";
import { BINARY, type Server } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

interface Bench { board: Board; browser: Browser; kiosk: KioskPage; page: Page }

/** A kiosk of this kind of boards, set up by the operator, connected. */
async function bench(server: Server, operator: Page, kind: "oto" | "xor8a", settings: Record<string, string> = {}): Promise<Bench> {
  await setBoards(operator, { kind, via: "browser", ...settings });
  const board = await Board.start(kind, [1, 2, 3, 4]);
  const browser = await browserWith(board, server.url);
  const { page } = await pageWith(browser, board, server.url);
  const kiosk = await KioskPage.enrol(async () => page, server);
  await expect(page.getByTestId("boards-silent")).toHaveCount(0, { timeout: 20_000 });
  await expect.poll(async () => (await board.state()).frames, { timeout: 20_000 }).toBeGreaterThan(4);
  return { board, browser, kiosk, page };
}

async function setBoards(operator: Page, fields: Record<string, string>): Promise<void> {
  const answer = await operator.request.post("/operator/kiosks/1234", {
    form: { do: "/do/operator/set-boards", yid: "1234", ...fields }, maxRedirects: 0, headers: { Origin: new URL(operator.url()).origin },
  });
  expect(answer.status()).toBe(303);
}

async function over({ board, browser }: Bench): Promise<void> {
  await browser.close();
  board.stop();
}

const stage = (page: Page) => page.getByTestId("door");

/** L up to the door. */
async function openFirst(kiosk: KioskPage): Promise<void> {
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await kiosk.page.getByTestId("open-first").click();
}

test("L, K, J and M end with what the contact says, at the speed of the settings", async ({ open, server }) => {
  test.setTimeout(180_000);
  const operator = await open("operator");
  const it = await bench(server, operator, "xor8a");
  const { board, kiosk, page } = it;
  expect((await board.state()).openings, "nothing opens by itself").toEqual([]);
  expect((await board.state()).baud === 9600 || process.getuid?.() !== 0).toBe(true);

  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened");
  await expect(page.getByTestId("close-door"), "its contact tells").toHaveCount(0);
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  await kiosk.done();
  expect((await board.state()).openings).toHaveLength(1);

  await kiosk.tile("J");
  await page.getByTestId("number").fill("1046");
  await page.getByTestId("next").click();
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
  await page.getByTestId("label").fill(door);
  await kiosk.type(pwd);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened");
  await board.closeAll();
  await kiosk.done();
  expect((await board.state()).openings).toHaveLength(4);
  await over(it);
});

test("a jammed door is tried again by the person, and then left to staff", async ({ open, server }) => {
  test.setTimeout(120_000);
  const it = await bench(server, await open("operator"), "xor8a");
  const { board, kiosk, page } = it;
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
  await over(it);
});

test("an answer that was lost is not followed by a second opening, and the contact tells the rest", async ({ open, server }) => {
  test.setTimeout(120_000);
  const it = await bench(server, await open("operator"), "xor8a");
  const { board, kiosk, page } = it;
  await board.faults({ loseReplies: 1, junk: "fafd9999" });
  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  expect((await board.state()).openings).toHaveLength(1);
  await over(it);
});

test("a cut cable that reads open keeps nobody from opening, and the person is believed", async ({ open, server }) => {
  test.setTimeout(120_000);
  const it = await bench(server, await open("operator"), "xor8a");
  const { board, kiosk, page } = it;
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await board.faults({ readsOpen: [1, 2, 3, 4].map((door) => [1, door]) });
  await page.waitForTimeout(4_000);
  await page.getByTestId("open-first").click();
  await page.getByTestId("close-door").click({ timeout: 20_000 });
  await expect(kiosk.code).toBeVisible();
  expect((await board.state()).openings).toHaveLength(1);
  await over(it);
});

test("an adapter that hears itself is not believed", async ({ open, server }) => {
  test.setTimeout(120_000);
  const operator = await open("operator");
  await setBoards(operator, { kind: "oto", via: "browser" });
  const board = await Board.start("oto", [1, 2, 3, 4]);
  await board.faults({ echo: true });
  const browser = await browserWith(board, server.url);
  const { page } = await pageWith(browser, board, server.url);
  const kiosk = await KioskPage.enrol(async () => page, server);
  await expect.poll(async () => (await board.state()).frames, { timeout: 20_000 }).toBeGreaterThan(8);
  await openFirst(kiosk);
  await expect(stage(page)).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  expect((await board.state()).openings).toHaveLength(1);
  await board.closeAll();
  await expect(kiosk.code).toBeVisible();
  expect((await board.state()).powered).toBe(0);
  await over({ board, browser, kiosk, page });
});

test("a board that falls silent is told to everybody, and its doors are not handed out", async ({ open, server }) => {
  test.setTimeout(120_000);
  const it = await bench(server, await open("operator"), "xor8a");
  const { board, kiosk, page } = it;
  await board.faults({ silent: true });
  await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 30_000 });
  await board.faults({ silent: false });
  await expect(page.getByTestId("boards-silent")).toHaveCount(0, { timeout: 60_000 });
  board.unplug();
  await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 30_000 });
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await expect(page.getByTestId("open-first")).toHaveCount(0);
  await over(it);
});

test("a forced door is an event that the operator sees", async ({ open, server }) => {
  test.setTimeout(120_000);
  const operator = await open("operator");
  const it = await bench(server, operator, "xor8a");
  // Not within ten seconds of a start.
  await it.page.waitForTimeout(13_000);
  await it.board.force(1, 1);
  await expect(async () => {
    await operator.goto("/operator/kiosks/1234");
    await expect(operator.getByTestId("event-door-forced")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  expect((await it.board.state()).openings).toEqual([]);
  await over(it);
});

for (const [name, until] of [["asked", "asked"], ["released", "opened"], ["opened", "opened"]] as const) {
  test(`a page that is killed when a door is ${name} opens nothing more, and its outputs end off`, async ({ open, server }) => {
    test.setTimeout(120_000);
    const it = await bench(server, await open("operator"), "oto");
    const { board, kiosk, page } = it;
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
    await over(it);
  });
}

test("the technician finds boards, a swapped wire and the other polarity, and the settings reach the operator", async ({ open, server }) => {
  test.setTimeout(180_000);
  const operator = await open("operator");
  const it = await bench(server, operator, "xor8a", { inverted: "true", shown_for: "xor8a" });
  const { board, kiosk, page } = it;
  await kiosk.staffArea();
  await page.getByTestId("tab-wiring").click();
  await expect(page.getByTestId("link")).toHaveAttribute("data-state", "connected");
  await expect(page.getByTestId("board-1")).toHaveAttribute("data-state", "ok");
  await expect(page.getByTestId("frames")).toContainText("status 1");

  await page.getByTestId("all-shut").click();
  await expect.poll(async () => (await operator.request.get("/operator/kiosks/1234")).text(), { timeout: 60_000 })
    .toMatch(/name="inverted"[\s\S]*?<option value="false" selected/);

  await page.getByTestId("scan-mine").click();
  await expect(page.locator("[data-found=done]")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("[data-found=board]")).toHaveCount(4);
  expect((await board.state()).openings, "status questions only").toEqual([]);
  await expect(page.getByTestId("board-1")).toHaveAttribute("data-state", "ok", { timeout: 30_000 });
  await over(it);
});

test("the door bridge opens for the page that knows its number, and coils are off when the page is killed", async ({ open, server }) => {
  test.setTimeout(180_000);
  const operator = await open("operator");
  await setBoards(operator, { kind: "oto" });
  const board = await Board.start("oto", [1, 2, 3, 4]);
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
    bridge.kill("SIGTERM");
    board.stop();
    rmSync(state, { recursive: true, force: true });
  }
});
