import { html, type Listener, listen } from '../pipedrive/http/plain.ts';
import { renderSapPage } from '../sap/page.ts';
import { portNear } from './ports.ts';
import { ADMIN, COMPANY_DB, type DemoWorld, REP } from './practice-company.ts';

const START_PORT = 4_000;

/** One page that says what to try, and SAP's side beside it. */
export async function serveStartPage(world: DemoWorld, dealId: number): Promise<Listener> {
  return listen(await portNear(START_PORT), async ({ url }) => {
    if (url.pathname === '/') return html(200, startPage(world, dealId));
    if (url.pathname === '/sap') return html(200, renderSapPage(world.office));
    return html(404, 'There is nothing here. Go back to the start page.');
  });
}

function startPage(world: DemoWorld, dealId: number): string {
  const { company, sap } = world;
  const clientId = world.clientId;
  const link = (path: string, userId: number, text: string) => `<a href="${company.pageUrl(path, userId)}">${text}</a>`;
  const steps = [
    `${link(`deal/${dealId}`, REP.id, 'Open the deal')} as ${REP.name}, a sales rep. The panel on its left shows whether the customer may buy, at what price, and what can ship. Press <b>Send to SAP</b>, or mark the deal as won.`,
    `<a href="/sap">Look at SAP’s side</a>: the sales order stands there once, with the deal’s key. Its number, a note and the status are back on the deal a moment later.`,
    `${link('', REP.id, 'Walk through deals and organizations')}. Customers and items came from SAP; an organization and a person have a panel of their own.`,
    `${link(`settings/marketplace/app/${clientId}/app-settings`, ADMIN.id, 'Open the settings')} as ${ADMIN.name}, the admin: connection, what arrived, what needs a look.`,
    'Try something foolish: press Send twice, win a deal without products, close the tab half way. The order stays one, and the deal says what is missing.',
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orderline: the practice company</title><style>${STYLE}</style></head>
<body><main><h1>The practice company</h1>
<p>A furniture distributor with SAP Business One and Pipedrive, both played on this machine. Nothing leaves it.</p>
<ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol>
<h2>To connect SAP yourself</h2>
<p>Disconnect in the settings, then enter these:</p>
<dl><dt>Address</dt><dd>${sap.url}</dd><dt>Company</dt><dd>${COMPANY_DB}</dd><dt>User</dt><dd>${world.sapUser}</dd><dt>Password</dt><dd>${world.sapPassword}</dd>
<dt>Fingerprint to compare</dt><dd class="long">${sap.fingerprint256}</dd></dl>
<p class="soft">Ctrl-C in the terminal ends everything and removes it.</p>
</main></body></html>`;
}

const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #192435; --soft: #5c6570; --line: #e4e6e9; --link: #0d5fb3; }
@media (prefers-color-scheme: dark) { :root { --page: #1e2029; --text: #e6e7ea; --soft: #a7adb6; --line: #363a47; --link: #7db8f2; } }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 680px; margin: 0 auto; padding: 40px 20px; }
h1 { font-size: 26px; margin: 0 0 8px; } h2 { font-size: 18px; margin: 32px 0 4px; }
ol { padding-left: 22px; } li { margin: 12px 0; } a { color: var(--link); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 20px; border-top: 1px solid var(--line); padding-top: 12px; }
dt { color: var(--soft); } dd { margin: 0; font-family: ui-monospace, monospace; font-size: 14px; } .long { overflow-wrap: anywhere; }
.soft { color: var(--soft); }`;
