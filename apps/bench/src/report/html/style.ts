/** The look of the page: one accent colour, numbers in columns, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1c1f24; --muted: #5d6570; --line: #e4e5e4; --faint: #f3f4f3;
  --accent: #1f5fbf; --accent-soft: #cfdff6; --peer: #a9afb8; --behind: #a84300; --behind-soft: #f6ddca;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e6e8ea; --muted: #9aa3ae; --line: #2b3037; --faint: #1b1f24;
    --accent: #7fb0ff; --accent-soft: #253f68; --peer: #5d6671; --behind: #f0a070; --behind-soft: #4d3020;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 58rem; margin: 0 auto; padding: 4rem 1.25rem 6rem; overflow-wrap: break-word; }
h2, p, li, dd, dl div, .targets th { min-width: 0; overflow-wrap: anywhere; }
section { margin-top: 5rem; }
h1 { margin: 0; font-size: clamp(1.75rem, 5vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; font-weight: 650; }
h2 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; font-weight: 650; }
.lead { margin: .75rem 0 0; font-size: 1.125rem; color: var(--muted); }
.defs { position: absolute; }
.against { margin: 3rem 0 1rem; font-size: .8125rem; color: var(--muted); }
.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.5rem 2rem; margin: 0 0 3rem; padding: 0; list-style: none; }
.headlines b { display: block; font-size: 2.5rem; line-height: 1.1; letter-spacing: -.03em; font-weight: 600; color: var(--accent); }
.headlines span { display: block; margin-top: .35rem; font-size: .875rem; line-height: 1.4; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem 2rem; margin: 2.5rem 0 0; padding: 1.5rem 0 0; border-top: 1px solid var(--line); font-size: .9375rem; }
dt { font-size: .8125rem; color: var(--muted); }
dd { margin: 0; }
section > p { margin: .75rem 0 0; max-width: 44rem; }
section > ul { padding-left: 1.1rem; }

table { width: 100%; margin-top: 2rem; border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .75rem; text-align: left; font-size: .875rem; line-height: 1.45; color: var(--muted); }
caption strong { color: var(--ink); font-weight: 600; }
th, td { padding: .4rem 0 .4rem 1rem; text-align: right; vertical-align: baseline; font-weight: 400; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { font-size: .8125rem; color: var(--muted); vertical-align: bottom; }
small { display: block; font-size: .8125rem; line-height: 1.4; color: var(--muted); }

.targets td { white-space: nowrap; }
.targets tbody tr, .libraries tbody tr { border-top: 1px solid var(--line); }
.targets th:last-child, .targets td:last-child { width: 7.5rem; text-align: left; padding-left: 1.25rem; }
.met { display: inline-block; padding: 0 .55rem; border: 1px solid var(--accent); border-radius: 1rem; font-size: .8125rem; line-height: 1.35rem; color: var(--accent); }
.met.aim { background: var(--accent); color: var(--paper); }
.met.no { border-color: var(--behind); background: var(--behind-soft); color: var(--ink); font-weight: 600; }
.met.not-measured { border-color: transparent; padding: 0; color: var(--muted); }
.libraries { table-layout: fixed; } .libraries col.name { width: 7.5rem; } .libraries col.version { width: 5.5rem; }
.libraries th, .libraries td { text-align: left; }

.plot { table-layout: fixed; }
.plot th, .plot td { padding-top: 0; padding-bottom: 0; vertical-align: middle; }
.plot col.name { width: 8.5rem; } .plot col.value { width: 6rem; } .plot col.spread { width: 7.5rem; } .plot col.percentile { width: 4rem; }
.plot td.spread { color: var(--muted); font-size: .875rem; }
tbody th[scope=rowgroup] { padding-top: 1rem; padding-bottom: .2rem; font-weight: 600; text-align: left; }
.plot tbody th[scope=row], .costs tbody th[scope=row] { color: var(--muted); }
.plot .ours th[scope=row], .costs .ours th[scope=row], .plot .ours td, .costs .ours td { color: var(--ink); }
.plot .ours td:nth-child(n+3) { font-weight: 600; }
.plot td { white-space: nowrap; }
.plot .note td { white-space: normal;  padding-bottom: .5rem; text-align: left; font-size: .8125rem; line-height: 1.4; color: var(--muted); }
.costs { table-layout: fixed; } .costs thead th:first-child { width: 13rem; }
.costs th, .costs td { padding-top: .15rem; padding-bottom: .15rem; }
.costs .theirs td { color: var(--muted); }

svg { display: block; overflow: visible; }
.grid line { stroke: var(--line); }
.word { font-size: 12px; font-weight: 600; fill: var(--behind); } .word.left { text-anchor: end; } .even .word { fill: var(--muted); }
.axis text { fill: var(--muted); font-size: 12px; text-anchor: middle; }
.bar { fill: var(--accent-soft); }
.amounts .ours .bar { fill: var(--accent); }
.amounts .theirs .bar { fill: var(--peer); }
.compared .bar { fill: var(--line); }
.behind .bar { fill: url(#hatching); stroke: var(--behind); }
#hatching rect { fill: var(--behind-soft); } #hatching line { stroke: var(--behind); stroke-width: 2; opacity: .45; }
.unity { stroke: var(--ink); stroke-width: 1.5; }
.whisker { stroke: var(--accent); stroke-width: 1.25; }
.median { stroke: var(--accent); stroke-width: 2.5; }
.pair { fill: var(--accent); fill-opacity: .75; }
.behind .whisker, .behind .median { stroke: var(--behind); } .behind .pair { fill: var(--behind); }
.even .whisker, .even .median, .compared .whisker, .compared .median { stroke: var(--muted); } .even .pair, .compared .pair { fill: var(--muted); }
.range { stroke: var(--peer); stroke-width: 2; } .p50 { fill: var(--peer); } .p99 { fill: var(--paper); stroke: var(--peer); stroke-width: 2; }
.ours .range, .ours .p99 { stroke: var(--accent); } .ours .p50 { fill: var(--accent); }

@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; gap: .4rem; } dl div { display: grid; grid-template-columns: 5rem 1fr; align-items: baseline; }
  main { padding: 2.5rem 1rem 4rem; }
  section { margin-top: 4rem; }
  .headlines { grid-template-columns: 1fr 1fr; gap: 1.5rem 1rem; margin-bottom: 2rem; }
  .headlines b { font-size: 2rem; }
  th, td { padding-left: .5rem; }
  table { font-size: .875rem; }
  .plot td.spread, .plot th.spread { padding: 0; font-size: 0; } .plot col.spread { width: 0; }
  .axis .minor { display: none; }
  .plot col.name { width: 5.25rem; } .plot col.value { width: 4.75rem; } .plot col.percentile { width: 3.25rem; }
  .libraries col.name { width: 5.25rem; } .libraries col.version { width: 4rem; }
  .plot th[scope=row], .costs th[scope=row] { font-size: .8125rem; line-height: 1.2; }
  .word { font-size: 12px; font-weight: 600; fill: var(--behind); } .word.left { text-anchor: end; } .even .word { fill: var(--muted); }
.axis text { font-size: 11px; }
}
@media (max-width: 34rem) {
  .costs { font-size: .8125rem; } .costs thead th:first-child { width: 5.25rem; } .costs th, .costs td { padding-left: .25rem; }
  .costs th:first-child { padding-left: 0; }
  .targets tr { display: grid; grid-template-columns: 1fr 1fr 1.2fr 6.25rem; padding: .5rem 0; }
  .targets tr > * { padding: 0; text-align: left; }
  .targets tr > th:first-child { grid-column: 1 / -1; font-weight: 500; }
  .targets thead th:first-child { display: none; }
  .targets th:last-child, .targets td:last-child { width: auto; padding: 0; }
}
@media print { section { break-inside: auto; } tbody { break-inside: avoid; } }
`;
