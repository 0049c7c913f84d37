// Draws a comment's Markdown as GitHub would, in headless Chromium, and says what is wrong with it; called by
// scripts/comment-picture. Use: node comment.mjs PACKAGE.JSON MARKDOWN NAME [WIDTH [HEIGHT]]
// writes NAME-light.png and NAME-dark.png, as wide as a comment on a desktop unless WIDTH says otherwise.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [tools, file, name, width = '830', height] = process.argv.slice(2);
const require = createRequire(resolve(tools));
const { chromium } = require('playwright-core');
const { Marked } = require('marked');
const alerts = require('marked-alert');

const html = new Marked({ gfm: true }).use((alerts.default ?? alerts)()).parse(readFileSync(file, 'utf8'));
const MARGIN = 16;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
for (const theme of ['light', 'dark']) {
  const css = readFileSync(require.resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8');
  // A comment's text is 14 pixels high, that of a page 16.
  const page = await browser.newPage({ viewport: { width: Number(width), height: Number(height ?? 900) } });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${css}
    body { margin: 0 } .markdown-body { padding: ${MARGIN}px; font-size: 14px; min-height: 100vh; box-sizing: border-box }
    .markdown-body code, .markdown-body pre { font-family: "DejaVu Sans Mono", "Noto Sans Mono", monospace }
    </style><article class="markdown-body">${html}</article>`);
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('table')].filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.innerText.slice(0, 60)));
  for (const text of wide) console.log(`${width}: a table scrolls sideways: ${JSON.stringify(text)}`);
  await page.screenshot({ path: `${name}-${theme}.png`, fullPage: !height });
  await page.close();
}
await browser.close();
