// Draws a comment's Markdown as GitHub would, in headless Chromium, and says what is wrong with it; called by
// scripts/comment-picture and scripts/look. Use:
//   node comment.mjs PACKAGE.JSON MARKDOWN NAME [WIDTH [HEIGHT]]      writes NAME-light.png and NAME-dark.png
//   node comment.mjs PACKAGE.JSON --measure MARKDOWN=PIXELS...        checks that each is at most that high, as it is opened
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [tools, ...args] = process.argv.slice(2);
const require = createRequire(resolve(tools));
const { chromium } = require('playwright-core');
const { Marked } = require('marked');
const alerts = require('marked-alert');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const MARGIN = 16;
// The width of a comment on a desktop with its frame, at which heights are measured.
const MEASURED = 880;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});

async function open(file, theme, width, height, fill) {
  const html = new Marked({ gfm: true }).use((alerts.default ?? alerts)()).parse(readFileSync(file, 'utf8'));
  const css = readFileSync(require.resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8');
  // A comment's text is 14 pixels high, that of a page 16.
  const page = await browser.newPage({ viewport: { width, height } });
  await page.setContent(`<!doctype html><html lang="en"><meta charset="utf-8"><title>A comment</title><style>${css}
    body { margin: 0 } .markdown-body { padding: ${MARGIN}px; font-size: 14px; ${fill} box-sizing: border-box }
    .markdown-body code, .markdown-body pre { font-family: "DejaVu Sans Mono", "Noto Sans Mono", monospace }
    </style><main class="markdown-body">${html}</main></html>`);
  return page;
}

/** Tables that do not fit. */
async function wide(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('table')].filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.innerText.slice(0, 60)));
}

async function picture(file, name, width = '830', height) {
  for (const theme of ['light', 'dark']) {
    const page = await open(file, theme, Number(width), Number(height ?? 100), 'min-height: 100vh;');
    for (const text of await wide(page)) console.log(`${width}: a table scrolls sideways: ${JSON.stringify(text)}`);
    await page.screenshot({ path: `${name}-${theme}.png`, fullPage: !height });
    await page.close();
  }
}

async function measure(file, most) {
  const wrong = [];
  for (const theme of ['light', 'dark']) {
    const page = await open(file, theme, MEASURED, 400, '');
    const high = () => page.evaluate(() => Math.ceil(document.querySelector('.markdown-body').getBoundingClientRect().height));
    const folded = await high();
    for (const state of ['folded', 'unfolded']) {
      if (state === 'unfolded') await page.evaluate(() => document.querySelectorAll('details').forEach((it) => (it.open = true)));
      for (const text of await wide(page)) wrong.push(`${state}: a table scrolls sideways: ${JSON.stringify(text)}`);
      await page.evaluate(axe);
      const options = { resultTypes: ['violations'], rules: RULES };
      const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
      for (const { id, nodes } of violations) wrong.push(`${state}: axe: ${id}: ${nodes[0].html.slice(0, 160)}`);
    }
    if (folded > most) wrong.push(`${folded} pixels high, more than ${most}`);
    if (theme === 'light') console.log(`${file}: ${folded} pixels high, at most ${most}; unfolded ${await high()}`);
    await page.close();
  }
  return wrong.map((what) => `${file}: ${what}`);
}

// What the page around a comment decides: its headings, and the colours of GitHub.
const RULES = Object.fromEntries(
  ['page-has-heading-one', 'heading-order', 'color-contrast', 'link-in-text-block'].map((id) => [id, { enabled: false }]),
);

if (args[0] === '--measure') {
  const wrong = [];
  for (const [file, most] of args.slice(1).map((arg) => arg.split('='))) wrong.push(...(await measure(file, Number(most))));
  for (const what of wrong) console.log(what);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} else {
  await picture(...args);
}
await browser.close();
