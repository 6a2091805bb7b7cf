/** The look of all pages. Two palettes, chosen by the reader's system; no font, image or rule from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #dfe3e8; --text: #1c2430; --muted: #5d6877;
  --accent: #24619e; --accent-text: #ffffff; --track: #e4e9ef; --soft: #eef3f8;
  --warn: #8a4b08; --warn-soft: #fdf3e3; --good: #226b43; --good-soft: #e8f4ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2029; --line: #2d3642; --text: #e3e8ee; --muted: #98a4b3;
    --accent: #7fb2e5; --accent-text: #0d1b2a; --track: #2a3440; --soft: #212a35;
    --warn: #f0bd74; --warn-soft: #32281a; --good: #86cfa3; --good-soft: #1b2d23;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
.wrap { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
main.wrap { padding-top: 32px; padding-bottom: 64px; }
.top { background: var(--card); border-bottom: 1px solid var(--line); }
.top .wrap { display: flex; align-items: baseline; gap: 10px; padding-top: 14px; padding-bottom: 14px; }
.brand { color: inherit; font-weight: 600; text-decoration: none; }
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; }
h2 { margin: 0; font-size: 17px; font-weight: 600; }
p { margin: 0; }
a { color: var(--accent); }
.muted { color: var(--muted); }
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.88em; }
.path { overflow-wrap: anywhere; }
.card { margin-top: 20px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.card > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 12px; padding: 16px 20px 12px; }
.card > .body { padding: 0 20px 20px; }
.note { padding: 0 20px 18px; color: var(--muted); }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 24px; }
.tile { padding: 14px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile b { display: block; font-size: 24px; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile.warn { background: var(--warn-soft); border-color: transparent; color: var(--warn); }
.tile.good { background: var(--good-soft); border-color: transparent; color: var(--good); }
.tile.warn .muted, .tile.good .muted { color: inherit; }

.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { padding: 6px 12px; text-align: left; font-size: 13px; font-weight: 500; color: var(--muted); white-space: nowrap; }
td { padding: 8px 12px; border-top: 1px solid var(--line); vertical-align: baseline; }
th:first-child, td:first-child { padding-left: 20px; }
th:last-child, td:last-child { padding-right: 20px; }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.name { overflow-wrap: anywhere; font-weight: 500; }
.share { width: 34%; vertical-align: middle; }
.bar { display: block; height: 8px; background: var(--track); border-radius: 4px; overflow: hidden; }
.bar i { display: block; height: 100%; min-width: 2px; background: var(--accent); border-radius: 4px; }
.tag { display: inline-block; margin: 1px 6px 1px 0; padding: 0 8px; background: var(--soft); border-radius: 5px; white-space: nowrap; }
.num .tag:last-child { margin-right: 0; }
.tag.warn { background: var(--warn-soft); color: var(--warn); }
.places { margin: 0; padding: 0; list-style: none; }
.places li { overflow-wrap: anywhere; }

form { display: flex; flex-wrap: wrap; gap: 10px; }
input {
  flex: 1 1 320px; min-width: 0; padding: 9px 12px; color: inherit; background: var(--page);
  border: 1px solid var(--line); border-radius: 7px; font: inherit;
}
button, .button {
  padding: 9px 18px; border: 0; border-radius: 7px; background: var(--accent); color: var(--accent-text);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
button:disabled { opacity: 0.55; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.error { margin-top: 12px; padding: 10px 14px; border-radius: 7px; background: var(--warn-soft); color: var(--warn); overflow-wrap: anywhere; }
[hidden] { display: none !important; }

.steps { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; margin-top: 18px; }
.step b { display: flex; justify-content: space-between; gap: 8px; margin-bottom: 6px; font-weight: 500; }
.step span { color: var(--muted); font-weight: 400; font-variant-numeric: tabular-nums; }
.progress .bar i { min-width: 0; width: 0; transition: width 0.2s ease-out; }
.end { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 16px; margin-top: 20px; }
.filter { margin-left: auto; flex: 0 1 260px; padding: 5px 10px; }
@media (max-width: 640px) {
  .wrap { padding: 0 16px; }
  .steps { grid-template-columns: 1fr 1fr; }
  .share { display: none; }
}
@media print { body { background: none; } .filter, .top { display: none; } .card { break-inside: avoid-page; } }
`;
