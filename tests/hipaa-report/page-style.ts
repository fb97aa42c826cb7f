/** The look of the report: on a screen, in the dark, and on paper. Statuses are words; their colours only repeat them. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #16212b; --paper: #fff; --line: #b9c3cb; --soft: #f2f5f7; --link: #0b5394;
  --passed: #0b5d34; --failed: #9c1c1c; --not-yet: #59636b; --operator: #54308a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf1; --paper: #12181d; --line: #47535d; --soft: #1c252c; --link: #8ec5f7;
  --passed: #7fd6a6; --failed: #ff9d9d; --not-yet: #a9b4bc; --operator: #cbb2f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h2 { margin-top: 2.5rem; border-bottom: 2px solid var(--line); }
h4 { margin: 0 0 .5rem; font-size: 1.05rem; }
a { color: var(--link); }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.skip { position: absolute; left: -100vw; } .skip:focus { position: static; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
dl { display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; gap: .25rem 1rem; margin: 0; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
article { margin: 1rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-inline-start: .4rem solid; border-radius: .3rem; }
article.passed { border-inline-start-color: var(--passed); } article.failed { border-inline-start-color: var(--failed); }
article.not-yet { border-inline-start-color: var(--not-yet); background: var(--soft); color: var(--not-yet); }
article.operator { border-inline-start-color: var(--operator); }
.badge { padding: 0 .5em; border: 1px solid; border-radius: 1em; font-size: .9em; font-weight: 600; white-space: nowrap; }
.badge.passed, a.passed { color: var(--passed); } .badge.failed, a.failed, li.failed { color: var(--failed); }
.badge.not-yet, a.not-yet { color: var(--not-yet); } .badge.operator, a.operator { color: var(--operator); }
a.failed { font-weight: 700; }
.faults { padding: 0 1rem; border: 2px solid var(--failed); border-radius: .3rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: start; font-weight: 600; }
th, td { padding: .25rem .5rem; border: 1px solid var(--line); text-align: start; vertical-align: top; }
td.links a { display: inline-block; }
details ul { margin: .25rem 0 .5rem; padding-inline-start: 1.25rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #999; --soft: #fff; --link: #000;
    --passed: #000; --failed: #000; --not-yet: #444; --operator: #000; }
  body { max-width: none; padding: 0; font-size: 9.5pt; } .skip { display: none; }
  h2, h3, h4, summary { break-after: avoid; } article { break-inside: auto; } dt, li, tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; } a { text-decoration: none; }
  .wide { overflow: visible; }
}
`;
