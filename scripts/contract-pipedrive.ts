/** Runs the contract suite against one company's Pipedrive: `npm run contract:pipedrive`. */
import { contractPipedrive } from '../test/contract/pipedrive/command.ts';
import { runFromShell } from '../test/contract/run-from-shell.ts';

process.exitCode = await runFromShell(contractPipedrive);
