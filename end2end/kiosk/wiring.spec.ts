// The technician's pages: the test of each door and the soak test, with real boards at the end of a wire, and settings that contradict themselves.
import type { Locator, Page } from "@playwright/test";
import { asked, test } from "../fixtures/bench";
import type { Board } from "../fixtures/board";
import type { KioskPage } from "../fixtures/kiosk";
import { PIN } from "../fixtures/kiosk";
import { expect, expectAccessible } from "../fixtures/test";

test.slow();

/** The staff area's page "Wiring". */
class WiringPage {
  private constructor(readonly page: Page) {}

  static async of(kiosk: KioskPage): Promise<WiringPage> {
    await kiosk.staffArea();
    await kiosk.page.getByTestId("tab-wiring").click();
    await expect(kiosk.page.getByTestId("wiring-soak")).toBeVisible();
    const cut = await kiosk.page.locator("[data-testid^=wiring-]").evaluateAll((parts) => parts.filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => (part as HTMLElement).dataset.testid));
    expect(cut, "nothing is cut off at its side").toEqual([]);
    return new WiringPage(kiosk.page);
  }

  part(name: string): Locator { return this.page.getByTestId(`wiring-${name}`); }
  get said(): Locator { return this.page.getByTestId("test-said"); }
  get soakState(): Locator { return this.page.getByTestId("soak-state"); }

  /** The labels of the doors that a soak test may have. */
  async empty(): Promise<string[]> {
    const names = await this.part("soak").getByRole("group").getByRole("button").allInnerTexts();
    return names.slice(1).map((name) => name.trim());
  }

  /** Touches a door in the drawing of the test. */
  async touch(label: string): Promise<void> {
    await this.part("test").locator(`[data-door=${label}]`).click();
  }

  /** One door, one round, two seconds between openings. */
  async oneDoor(label: string): Promise<void> {
    await this.page.getByTestId("soak-all").click();
    await this.page.getByTestId(`soak-${label}`).click();
    await this.turn("soak-rounds", "1");
    await this.turn("soak-pause", "2");
  }

  /** Taps until the setting has this value. */
  async turn(setting: string, value: string): Promise<void> {
    const button = this.page.getByTestId(setting);
    for (let tap = 0; tap < 5 && !(await button.innerText()).endsWith(`: ${value}`); tap++) await button.click();
    await expect(button).toHaveText(new RegExp(`: ${value}$`));
  }
}

/** B3 is the third door of the second board. */
const boardOf = (label: string) => label.charCodeAt(0) - 64;

/** Until the board of this door was asked for all its contacts this number of times more. */
async function askedWhole(board: Board, label: string, times = 3): Promise<void> {
  const count = async () => (await board.state()).asked[boardOf(label)] ?? 0;
  const before = await count();
  await expect.poll(count, { timeout: 30_000 }).toBeGreaterThanOrEqual(before + times);
}

test("a door that is tested finds the order of status bytes by itself, and the operator sees it", async ({ bench }) => {
  const { board, kiosk, operator } = await bench("xor8a", { faults: { firstFirst: true } });
  await asked(board);
  const wiring = await WiringPage.of(kiosk);
  const [label] = await wiring.empty();
  await askedWhole(board, label!);
  await wiring.touch(label!);
  await expect.poll(async () => (await board.state()).openings.length).toBe(1);
  await wiring.touch(label!);
  await expect(wiring.part("test")).toContainText("Now shut the door");
  await askedWhole(board, label!);
  await board.closeAll();
  await expect(wiring.said).toContainText("other order", { timeout: 30_000 });
  await expect(wiring.said).toContainText("This one");
  await expect(kiosk.page.getByTestId("set-order"), "the settings above follow").toContainText("8–1 …");
  await expect.poll(async () => (await operator.request.get("/operator/kiosks/1234")).text(), { timeout: 60_000 })
    .toMatch(/name="byte_order"[\s\S]*?<option value="first-first" selected/);
  expect((await board.state()).openings, "one opening was enough").toHaveLength(1);
  await expect(wiring.said, "the area was drawn again with a new code meanwhile").toContainText("other order");
});

test("a soak test counts what each door did, can be copied, and ends at a touch", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await asked(board);
  const wiring = await WiringPage.of(kiosk);
  const [label] = await wiring.empty();
  await wiring.oneDoor(label!);
  await page.getByTestId("soak-start").click();
  await expect(wiring.soakState).toHaveAttribute("data-state", "running");
  await expect.poll(async () => (await board.state()).openings.length, { timeout: 15_000 }).toBe(1);
  const counts = page.getByTestId(`soaked-${label}`);
  await expect(counts).toContainText("opened 1, shut 0", { timeout: 15_000 });
  await board.closeAll();
  await expect(wiring.soakState).toHaveAttribute("data-state", "ended", { timeout: 15_000 });
  await expect(counts).toContainText("opened 1, shut 1, not opened 0, not known 0");
  await page.getByTestId("copy-soak").click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(`${label}\topened 1, shut 1, not opened 0, not known 0`);
  for (const language of ["ko", "zh", "en"]) {
    await page.getByTestId(`language-${language}`).click();
    await page.getByTestId("tab-wiring").click();
    await expect(counts).toBeVisible();
    await expectAccessible(page);
  }

  await wiring.turn("soak-rounds", "5");
  await wiring.turn("soak-pause", "2");
  await page.getByTestId("soak-start").click();
  await expect.poll(async () => (await board.state()).openings.length, { timeout: 15_000 }).toBe(2);
  await page.getByTestId("staff-who").click();
  await expect(wiring.soakState).toContainText("somebody touched the kiosk");
  await board.closeAll();
  await askedWhole(board, label!, 4);
  expect((await board.state()).openings, "nothing more opens").toHaveLength(2);
});

test("a soak test ends when its board is lost, and is not begun again by a reload", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  const wiring = await WiringPage.of(kiosk);
  await wiring.turn("soak-rounds", "100");
  await wiring.turn("soak-pause", "2");
  await page.getByTestId("soak-start").click();
  await expect.poll(async () => (await board.state()).openings.length, { timeout: 15_000 }).toBe(1);
  await board.faults({ silent: true });
  await expect(wiring.soakState).toContainText("a board does not answer", { timeout: 30_000 });
  await board.faults({ silent: false });
  await board.closeAll();
  await page.reload();
  await asked(board);
  const opened = (await board.state()).openings.length;
  await WiringPage.of(kiosk);
  await asked(board);
  expect((await board.state()).openings).toHaveLength(opened);
});

test("free doors are drawn again when their boards come back while one is being chosen", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await expect(page.getByTestId("open-first")).toBeVisible();
  const lit = page.getByTestId("cabinet").locator("[aria-current=true]");
  const free = await lit.count();
  expect(free).toBeGreaterThan(0);
  await board.faults({ silent: true });
  await expect(page.getByTestId("none-free")).toBeVisible({ timeout: 30_000 });
  await expect(lit).toHaveCount(0);
  await page.getByTestId("kiosk-name").click();
  await board.faults({ silent: false });
  await expect(lit).toHaveCount(free, { timeout: 40_000 });
  await page.getByTestId("open-first").click();
  await expect(page.getByTestId("door")).toHaveAttribute("data-stage", "opened", { timeout: 20_000 });
  expect((await board.state()).openings).toHaveLength(1);
});

test("settings that contradict themselves or the doors are named at the kiosk, cannot be used, and nothing opens", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a");
  await asked(board);
  await WiringPage.of(kiosk);
  const type = async (line: string, text: string) => {
    await page.getByTestId(line).fill(text);
    await page.getByTestId(line).press("Tab");
  };
  const refused = async (says: string) => {
    await expect(page.getByTestId("set-fault")).toContainText(says);
    await expect(page.getByTestId("set-save")).toBeDisabled();
  };
  await type("set-adapters", "one to nine");
  await refused("cannot be read");
  await type("set-adapters", "1-2, 2-9");
  await refused("Two adapters claim board 2");
  await type("set-adapters", "1-99");
  await refused("boards from 1 to 31");
  await type("set-adapters", "2-9");
  await refused("No adapter has board 1");
  await type("set-adapters", "1-9");
  await expect(page.getByTestId("set-save")).toBeEnabled();
  await type("set-wires", "1.1=1.2");
  await refused("1.2 is not there, or is there twice");
  await type("set-wires", "1.1=1.99");
  await refused("no door 1.99");
  expect((await board.state()).openings).toEqual([]);
});

/** What the kiosk and the operator say about boards that do not answer as they should. */
for (const [name, fault, kept] of [
  ["noise on the wire", { noise: true }, { noise: false }],
  ["a board that answers for another", { asAnother: true }, { asAnother: false }],
] as const) {
  test(`${name} opens nothing, and is named at the kiosk and on the operator's page until it is over`, async ({ bench }) => {
    const { board, kiosk, operator, page } = await bench("xor8a");
    await asked(board);
    await board.faults(fault);
    await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 30_000 });
    await kiosk.tile("L");
    await kiosk.type(PIN);
    // The warning stands from the first board that fails: the doors of the other go a few questions later.
    await expect(page.getByTestId("none-free")).toBeVisible({ timeout: 30_000 });
    await page.getByTestId("back").click();
    // A minute long: before that it may be over by itself.
    await expect(async () => {
      await operator.goto("/operator/kiosks/1234");
      await expect(operator.getByTestId("event-board-failed").first()).toContainText("answers something else", { timeout: 1_000 });
    }).toPass({ timeout: 120_000 });
    const wiring = await WiringPage.of(kiosk);
    for (const [language, words] of [["ko", "잘못된 응답"], ["zh", "应答异常"], ["en", "answers something else"]] as const) {
      await page.getByTestId(`language-${language}`).click();
      await page.getByTestId("tab-wiring").click();
      await expect(wiring.part("link").getByTestId("board-1")).toHaveAttribute("data-state", "garbled");
      await expect(wiring.part("link").getByTestId("board-1")).toContainText(words);
    }
    expect((await board.state()).openings).toEqual([]);
    await board.faults(kept);
    await expect(page.getByTestId("board-1")).toHaveAttribute("data-state", "ok", { timeout: 60_000 });
  });
}

test("a kind of board that the kiosk does not know opens nothing, and is named in three languages", async ({ bench }) => {
  const { board, kiosk, page } = await bench("xor8a", { options: { serviceWorkers: "block" } });
  await asked(board);
  // As from a server of a later version.
  await page.route("**/v1/Kiosks/1234/Events", async (route) => {
    const response = await route.fetch();
    const json = await response.json() as { wired: { revision: number; wiring: { boards: { kind: string } } } };
    json.wired.revision += 1;
    json.wired.wiring.boards.kind = "hua-heng";
    await route.fulfill({ response, json });
  });
  await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 60_000 });
  await kiosk.tile("L");
  await kiosk.type(PIN);
  await expect(page.getByTestId("none-free")).toBeVisible();
  await page.getByTestId("back").click();
  await WiringPage.of(kiosk);
  const link = page.getByTestId("link");
  for (const [language, words] of [["ko", "설정된 보드 종류를 모릅니다"], ["zh", "不认识所设置的控制板类型"], ["en", "does not know the kind of board"]] as const) {
    await page.getByTestId(`language-${language}`).click();
    await page.getByTestId("tab-wiring").click();
    await expect(link).toHaveAttribute("data-state", "faulty");
    await expect(link).toContainText(words);
    await expect(page.getByTestId("set-fault")).toContainText(words);
    await expect(page.getByTestId("set-save")).toBeDisabled();
  }
  await expectAccessible(page);
  expect((await board.state()).openings).toEqual([]);
});
