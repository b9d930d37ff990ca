// Writes FILE.br beside every file of the site that is worth compressing and newer than its compressed form.
import { brotliCompressSync, constants } from "node:zlib";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const site = process.argv[2];
for (const name of readdirSync(site, { recursive: true })) {
  const file = join(site, name);
  if (!/\.(js|wasm|css|svg|webmanifest)$/.test(file) || !statSync(file).isFile()) continue;
  const packed = `${file}.br`;
  const made = statSync(packed, { throwIfNoEntry: false });
  if (made && made.mtimeMs >= statSync(file).mtimeMs) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  writeFileSync(packed, brotliCompressSync(readFileSync(file), { params }));
}
