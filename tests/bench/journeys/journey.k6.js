// The journey of journey.yaml, as k6 has it: the same requests, the same checks, a connection of each run's own.
import http from 'k6/http';
import { check } from 'k6';
export const options = { noVUConnectionReuse: true, discardResponseBodies: false };
const B = __ENV.API, H = { headers: { 'content-type': 'application/json' } };
export default function () {
  let r = http.post(`${B}/users`, JSON.stringify({ email: `c+${__ITER}@example.com`, password: 'x' }), H);
  check(r, { created: (r) => r.status === 201, id: (r) => r.json('id') === 'u-1' });
  r = http.post(`${B}/sessions`, JSON.stringify({ email: 'c@example.com', password: 'x' }), H);
  check(r, { ok: (r) => r.status === 200 });
  const auth = { headers: { 'content-type': 'application/json', authorization: `Bearer ${r.json('token')}` } };
  r = http.post(`${B}/datapoints`, JSON.stringify({ name: 'temp', value: 21.5 }), auth);
  check(r, { ok: (r) => r.status === 200 });
  r = http.get(`${B}/datapoints`, auth);
  check(r, { value: (r) => r.json('items.0.value') === 21.5, side: (r) => r.headers['X-Served-By'] === 'new' });
  r = http.del(`${B}/users/u-1`, null, auth);
  check(r, { gone: (r) => r.status === 204 });
}
