// Listens to what the scanner hands to its worker and what comes back, from outside: the scanner itself counts nothing.
import type { Page } from "@playwright/test";

/** One picture decoded: when it was sent and answered, in milliseconds of the page, and whether a code was read in it. */
export interface Decoded { sent: number; answered: number; read: boolean }

/** Call before the page is opened. */
export async function countPictures(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const pictures: Decoded[] = [];
    Object.assign(window, { __pictures: pictures });
    window.Worker = class extends Worker {
      private sent = 0;

      constructor(script: string | URL, options?: WorkerOptions) {
        super(script, options);
        this.addEventListener("message", ({ data }) => {
          if (data?.text !== undefined) pictures.push({ sent: this.sent, answered: performance.now(), read: data.text !== null });
        });
      }

      override postMessage(message: unknown, transfer?: unknown): void {
        this.sent = performance.now();
        super.postMessage(message, transfer as Transferable[]);
      }
    };
  });
}

/** What was decoded during this number of milliseconds from now. */
export async function picturesDuring(page: Page, ms: number): Promise<Decoded[]> {
  return page.evaluate(async (lasts) => {
    const { __pictures: pictures } = window as unknown as { __pictures: Decoded[] };
    const before = pictures.length;
    await new Promise((done) => setTimeout(done, lasts));
    return pictures.slice(before);
  }, ms);
}
