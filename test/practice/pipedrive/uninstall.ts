import type { CompanyState } from './company/state.ts';
import type { GrantStore } from './oauth/grants.ts';
import type { RegisteredApp } from './options.ts';

/** The user's tokens and the hooks that the app made for that user are gone. */
export function endInstallation(company: CompanyState, grants: GrantStore, clientId: string, userId: number): void {
  grants.remove(company.id, userId);
  for (const hook of [...company.hooks.values()]) {
    if (hook.client_id === clientId && hook.user_id === userId) company.hooks.delete(hook.id);
  }
}

/** DELETE on the callback address, once: Pipedrive does not repeat it. @returns the status, null without an answer. */
export async function tellUninstalled(
  app: RegisteredApp,
  event: { companyId: number; userId: number; at: number },
): Promise<number | null> {
  const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
  try {
    const answer = await fetch(app.callbackUrl, {
      method: 'DELETE',
      redirect: 'manual',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: app.clientId,
        company_id: event.companyId,
        user_id: event.userId,
        timestamp: new Date(event.at).toISOString(),
      }),
      signal: AbortSignal.timeout(10_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}
