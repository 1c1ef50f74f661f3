import { useState } from 'preact/hooks';
import { ApiError, signIn } from '../api/client';
import { Dialog } from '../design/Dialog';
import { Field } from '../design/Field';
import { checkSession } from './session';

export function SignIn() {
  const [key, setKey] = useState('');
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(key);
      await checkSession();
    } catch (reason) {
      const refused = reason instanceof ApiError && reason.status === 401;
      setError(refused ? 'This is not the key of this server.' : (reason as Error).message);
    }
  };

  return (
    <Dialog title="Sign in" narrow>
      <p>This server was started with an API key. Enter it once; this browser then keeps a cookie for it.</p>
      <form onSubmit={submit} noValidate class="stack">
        <Field name="api-key" label="API key" error={error}>
          {(attributes) => (
            <input
              {...attributes} type="password" autocomplete="current-password" autofocus
              value={key} onInput={(e) => setKey(e.currentTarget.value)}
            />
          )}
        </Field>
        <div class="actions"><button class="button primary">Sign in</button></div>
      </form>
    </Dialog>
  );
}
