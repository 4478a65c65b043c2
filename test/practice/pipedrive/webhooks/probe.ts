/**
 * Whether somebody answers at that address. Any answer but a redirect will do: the receiver need not know the hook yet.
 * A target that is no absolute HTTP address is not reachable.
 */
export async function probeTarget(address: string): Promise<boolean> {
  try {
    const url = new URL(address);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
    const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return answer.status < 300 || answer.status >= 400;
  } catch {
    return false;
  }
}
