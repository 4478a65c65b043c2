/** Style of the practice web app: close enough to Pipedrive to feel at home, light and dark. */
export const STYLE = `
:root { color-scheme: light; --page: #f5f5f6; --card: #fff; --ink: #192435; --soft: #656e7b; --line: #e3e5e8;
  --nav: #26292c; --link: #2a64b8; --green: #017737; --red: #cb2f2f; --chip: #edeef1; }
:root[data-theme=dark] { color-scheme: dark; --page: #121a26; --card: #1b2433; --ink: #eef0f3; --soft: #a2abb8;
  --line: #323c4d; --nav: #0b1018; --link: #7fb3ff; --green: #2f9e5e; --red: #e5605f; --chip: #2a3546; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.45 Inter, "Segoe UI", system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
.shell { display: grid; grid-template-columns: 56px 1fr; min-height: 100vh; }
.nav { background: var(--nav); color: #fff; display: flex; flex-direction: column; align-items: center; gap: 6px; padding: 12px 0; }
.nav .logo { width: 32px; height: 32px; border-radius: 50%; background: #017737; font-weight: 700; display: grid; place-items: center; margin-bottom: 12px; }
.nav a { color: #d3d6da; font-size: 11px; text-align: center; padding: 8px 4px; border-radius: 6px; width: 48px; }
.nav a:hover, .nav a[aria-current] { background: #ffffff22; color: #fff; text-decoration: none; }
.top { display: flex; align-items: center; gap: 12px; padding: 10px 20px; background: var(--card); border-bottom: 1px solid var(--line); }
.top b { font-size: 16px; } .top .fill { flex: 1; }
.practice { background: #fff3cd; color: #664d03; border-radius: 10px; padding: 2px 10px; font-size: 12px; }
select, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 5px 8px; }
.button, button.plain { font: inherit; font-weight: 600; border-radius: 6px; padding: 6px 14px; border: 1px solid var(--line);
  background: var(--card); color: var(--ink); cursor: pointer; }
.button.won, .button.primary { background: var(--green); border-color: var(--green); color: #fff; }
.button.lost, .button.negative { background: var(--red); border-color: var(--red); color: #fff; }
.button:disabled { opacity: .5; cursor: default; }
.head { background: var(--card); border-bottom: 1px solid var(--line); padding: 16px 20px; }
.head h1 { font-size: 22px; margin: 0 0 6px; } .head .row { display: flex; gap: 12px; align-items: center; flex-wrap: wrap; }
.head .fill { flex: 1; } .soft { color: var(--soft); }
.stages { display: flex; gap: 3px; margin-top: 12px; }
.stages span { flex: 1; background: var(--chip); padding: 4px 10px; font-size: 12px; clip-path: polygon(0 0, calc(100% - 8px) 0, 100% 50%, calc(100% - 8px) 100%, 0 100%, 8px 50%); padding-left: 16px; }
.stages .done { background: var(--green); color: #fff; }
.badge { border-radius: 10px; padding: 2px 10px; font-size: 12px; font-weight: 600; background: var(--chip); }
.badge.won { background: var(--green); color: #fff; } .badge.lost { background: var(--red); color: #fff; }
.columns { display: grid; grid-template-columns: 385px minmax(0, 1fr); gap: 16px; padding: 16px 20px; align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-bottom: 16px; overflow: hidden; }
.card > h2 { display: flex; align-items: center; gap: 8px; font-size: 14px; margin: 0; padding: 10px 16px; border-bottom: 1px solid var(--line); }
.card > h2 .fill { flex: 1; } .card > h2 button { border: 0; background: none; color: var(--soft); cursor: pointer; font: inherit; }
.card .in { padding: 12px 16px; }
dl { display: grid; grid-template-columns: 130px 1fr; gap: 6px 12px; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; } th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: 8px 16px; border-bottom: 1px solid var(--line); } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr:last-child td { border-bottom: 0; } tr.off { opacity: .5; }
.note { border: 1px solid #ecd98a; background: #fffbe8; color: #3b3410; border-radius: 6px; padding: 10px 12px; margin-bottom: 10px; }
:root[data-theme=dark] .note { background: #332d16; border-color: #5d5325; color: #f2e9c4; }
.note small { display: block; opacity: .7; margin-top: 6px; } .note a { color: inherit; text-decoration: underline; }
form.add { display: flex; gap: 8px; padding: 10px 16px; flex-wrap: wrap; border-top: 1px solid var(--line); } form.add input { width: 90px; } form.add select { flex: 1; min-width: 140px; }
#extension { position: relative; min-height: 100px; } #extension iframe { display: block; width: 100%; height: 300px; border: 0; }
.settings #extension iframe { height: max(600px, calc(100vh - 190px)); }
#extension[data-state=loading]::before { content: "Loading…"; position: absolute; inset: 0; display: grid; place-items: center; color: var(--soft); }
#extension[data-state=failed]::before { content: "Something went wrong. The app did not load."; display: grid; place-items: center; min-height: 100px; color: var(--red); }
.overlay { position: fixed; inset: 0; background: #0008; display: grid; place-items: center; z-index: 10; }
.modal { background: var(--card); border-radius: 8px; max-width: 100vw; max-height: 100vh; width: 720px; overflow: hidden; box-shadow: 0 8px 40px #0006; }
.modal header { display: flex; justify-content: space-between; padding: 12px 16px; font-weight: 600; border-bottom: 1px solid var(--line); }
.modal .close { border: 0; background: none; font-size: 20px; line-height: 1; cursor: pointer; color: inherit; }
.modal iframe { display: block; width: 100%; height: 480px; border: 0; }
dialog.confirmation { border: 0; border-radius: 8px; background: var(--card); color: inherit; padding: 20px 24px; max-width: 420px; box-shadow: 0 8px 40px #0006; }
dialog h2 { margin: 0 0 8px; font-size: 17px; } .actions { display: flex; justify-content: flex-end; gap: 8px; margin-top: 16px; }
.snackbar { position: fixed; left: 50%; bottom: 24px; transform: translateX(-50%); background: #26292c; color: #fff; padding: 10px 18px; border-radius: 6px; z-index: 20; box-shadow: 0 4px 20px #0005; }
.snackbar a { color: #8ec1ff; margin-left: 8px; }
.wide { padding: 16px 20px; } .lists { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; align-items: start; }
`;
