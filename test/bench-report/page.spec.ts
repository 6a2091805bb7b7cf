import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';

import { toHtml } from '../../apps/bench/src/report/html/page.ts';
import type { BenchReport } from '../../apps/bench/src/result.ts';
import { findChromium } from './support/chromium.ts';
import { HOSTILE, hostileReport } from './support/hostile-report.ts';
import { fullReport, madeUpReport } from './support/made-up-report.ts';

const PHONE = 360;
const DESKTOP = 1_280;
/** Of the thickest line of a plot, in pixels: how far apart ends may seem that are at the same value. */
const LINE_WIDTH = 3;

const REPORTS = { full: fullReport, hostile: hostileReport, empty: () => madeUpReport([]) };
type Kind = keyof typeof REPORTS;

/** A page, and what it complained of or asked for. */
interface Opened {
  readonly page: Page;
  readonly faults: readonly string[];
}

const executablePath = findChromium();

it('is one file: it loads nothing and runs nothing', () => {
  const page = toHtml(fullReport());

  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|https?:|src=|url\((?!#)/);
});

if (executablePath === undefined) {
  it.skip('is not looked at in a browser: no Chromium is on the PATH ("apt-get install chromium" brings one)', () => {});
} else {
  describe('in Chromium', () => inChromium(executablePath));
}

function inChromium(executablePath: string): void {
  let browser: Browser;
  let folder: string;
  const opened = new Map<Kind, Promise<Opened>>();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-page-'));
    // As root, in a container, Chromium has no sandbox; the pages are ours.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page of a report from a file, or the one that is open already, and says what it complained of or asked for. */
  async function open(kind: Kind, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
    let opening = opened.get(kind);
    if (opening === undefined) opened.set(kind, (opening = load(REPORTS[kind]())));
    const { page } = await opening;
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    return opening;
  }

  async function load(report: BenchReport): Promise<Opened> {
    const file = join(folder, `${crypto.randomUUID()}.html`);
    await writeFile(file, toHtml(report));
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => request.url() === pathToFileURL(file).href || faults.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, faults };
  }

  it.each([
    ['full', PHONE],
    ['full', DESKTOP],
    ['hostile', PHONE],
    ['hostile', DESKTOP],
    ['empty', PHONE],
  ] as const)('the %s page fits %d pixels without scrolling sideways, and without a complaint', async (kind, width) => {
    const { page, faults } = await open(kind, width);

    expect(await page.evaluate<number>(WIDEST)).toBeLessThanOrEqual(width);
    expect(faults).toEqual([]);
  });

  it('takes no text of a report for markup', async () => {
    const { page } = await open('hostile', DESKTOP);

    expect(await page.title()).toBe('Millrace, measured side by side');
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await page.locator('tbody th[scope=row]', { hasText: HOSTILE }).count()).toBeGreaterThan(3);
    expect(await page.locator('h2', { hasText: HOSTILE }).count()).toBe(1);
  });

  it('says in words what it draws: every table has a caption, every drawing a title', async () => {
    const { page } = await open('full', DESKTOP);

    const tables = page.locator('table');
    expect(await tables.count()).toBeGreaterThan(10);
    expect(await page.locator('table > caption').count()).toBe(await tables.count());
    expect(await page.locator('svg[role=img]:not(:has(> title))').count()).toBe(0);
    const drawing = page.getByRole('img', { name: /^drain, concurrency 100: 12\.6× bullmq \(ahead\)/ });
    expect(await drawing.locator('desc').textContent()).toBe('Pair by pair: 12.2×, 13.1×, 12.6×, 11.7×, 13.6×');
  });

  it('draws each ratio where its axis has it, with a dot for every pair', async () => {
    const { page } = await open('full', DESKTOP);
    const drawing = (name: RegExp) => page.getByRole('img', { name });
    const behind = drawing(/^add, 100 in flight: 0\.92× bee-queue \(behind\)/);
    const ahead = drawing(/^add, 100 in flight: 4\.40× bullmq \(ahead\)/);

    const [unity, bar, median] = await Promise.all(
      ['.unity', '.bar', '.median'].map((part) => ahead.locator(part).boundingBox()),
    );
    expect(Math.abs(bar!.x - unity!.x)).toBeLessThan(LINE_WIDTH);
    expect(Math.abs(bar!.x + bar!.width - median!.x)).toBeLessThan(LINE_WIDTH);
    expect(await ahead.locator('.pair').count()).toBe(5);
    const [left, word] = await Promise.all(['.bar', '.word'].map((part) => behind.locator(part).boundingBox()));
    expect(Math.abs(left!.x + left!.width - unity!.x)).toBeLessThan(LINE_WIDTH);
    expect(await behind.locator('.word').textContent()).toBe('behind');
    expect(word!.x).toBeGreaterThan(unity!.x);
  });

  it.each(['light', 'dark'] as const)('has text that stands out from the paper: %s', async (scheme) => {
    const { page } = await open('full', DESKTOP, scheme);

    const selectors = ['body', '.lead', '.headlines b', '.met.yes', '.axis text', '.word'];
    const paper = await page.evaluate<string>(PAPER);
    const inks = await Promise.all(selectors.map((selector) => page.evaluate<string>(inkOf(selector))));

    expect(luminance(paper) > 0.5).toBe(scheme === 'light');
    for (const ink of inks) expect(contrast(ink, paper)).toBeGreaterThanOrEqual(4.5);
  });
}

/** The right edge of whatever reaches furthest. A program of the page, as the texts below it. */
const WIDEST = `(() => {
  const edges = [...document.querySelectorAll('main *')].map((element) => element.getBoundingClientRect().right);
  return Math.ceil(Math.max(document.documentElement.scrollWidth, ...edges) - 0.5);
})()`;

const PAPER = 'getComputedStyle(document.body).backgroundColor';

/** The colour of an element's text, drawn or written. */
function inkOf(selector: string): string {
  return `(({ fill, color }, isDrawn) => (isDrawn ? fill : color))(
    getComputedStyle(document.querySelector('${selector}')), document.querySelector('${selector}') instanceof SVGElement)`;
}

/** Contrast of two colours as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
