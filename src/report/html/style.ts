/**
 * The style of the page. Colours come in pairs for light and dark, each with the contrast of WCAG AA on its ground; nothing is
 * told by colour alone. No font, image or script comes from elsewhere.
 */
export const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --text: #1b1e22; --dim: #545b64; --line: #c9ced4; --edge: #767d86;
  --panel: #f4f6f8; --good: #0b6330; --warn: #7d4a00; --bad: #a8121a; --link: #0b57a4;
  --check: #5b6470; --download: #1f5fa8; --activate: #7a3d9c; --verify: #14693a; --wait: #c9ced4; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --text: #e7eaee; --dim: #aab1ba; --line: #3b424b; --edge: #8a929c;
    --panel: #1d2127; --good: #6fd394; --warn: #f0b861; --bad: #ff9189; --link: #86b9f5;
    --check: #98a1ad; --download: #6ca8ec; --activate: #c792e6; --verify: #6fd394; --wait: #4a525c; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.6rem; border-bottom: 1px solid var(--line); padding-bottom: 0.2rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 0.3rem; overflow-wrap: anywhere; }
p, ul, dl { margin: 0.4rem 0; }
code, .mono { font-family: ui-monospace, 'SFMono-Regular', 'DejaVu Sans Mono', monospace; font-size: 0.875em; overflow-wrap: anywhere; }
.verdict { border-left: 0.5rem solid var(--edge); background: var(--panel); padding: 0.7rem 1rem; }
.verdict p:first-child { font-size: 1.15rem; font-weight: 600; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .dim { color: var(--dim); }
.verdict.is-good { border-color: var(--good); } .verdict.is-warn { border-color: var(--warn); } .verdict.is-bad { border-color: var(--bad); }
.simulated { border: 2px dashed var(--warn); color: var(--warn); padding: 0.3rem 0.8rem; font-weight: 600; }
.trouble { border: 1px solid var(--line); border-left: 0.35rem solid var(--edge); padding: 0.1rem 1rem 0.6rem; margin: 0.8rem 0; break-inside: avoid; }
.trouble.is-bad { border-left-color: var(--bad); } .trouble.is-warn { border-left-color: var(--warn); }
.next { font-weight: 600; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--link); }
table { border-collapse: collapse; width: 100%; font-size: 0.94rem; }
caption { text-align: left; color: var(--dim); padding-bottom: 0.2rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.7rem 0.3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { color: var(--dim); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.short { white-space: nowrap; }
summary { cursor: pointer; padding: 0.2rem 0; }
summary:focus-visible { outline: 2px solid var(--link); }
figure { margin: 0.8rem 0; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.timeline svg { min-width: 40rem; } .topology svg { min-width: 44rem; }
svg text { fill: var(--text); } svg .dim-text { fill: var(--dim); }
svg .axis { stroke: var(--line); } svg .wire { stroke: var(--edge); fill: none; stroke-width: 1.5; } svg .wire.dark { stroke-dasharray: 5 4; stroke: var(--warn); stroke-width: 2; }
svg .box { fill: var(--panel); stroke: var(--edge); } svg .cell { fill: var(--panel); stroke: var(--edge); }
svg .at-good { stroke: var(--good); stroke-width: 2.5; } svg .at-warn { stroke: var(--warn); stroke-width: 2.5; } svg .at-bad { stroke: var(--bad); stroke-width: 3.5; }
svg .cell.at-good { fill: var(--good); } svg .cell.at-warn { fill: var(--warn); } svg .cell.at-bad { fill: var(--bad); }
svg .slash { stroke: var(--warn); stroke-width: 2; } svg .cross { stroke: var(--bad); stroke-width: 2.5; }
svg .ph-check { fill: var(--check); } svg .ph-download { fill: var(--download); } svg .ph-activate { fill: var(--activate); } svg .ph-verify { fill: var(--verify); }
svg .wait { fill: var(--wait); } svg .gap { fill: none; stroke: var(--bad); stroke-width: 2; } svg .sent { fill: none; stroke: var(--ground); stroke-width: 1.5; }
svg .mark { stroke: var(--warn); stroke-width: 2; } svg .stop { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 3 3; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; padding: 0; list-style: none; color: var(--dim); font-size: 0.875rem; }
.swatch { display: inline-block; width: 0.85em; height: 0.85em; margin-right: 0.4em; border: 1px solid var(--edge); vertical-align: -0.08em; }
.sw-check { background: var(--check); } .sw-download { background: var(--download); } .sw-activate { background: var(--activate); } .sw-verify { background: var(--verify); } .sw-wait { background: var(--wait); }
.sw-gap { border: 2px solid var(--bad); } .sw-mark { border-width: 0 0 0 2px; border-color: var(--warn); width: 2px; } .sw-stop { border-width: 0 0 0 2px; border-style: dashed; border-color: var(--bad); width: 2px; }
.sw-good { background: var(--good); } .sw-warn { background: var(--warn); } .sw-bad { background: var(--bad); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.2rem; }
dl.facts dt { color: var(--dim); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.bar { display: inline-block; vertical-align: middle; width: 7rem; min-width: 7rem; height: 0.8rem; }
@media (max-width: 40rem) {
  main { padding: 0.5rem 0.8rem 2rem; } .wide { display: none; }
  .timeline table { min-width: 76rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: 0.5rem; }
}
@page { margin: 12mm 14mm; }
@media print {
  :root { --ground: #ffffff; --text: #000000; --dim: #444444; --line: #bbbbbb; --edge: #666666; --panel: #f4f4f4;
    --good: #0b6330; --warn: #7d4a00; --bad: #a8121a; --check: #5b6470; --download: #1f5fa8; --activate: #7a3d9c; --verify: #14693a; --wait: #c9ced4; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; } .scroll { overflow: visible; }
  table { font-size: 8pt; } th, td { padding-right: 0.4rem; }
  .timeline svg, .topology svg { min-width: 0; max-height: 20cm; } tr, figure, .trouble { break-inside: avoid; } h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible !important; display: block !important; }
}
`;
