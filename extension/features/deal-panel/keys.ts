export function dealPanelKey(dealId: number): readonly [string, number] {
  return ['deal-panel', dealId];
}
