/** Runs the contract suite against one Service Layer: `npm run contract:sap -- --url https://…`. */
import { runFromShell } from '../test/contract/run-from-shell.ts';
import { contractSap } from '../test/contract/sap/command.ts';

process.exitCode = await runFromShell(contractSap);
