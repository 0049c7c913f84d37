// Opens pages in headless Chromium and says what is wrong with them; called by scripts/look and by tests/core/html/.
// Use: node look.mjs PACKAGE.JSON PAGE...                  checks
//      node look.mjs PACKAGE.JSON --picture PAGE NAME   writes NAME-light.png and NAME-dark.png
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [tools, ...args] = process.argv.slice(2);
const require = createRequire(resolve(tools));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = `--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
  --disable-component-update --disable-sync`.split(/\s+/);
const THEMES = ['light', 'dark'];
const WIDTHS = { desktop: 1280, phone: 375 };

// What a report is made of; anything else came from what it tells of.
const ELEMENTS = `a article b body caption code dd del details div dl dt footer h1 h2 h3 h4 head header html ins li main mark meta p path
  rect section span strong style summary svg table tbody td th thead title tr ul wbr`.split(/\s+/);

async function open(browser, file, theme, width) {
  const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
  return { page: await context.newPage(), close: () => context.close(), url: pathToFileURL(resolve(file)).href };
}

/** What a fold holds is laid out when the next frame is drawn. */
async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function check(browser, file) {
  const wrong = [];
  for (const theme of THEMES) {
    for (const [device, width] of Object.entries(WIDTHS)) {
      const say = (what) => wrong.push(`${file}, ${theme}, ${device}: ${what}`);
      const { page, close, url } = await open(browser, file, theme, width);
      page.on('console', (message) => say(`console: ${message.text()}`));
      page.on('pageerror', (error) => say(`error: ${error.message}`));
      page.on('dialog', (dialog) => (say(`dialog: ${dialog.message()}`), dialog.dismiss()));
      page.on('request', (request) => request.url() !== url && say(`asks for ${request.url()}`));
      await page.addInitScript(() => {
        window.violations = [];
        document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));
      });
      await page.goto(url);

      for (const what of await page.evaluate(outsiders, ELEMENTS)) say(what);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = Number(background.match(/\d+/)[0]) > 127;
      if (light !== (theme === 'light')) say(`the background is ${background}: the style is not applied`);
      await page.emulateMedia({ media: 'print' });
      await drawn(page);
      const hidden = await page.evaluate(unseen);
      if (hidden > 0) say(`${hidden} folds stay closed on paper`);
      await page.emulateMedia({ media: 'screen' });
      await drawn(page);
      for (const folded of [true, false]) {
        if (!folded) await page.evaluate(() => document.querySelectorAll('details').forEach((it) => (it.open = true)));
        await drawn(page);
        const state = folded ? 'folded' : 'unfolded';
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) say(`${state}: ${over} pixels too wide`);
        for (const what of await tabs(page)) say(`${state}: ${what}`);
        for (const what of await page.evaluate(uneven)) say(`${state}: ${what}`);
        // By the debugger, which no policy binds.
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        for (const { id, nodes } of violations) {
          const where = nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
          say(`${state}: axe: ${id}: ${where.join(' ')}`);
        }
      }
      const violations = await page.evaluate(() => window.violations);
      if (violations.length > 0) say(`against the policy: ${violations.join(', ')}`);
      await close();
    }
  }
  return wrong;
}

/** What no report has: other elements, handlers, styles of an element's own, links out of the page. */
function outsiders(known) {
  const found = [];
  for (const element of document.querySelectorAll('*')) {
    const name = element.localName;
    if (!known.includes(name)) found.push(`a stranger: <${name}>`);
    for (const { name: key, value } of element.attributes) {
      if (key.startsWith('on') || ['src', 'style', 'srcdoc', 'action'].includes(key)) found.push(`<${name} ${key}>`);
      // Out of the page lead only the pull request, its author and its repository.
      const out = name === 'a' && element.rel === 'noreferrer' && element.closest('.pull') && /^https:\/\/[\w.\/?=&#%:-]+$/.test(value);
      if (key.endsWith('href') && !out && !/^#[a-z0-9-]+$/.test(value)) found.push(`<${name} ${key}="${value}">`);
      if (key === 'href' && !out && !document.querySelector(value)) found.push(`a link to nothing: ${value}`);
      if (key === 'id' && document.querySelectorAll(`#${value}`).length !== 1) found.push(`two of ${value}`);
    }
  }
  return found;
}

/** Bars next to each other that are not of one width, so that equal shares would not look equal. */
function uneven() {
  const found = [];
  for (const row of document.querySelectorAll('tr')) {
    const widths = [...row.querySelectorAll('svg.bar')].map((it) => it.getBoundingClientRect().width);
    if (widths.some((width) => Math.abs(width - widths[0]) > 0.5)) found.push(`bars of ${widths.join(' and ')} pixels`);
  }
  return found;
}

/** How many folds do not show what is in them. */
function unseen() {
  const shown = (it) => it.checkVisibility({ contentVisibilityAuto: true }) && it.getBoundingClientRect().height > 0;
  return [...document.querySelectorAll('details > :last-child')].filter((it) => !shown(it)).length;
}

/** Every link and fold on show is reached by Tab, in the order of the page, and a fold opens by Enter. */
async function tabs(page) {
  const wanted = await page.evaluate(() => {
    // Tab goes on from where the focus was last, so it is put at the start.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    window.all = [...document.querySelectorAll('a, summary')].filter((it) => it.checkVisibility({ contentVisibilityAuto: true }));
    return window.all.length;
  });
  const seen = [];
  for (let presses = 0; presses < wanted; presses++) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate(() => window.all.indexOf(document.activeElement)));
  }
  const order = [...Array(wanted).keys()];
  if (String(seen) !== String(order)) return [`Tab goes ${seen.join(' ')} through ${wanted} links and folds`];
  const turned = await page.evaluate(() => {
    window.fold = window.all.find((it) => it.localName === 'summary');
    window.fold?.focus();
    return window.fold?.parentElement.open;
  });
  if (turned === undefined) return [];
  await page.keyboard.press('Enter');
  const after = await page.evaluate(() => window.fold.parentElement.open);
  await page.keyboard.press('Enter');
  return after === turned ? ['Enter does not turn a fold'] : [];
}

/** From the top to the end of the last group of users. */
async function picture(browser, file, name) {
  const width = 1000;
  for (const theme of THEMES) {
    const { page, close, url } = await open(browser, file, theme, width);
    await page.goto(url);
    const height = await page.evaluate(() => [...document.querySelectorAll('.group')].at(-1).getBoundingClientRect().bottom + 20);
    await page.screenshot({ path: `${name}-${theme}.png`, fullPage: true, clip: { x: 0, y: 0, width, height } });
    await close();
  }
}

// The driver gives it a new, empty profile.
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
if (args[0] === '--picture') {
  await picture(browser, args[1], args[2]);
} else {
  const wrong = await Promise.all(args.map((file) => check(browser, file)));
  for (const what of wrong.flat()) console.log(what);
  process.exitCode = wrong.flat().length > 0 ? 1 : 0;
}
await browser.close();
