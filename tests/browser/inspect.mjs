// Opens pages in headless Chromium and writes what it measures as JSON; what is right is decided in Python.
//
//   node inspect.mjs < tasks > measured
//
// A task is a line of JSON, and so is what was measured of it: {browser, pages: [{name, path, kind}], shots, prints}.
// kind "report" is measured unfolded at both widths, where everything that a folded page shows is there too, and folded
// for what folding alone can change: how close together its links and buttons lie. Contrast, which takes half of axe's
// time, is read of one text of each look. A page is loaded once, at the wide width, and its window made narrow after.
// "edge" is read by axe at the narrow width only; "sizes" not by axe at all, which takes most of the time; "live" is
// poked at in every way that could start a script; "look" is only checked by axe and photographed; "print" is made into
// a PDF as `procanalysis run --pdf` makes it, in the folder that the task names, under its number.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [WIDE, NARROW] = [1280, 320];
const HEIGHTS = { [WIDE]: 900, [NARROW]: 640 };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// One tab for all the pages of a browser: what starts a tab, and what axe is compiled to, serves them all.
async function opened(browser, page, requests) {
  const [tab] = await browser.pages();
  await tab.bringToFront();
  await tab.setViewport({ width: WIDE, height: HEIGHTS[WIDE] });
  tab.removeAllListeners("request");
  tab.on("request", (request) => requests.push(request.url()));
  await tab.goto(pathToFileURL(page.path).href, { waitUntil: "load" });
  return tab;
}

// Makes the window narrow, and waits until every picture shows the drawing that is meant for it.
async function narrowed(tab) {
  await tab.setViewport({ width: NARROW, height: HEIGHTS[NARROW] });
  await tab.evaluate(async () => {
    const isShown = (picture) => {
      const image = picture.querySelector("img");
      const source = [...picture.querySelectorAll("source")].find((each) => matchMedia(each.media).matches);
      return image.complete && image.currentSrc === (source ? source.srcset : image.src);
    };
    const areShown = () => [...document.querySelectorAll("picture")].every(isShown);
    for (let wait = 0; wait < 3000 && !areShown(); wait += 1) await new Promise((done) => { setTimeout(done, 10); });
    if (!areShown()) throw new Error("a picture does not follow the width of the window");
  });
}

async function axe(tab, only = { type: "tag", values: RULES }) {
  if (await tab.evaluate(() => !window.axe)) {
    await tab.evaluate(axeSource);
    await tab.evaluate(() => window.axe.configure({ rules: [{ id: "color-contrast", selector: "[data-read-contrast]" }] }));
  }
  return tab.evaluate(async (runOnly) => {
    const found = await window.axe.run(document, { runOnly, resultTypes: ["violations"] });
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.html.slice(0, 120)}`));
  }, only);
}
const FOLDING = { type: "rule", values: ["target-size"] };

// Tells whether any link or button that is shown is too small and too close to another, or lies over it: WCAG 2.5.8
// without its exceptions, which axe knows. Where there is none axe has nothing to find.
const crowded = (tab) => tab.evaluate(() => {
  const shown = [...document.querySelectorAll("a,area,summary,button,input,select,textarea,[role=link],[role=button]")]
    .filter((element) => element.getClientRects().length);
  const boxes = shown.map((element) => ({ element, ...element.getBoundingClientRect().toJSON() }));
  const isSmall = (box) => box.width < 24 || box.height < 24;
  const away = (at, from, to) => Math.max(from - at, 0, at - to);
  return boxes.some((one) => boxes.some((other) => {
    if (one === other || one.element.contains(other.element) || other.element.contains(one.element)) return false;
    const [x, y] = [(one.left + one.right) / 2, (one.top + one.bottom) / 2];
    const toBox = Math.hypot(away(x, other.left, other.right), away(y, other.top, other.bottom));
    const toMiddle = Math.hypot(x - (other.left + other.right) / 2, y - (other.top + other.bottom) / 2);
    const over = Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0
      && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 0;
    return over || (isSmall(one) && (toBox < 12 || (isSmall(other) && toMiddle < 24)));
  }));
});

// Chooses the texts whose contrast axe reads: the first of each look, since another has the same if it and all that it
// lies in look the same. A text over or under a background that it does not lie in is always read.
const chooseContrast = (tab) => tab.evaluate(() => {
  const [looks, places, read, texts, grounds] = [new Map(), new Map(), new Set(), [], []];
  for (const element of document.querySelectorAll("*")) {
    element.removeAttribute("data-read-contrast");
    const style = getComputedStyle(element);
    const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textShadow, visibility } = style;
    const look = [places.get(element.parentElement), color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight,
      textShadow, visibility].join();
    if (!looks.has(look)) looks.set(look, looks.size);
    places.set(element, looks.get(look));
    // What only a screen reader meets has no contrast, and speaks for no text that the eye meets.
    if (!element.getClientRects().length || element.closest(".unseen,.pa-hidden,.skip")) continue;
    const box = element.getBoundingClientRect();
    const isSeenThrough = /^rgba\(.*, 0\)$/.test(backgroundColor) && backgroundImage === "none" && !element.matches("img");
    if (!isSeenThrough) grounds.push({ element, box });
    const words = [...element.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.data : "")).join("").trim();
    // Axe does not judge a single sign, so that one does not speak for longer words.
    if (words) texts.push({ element, box, look: `${looks.get(look)} ${words.length > 1}` });
  }
  const isOver = (one, other) => one.left < other.right && other.left < one.right
    && one.top < other.bottom && other.top < one.bottom;
  for (const { element, box, look } of texts) {
    const isCrossed = grounds.some((ground) => isOver(box, ground.box)
      && !ground.element.contains(element) && !element.contains(ground.element));
    if (!read.has(look) || isCrossed) element.setAttribute("data-read-contrast", "");
    read.add(look);
  }
});

const unfold = (tab) => tab.evaluate(() => {
  window.folded = document.querySelectorAll("details:not([open])");
  window.folded.forEach((each) => { each.open = true; });
});

// Makes a page that has been unfolded and spaced what it was.
const restored = (tab) => tab.evaluate(() => {
  document.adoptedStyleSheets = [];
  window.folded.forEach((each) => { each.open = false; });
});

// Facts about the document that do not depend on its width.
const facts = (tab) => tab.evaluate(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const words = (element) => element.textContent.trim();
  return {
    lang: document.documentElement.lang,
    title: document.title,
    policy: document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.content ?? "",
    headings: all("h1,h2,h3,h4,h5,h6").map((heading) => Number(heading.tagName[1])),
    scripts: all("script,iframe,object,embed,base,link,form,svg").length,
    handlers: all("*").flatMap((e) => [...e.attributes].filter((a) => a.name.startsWith("on")).map((a) => a.name)),
    links: all("a[href],area[href]").map((link) => link.getAttribute("href")),
    images: all("img").map((image) => ({ alt: image.alt, loaded: image.naturalWidth > 0, chart: image.matches(".pa-chart") })),
    figures: all("figure").map((figure) => ({
      title: words(figure.querySelector("figcaption")),
      source: Boolean(figure.querySelector(".pa-source")),
      table: Boolean(figure.querySelector("details table")),
    })),
    tables: all("table").map((table) => ({
      caption: table.caption ? words(table.caption) : "",
      heads: [...table.querySelectorAll("th")].length,
      scoped: [...table.querySelectorAll("th")].filter((head) => ["col", "row", "rowgroup"].includes(head.scope)).length,
      rows: [...table.tBodies].reduce((sum, body) => sum + body.rows.length, 0),
      rowHeads: [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => row.cells[0].tagName === "TH").length,
      numbers: [...table.querySelectorAll("tbody .pa-number")].map(words),
    })),
    statuses: all(".pa-status").map((status) => words(status)),
    texts: all("p,li,dd,dt,h1,h2,h3,h4,caption,summary")
      .filter((e) => !e.closest(".code,footer,.pa-method") && !e.querySelector("p,li,dd")).map(words),
  };
});

// What the eye meets: widths, clipped text, chart text.
const sizes = (tab) => tab.evaluate(() => {
  const hidden = (element) => element.closest(".unseen,.pa-hidden,.skip");
  const boxes = [...document.querySelectorAll("main *, header *, footer *")].filter((e) => e.getClientRects().length && !hidden(e));
  const clipped = boxes.filter((element) => {
    if (element.scrollWidth <= element.clientWidth + 1 && element.scrollHeight <= element.clientHeight + 1) return false;
    const style = getComputedStyle(element);
    const holds = (sides) => sides.some((side) => side === "hidden" || side === "clip");
    const across = holds([style.overflowX]) && element.scrollWidth > element.clientWidth + 1;
    const down = holds([style.overflowY]) && element.scrollHeight > element.clientHeight + 1;
    // A box with an edge of its own that its words stick out of looks broken although nothing is hidden.
    const boxed = element.matches(".pa-card,.pa-callout,.pa-status,td,th,li,h1,h2,h3,dd,dt,pre,caption,.mark,.pa-fictional");
    return across || down || (boxed && element.scrollWidth > element.clientWidth + 2 && style.display !== "inline");
  });
  const page = document.documentElement;
  return {
    page: page.scrollWidth,
    clipped: clipped.map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 80)}`),
  };
});

// Boxes whose contents are wider than they are: their name, and whether the keyboard reaches and moves them.
async function scrolling(tab) {
  const names = await tab.$$eval(".pa-scroll", (all) => all.map((e) => (e.scrollWidth > e.clientWidth + 1 && e.getClientRects().length
    ? `${e.getAttribute("role") ? "" : "no role"}${e.getAttribute("aria-label") ?? ""}` : null)));
  const boxes = [];
  for (const [place, name] of names.entries()) {
    if (name === null) continue;
    const reached = await tab.evaluate((at) => {
      const box = document.querySelectorAll(".pa-scroll")[at];
      box.focus();
      return box.tabIndex === 0 && document.activeElement === box;
    }, place);
    await tab.keyboard.press("ArrowRight");
    const moves = reached && await tab.evaluate(async (at) => {
      const box = document.querySelectorAll(".pa-scroll")[at];
      for (let wait = 0; wait < 1200 && box.scrollLeft === 0; wait += 1) await new Promise((done) => setTimeout(done, 25));
      const moved = box.scrollLeft > 0;
      box.scrollLeft = 0;
      box.blur();
      return moved;
    }, place);
    boxes.push({ name, moves });
  }
  return boxes;
}

// Draws the charts in the page itself, where their texts can be measured: size, place, and who covers whom. All of them
// are put in before any is measured, so that the page is laid out once.
const charts = (tab) => tab.evaluate(() => {
  const drawn = [...document.querySelectorAll("img.pa-chart")].map((image) => {
    const address = image.currentSrc || image.src;
    const bytes = Uint8Array.from(atob(address.split(",")[1]), (sign) => sign.charCodeAt(0));
    const root = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml").documentElement;
    const scale = image.getBoundingClientRect().width / root.viewBox.baseVal.width;
    const live = root.querySelectorAll("script,a,foreignObject,image,use[href^='http']").length;
    root.setAttribute("style", "position:absolute;left:0;top:0");
    // At the size that the reader sees: letters are set to whole pixels, so that another size has other widths.
    root.setAttribute("width", root.viewBox.baseVal.width * scale);
    root.setAttribute("height", root.viewBox.baseVal.height * scale);
    return { image, root, scale, live };
  });
  document.body.append(...drawn.map((each) => each.root));
  const measured = drawn.map(({ image, root, scale, live }) => {
    const frame = root.getBoundingClientRect();
    const texts = [...root.querySelectorAll("text")].map((text) => {
      const box = text.getBoundingClientRect();
      const style = getComputedStyle(text);
      return { words: text.textContent.trim(), size: parseFloat(style.fontSize) * scale, colour: style.fill,
        left: box.left - frame.left, right: box.right - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top };
    });
    const outside = texts.filter((t) => t.left < -2 || t.top < -3 || t.right > frame.width + 2 || t.bottom > frame.height + 3);
    const covered = [];
    texts.forEach((one, index) => texts.slice(index + 1).forEach((other) => {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // The boxes are as tall as a line, so lines that follow each other touch by a little.
      if (across > 1 && down > 5) covered.push(`${one.words} | ${other.words}`);
    }));
    return { alt: image.alt, live, smallest: Math.min(...texts.map((text) => text.size)), texts: texts.map((t) => t.words),
      outside: outside.map((text) => text.words), covered };
  });
  drawn.forEach((each) => each.root.remove());
  return measured;
});

// WCAG 1.4.12: a reader's own spacing must not hide anything.
const spaced = (tab) => tab.evaluate(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
    + "p{margin-bottom:2em!important}");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
});

async function report(browser, page, shots) {
  const measured = { requests: [], axe: {}, sizes: {}, charts: {} };
  const isReport = page.kind === "report";
  const tab = await opened(browser, page, measured.requests);
  measured.facts = await facts(tab);
  await tab.keyboard.press("Tab");
  measured.firstStop = await tab.evaluate(() => [document.activeElement.className, document.activeElement.textContent]);
  await tab.evaluate(() => document.activeElement.blur());
  for (const width of [WIDE, NARROW]) {
    if (width === NARROW) {
      await restored(tab);
      await narrowed(tab);
    }
    if (shots) await tab.screenshot({ path: `${shots}/${page.name}-${width}.png`, fullPage: true });
    if (isReport) measured.axe[width] = await crowded(tab) ? await axe(tab, FOLDING) : [];
    await unfold(tab);
    measured.sizes[width] = await sizes(tab);
    measured.charts[width] = await charts(tab);
    if (isReport && width === NARROW) measured.scrolling = await scrolling(tab);
    if (isReport || (page.kind === "edge" && width === NARROW)) {
      await chooseContrast(tab);
      measured.axe[`${width} unfolded`] = await axe(tab);
    }
    if (shots && width === NARROW) {
      await tab.screenshot({ path: `${shots}/${page.name}-${width}-unfolded.png`, fullPage: true });
    }
    await spaced(tab);
    measured.sizes[`${width} spaced`] = await sizes(tab);
  }
  return measured;
}

// Everything that a reader could do to start a script that hides in a page.
async function live(browser, page) {
  const measured = { requests: [], dialogs: [], before: "", after: "" };
  const tab = await browser.newPage();
  tab.on("request", (request) => measured.requests.push(request.url()));
  tab.on("dialog", async (dialog) => { measured.dialogs.push(dialog.message()); await dialog.dismiss(); });
  await tab.goto(pathToFileURL(page.path).href, { waitUntil: "load" });
  measured.before = await tab.title();
  await unfold(tab);
  measured.leads = await tab.evaluate(() => [...document.querySelectorAll("[href],[src],[action],[srcset],[data],[formaction]")]
    .flatMap((e) => ["href", "src", "action", "srcset", "data", "formaction"].map((name) => e.getAttribute(name)))
    .filter(Boolean).map((address) => address.slice(0, 60)));
  measured.handlers = await tab.evaluate(() => [...document.querySelectorAll("*")].flatMap((element) =>
    [...element.attributes].filter((attribute) => attribute.name.startsWith("on")).map((attribute) => attribute.name)));
  measured.scripts = await tab.evaluate(() => document.querySelectorAll("script,iframe,object,embed,base,form,svg").length);
  await tab.evaluate(() => {
    for (const element of document.querySelectorAll("*")) {
      for (const name of ["mouseover", "mouseenter", "focus", "error", "load", "pointerenter", "toggle", "animationstart"]) {
        element.dispatchEvent(new Event(name));
      }
      // Links to the files beside the page would only lead away from it.
      if (element.matches("a") && /^\s*(#|[a-z]+\s*:)/i.test(element.getAttribute("href") ?? "")) element.click();
    }
  });
  await new Promise((done) => { setTimeout(done, 300); });
  measured.after = await tab.title();
  measured.ran = await tab.evaluate(() => window.procanalysisRan ?? null);
  measured.address = tab.url().split("#")[0];
  await tab.close();
  return measured;
}

async function look(browser, page, shots) {
  const measured = { requests: [] };
  const tab = await opened(browser, page, measured.requests);
  await unfold(tab);
  await chooseContrast(tab);
  measured.axe = await axe(tab);
  measured.aligned = await tab.evaluate(() => [...new Set(
    [...document.querySelectorAll("table :is(th,td):not(.pa-number)")].map((cell) => getComputedStyle(cell).textAlign))]);
  measured.background = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  if (shots) await tab.screenshot({ path: `${shots}/${page.name}.png`, fullPage: true });
  return measured;
}

async function print(browser, page) {
  const tab = await opened(browser, page, []);
  // The margins that Chromium's own printing has where a page asks for none: a centimetre.
  const margin = { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" };
  await tab.pdf({ path: page.print, margin, preferCSSPageSize: true, printBackground: true, tagged: true, outline: true });
  return { pdf: page.print };
}

const kinds = { report, edge: report, sizes: report, live, look, print };
const browsers = [];

// A browser each, and two at most: of two tabs in one browser only the one in front is drawn. They are kept for the tasks
// to come, since to start one costs as much as a few pages.
async function done(task) {
  const results = {};
  const waiting = task.pages.map((page, place) => ({ ...page, print: `${task.prints}/${place}.pdf` }));
  const wanted = Math.max(browsers.length, waiting.length > 4 ? 2 : 1);
  while (browsers.length < wanted) {
    browsers.push(await puppeteer.launch({
      executablePath: task.browser,
      // A container's root has no sandbox to use; everything else does.
      args: ["--disable-gpu", "--hide-scrollbars", "--disable-smooth-scrolling",
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    }));
  }
  await Promise.all(browsers.map(async (browser) => {
    for (let page = waiting.shift(); page; page = waiting.shift()) {
      results[page.name] = await kinds[page.kind](browser, page, task.shots);
    }
  }));
  return results;
}

try {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await done(JSON.parse(line)))}\n`);
  }
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
}
