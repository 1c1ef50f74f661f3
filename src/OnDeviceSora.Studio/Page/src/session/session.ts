import { computed, signal } from '@preact/signals';
import { getSession, onUnauthorised, signOut } from '../api/client';
import type { Session } from '../api/types';

export const session = signal<Session | null>(null);
export const mayCall = computed(() => session.value !== null && (!session.value.required || session.value.signed_in));
export const mustSignIn = computed(() => session.value !== null && session.value.required && !session.value.signed_in);

export async function checkSession() {
  session.value = await getSession();
}

export async function leave() {
  await signOut();
  location.reload();
}

onUnauthorised(() => {
  session.value = { required: true, signed_in: false };
});
