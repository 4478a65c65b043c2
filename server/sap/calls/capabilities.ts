import type { ErpCapabilityProbe } from '../../app/ports/erp-capabilities.ts';
import type { On } from '../on.ts';
import { probeCapabilities } from '../probe/probe.ts';

export function capabilityCalls(on: On): ErpCapabilityProbe {
  return { probeCapabilities: on(probeCapabilities) };
}
