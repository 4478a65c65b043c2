import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { DealHandoffView, DealPanelView } from '../../../server/contract/panel.ts';
import { isDealHandoff } from '../../shared/api/panel-answers.ts';
import { useRuntime, useVisible } from '../../shared/runtime/runtime.ts';
import { useOneAtATime } from '../../shared/runtime/use-one-at-a-time.ts';
import { isOnItsWay, latestHandoff, startPolling } from './handoff-progress.ts';
import { markOf, watchHandoffs } from './handoff-watch.ts';
import { dealPanelKey } from './keys.ts';

function scheduleTimeout(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function onWindowFocus(look: () => void): () => void {
  window.addEventListener('focus', look);
  return () => window.removeEventListener('focus', look);
}

/** Sends the deal, follows it on its way, and notices when something else moves it, while somebody looks. */
export function useSend(dealId: number, view: DealPanelView) {
  const { api, host } = useRuntime();
  const visible = useVisible();
  const client = useQueryClient();
  const path = `/api/panel/deals/${dealId}`;

  const take = useCallback(
    (answer: DealHandoffView) => {
      const key = dealPanelKey(dealId);
      const asOf = client.getQueryState(key)?.dataUpdatedAt;
      client.setQueryData<DealPanelView>(
        key,
        (shown) => shown && { ...shown, handoffs: answer.handoffs, send: answer.send },
        // The figures are no younger than they were.
        asOf === undefined ? {} : { updatedAt: asOf },
      );
      if (isOnItsWay(answer)) return;
      void host.say(latestHandoff(answer)?.sentence || answer.send.label);
      // What was posted is no longer part of this deal's claim on the credit limit.
      void client.invalidateQueries({ queryKey: key });
    },
    [client, dealId, host],
  );

  const send = useMutation({
    mutationFn: async () => {
      // An older look must not overwrite what this call answers.
      await client.cancelQueries({ queryKey: dealPanelKey(dealId) });
      return api.post(`${path}/send`, {}, isDealHandoff);
    },
    onSuccess: take,
    // Whether it arrived is not known: the server is asked, nothing is sent again.
    onError: () => client.invalidateQueries({ queryKey: dealPanelKey(dealId) }),
  });

  const onItsWay = isOnItsWay(view);
  useEffect(() => {
    if (!onItsWay || !visible) return;
    return startPolling({
      look: () => api.get(`${path}/handoff`, isDealHandoff),
      onAnswer: take,
      schedule: scheduleTimeout,
    });
  }, [onItsWay, visible, api, path, take]);

  const isSending = send.isPending;
  useEffect(() => {
    if (onItsWay || isSending || !visible) return;
    return watchHandoffs({
      look: () => api.get(`${path}/handoff`, isDealHandoff),
      shown: () => markOf(client.getQueryData<DealPanelView>(dealPanelKey(dealId)) ?? { handoffs: [] }),
      onChange: take,
      schedule: scheduleTimeout,
      onTurnTo: onWindowFocus,
    });
  }, [onItsWay, isSending, visible, api, client, dealId, path, take]);

  const press = useOneAtATime<void>(send.mutateAsync);
  return { error: send.error, isSending, press, onItsWay };
}
