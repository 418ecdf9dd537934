/** What counts as a secret in SQL text, and what does not. */

import { describe, expect, test } from 'vitest';
import { secretIn, secretSetting, withoutSecrets } from '../../fixtures/oracles/secrets.ts';

const encoded = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
const token = (claims: object) => `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}.c2lnbmF0dXJlLW9mLWl0`;
const call = (key: string) =>
  `SELECT net.http_post(url := 'https://x.test', headers := '{"Authorization":"Bearer ${key}"}')`;

describe('a secret', () => {
  test.each([
    ['a service token in a header', call(token({ iss: 'supabase', role: 'service_role' })), 'a service_role token'],
    ['a payment key', `v_key := 'sk_${'live'}_0123456789abcdef';`, 'a Stripe key'],
    ['a password in a connection', `SELECT dblink('host=db user=app password=hunter22')`, 'the password of a database'],
    ['an opaque bearer', call('a81f-22c9'), 'a secret'],
    ['a random text under a telling name', `api_key text := 'q8Zr1Lx0vPk27TnE';`, 'a secret'],
  ])('is %s', (_name, text, what) => {
    const secret = secretIn(text);
    expect(secret?.what).toBe(what);
    expect(text).toContain(secret?.start);
  });

  test.each([
    ['the public key', call(token({ iss: 'supabase', role: 'anon' }))],
    ['the key of every local stack', call(token({ iss: 'supabase-demo', role: 'service_role' }))],
    ['a placeholder', call('YOUR_SERVICE_ROLE_KEY')],
    ['a key read from a setting', `'Bearer ' || current_setting('app.service_key')`],
    ['a message about tokens', `RAISE EXCEPTION 'Missing Bearer token';`],
    ['words with a number', `jsonb_build_object('token', 'user_session_2fa_enabled')`],
    ['an address', `jsonb_build_object('token', 'https://x.test/v1/token4all')`],
    ['a made-up token', `token := encode(gen_random_bytes(32), 'hex');`],
    ['a name of a column', `UPDATE t SET password = 'encrypted_password';`],
  ])('is not %s', (_name, text) => {
    expect(secretIn(text)).toBeNull();
  });

  test('is not shown but for its beginning', () => {
    const key = token({ iss: 'supabase', role: 'service_role' });
    expect(withoutSecrets(call(key))).toBe(call(`${key.slice(0, 7)}…`));
  });

  test('of a setting is told by its name', () => {
    expect(secretSetting('app.jwt_secret', 'q8Zr1Lx0vPk27TnE')?.start).toBe('app.jwt_secret=q8Zr');
    expect(secretSetting('app.jwt_secret', 'super-secret-jwt-token-with-at-least-32-characters-long')).toBeNull();
    expect(secretSetting('statement_timeout', '15s')).toBeNull();
  });
});
