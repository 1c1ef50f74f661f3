import { signal } from '@preact/signals';
import { getCapabilities } from '../api/client';
import type { Capabilities } from '../api/types';

/** What the server's model can do; null until it has said so. */
export const capabilities = signal<Capabilities | null>(null);

export async function loadCapabilities() {
  capabilities.value = await getCapabilities();
}
