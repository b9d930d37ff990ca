// How fast the scanner's page reads codes: the real page, the real decoder, a camera of 640×480.
import type { BrowserContextOptions, Page } from "@playwright/test";
import type { Camera } from "../fixtures/camera";
import { Device } from "../fixtures/device";
import { KioskPage } from "../fixtures/kiosk";
import type { Server } from "../fixtures/server";
import { expect, test, type Who } from "../fixtures/test";
import { countPictures, type Decoded, picturesDuring } from "./decoder";
import { line, quantile } from "./report";

const PER_SECOND = 10;
const FOUND_MS = 300;
const LASTS_MS = 5_000;
const TRIES = 10;
/** As many frames of a moving code as never make it whole, each as long as the kiosk shows it. */
const FRAMES = 4;
const FRAME_MS = 110;

type WithCamera = { __camera: Camera };
type Open = (who: Who | "nobody", options?: BrowserContextOptions) => Promise<Page>;

test("the scanner", async ({ open, server }) => {
  test.setTimeout(180_000);
  const kiosk = await Device.enrol(server, 1234);
  const film = await movingCode(open, server);
  const staff = await open("staff");
  await countPictures(staff);

  await startScanner(staff);
  rate("pictures of 640×480 decoded, no code in view", await picturesDuring(staff, LASTS_MS));
  await staff.evaluate(([pictures, every]) => (window as unknown as WithCamera).__camera.play(pictures, every), [film, FRAME_MS] as const);
  rate("  a moving code in view", await picturesDuring(staff, LASTS_MS));

  const refused = kiosk.deposit();
  const picture = await drawn(staff, refused);
  await refuse(staff, refused);
  await hold(staff, picture);
  rate("  a still code in view", await picturesDuring(staff, LASTS_MS));

  const waits: number[] = [];
  for (let i = 0; i < TRIES; i++) waits.push(await timeToRead(staff, await drawn(staff, kiosk.deposit())));
  const [median, worst] = [quantile(waits, 0.5), Math.max(...waits)];
  line(`a code in view is found, worst of ${TRIES}`, `≤ ${FOUND_MS} ms`, `${worst.toFixed(0)} ms (median ${median.toFixed(0)} ms)`, worst <= FOUND_MS);
});

function rate(what: string, pictures: Decoded[]): void {
  const perSecond = (n: number) => n * 1000 / LASTS_MS;
  const took = quantile(pictures.map((p) => p.answered - p.sent), 0.5);
  const read = pictures.filter((p) => p.read).length;
  const measured = `${perSecond(pictures.length).toFixed(1)}/s (${took.toFixed(0)} ms each, a code read in ${perSecond(read).toFixed(1)}/s)`;
  line(what, `≥ ${PER_SECOND}/s`, measured, perSecond(pictures.length) >= PER_SECOND);
}

/** Opens the scanner and waits until it decodes. */
async function startScanner(page: Page): Promise<void> {
  await page.goto("/staff/scan");
  await decoding(page);
}

async function decoding(page: Page): Promise<void> {
  await expect.poll(async () => (await picturesDuring(page, 250)).length).toBeGreaterThan(1);
}

async function hold(page: Page, picture: string): Promise<void> {
  await page.evaluate((base64) => (window as unknown as WithCamera).__camera.look(base64), picture);
}

/** From the moment a code is to be seen until the page says that it was read. */
async function timeToRead(page: Page, picture: string): Promise<number> {
  await startScanner(page);
  return page.evaluate(async (base64) => {
    const frame = document.querySelector(".scanner-frame")!;
    const read = new Promise<number>((done) => {
      new MutationObserver(() => done(performance.now())).observe(frame, { attributeFilter: ["data-read"] });
    });
    await (window as unknown as WithCamera).__camera.look(base64);
    const shown = performance.now();
    return (await read) - shown;
  }, picture);
}

/** A token as the server draws it. */
async function drawn(staff: Page, token: string): Promise<string> {
  const answer = await staff.request.get(`/v1/QrImage/${token}?format=png`);
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.body()).toString("base64");
}

/** Sends a code twice, so that the scanner runs beside its refusal and does not send it by itself. */
async function refuse(page: Page, token: string): Promise<void> {
  for (let times = 0; times < 2; times++) {
    await page.goto("/staff/scan");
    await page.locator(".scanner-typing:not([open]) summary").click();
    await page.locator("textarea[name=code]").fill(token);
    await page.getByTestId("typed-form").locator("button").click();
    await expect(page.getByTestId("refusal").or(page.getByTestId("sheet").locator("h1"))).toBeVisible();
  }
  await expect(page.getByTestId("refusal")).toBeVisible();
  await decoding(page);
}

/** Pictures of the code a kiosk of 256 compartments shows in its staff area. */
async function movingCode(open: Open, server: Server): Promise<string[]> {
  const yid = 2256;
  await server.cli(["kiosk", "add", "--yid", String(yid), "--name", "K256", "--boards", "16", "--ports", "16"]);
  await (await Device.enrol(server, yid)).fill();
  const kiosk = await KioskPage.enrol(open, server, yid);
  const staff = await open("staff");
  // This kiosk has no PIN: staff show their pass.
  await staff.goto(`/staff/pass/${yid}`);
  await kiosk.page.getByTestId("staff-area").click();
  await kiosk.read(staff.getByTestId("code"), kiosk.page.getByTestId("tab-doors"));
  const film = new Set<string>();
  while (film.size < FRAMES) film.add((await kiosk.code.screenshot()).toString("base64"));
  await Promise.all([kiosk.page, staff].map((page) => page.close()));
  return [...film];
}
