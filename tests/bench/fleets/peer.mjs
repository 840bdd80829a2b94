// mqtt.js doing what a fleet of serin does (`fleet`), and the hand that resets devices one after another (`churn`).
//   node peer.mjs fleet URL COUNT DATAPOINT_EVERY_SECONDS
//   node peer.mjs churn URL COUNT PER_SECOND SECONDS
import mqtt from "mqtt";
import { setTimeout as sleep } from "node:timers/promises";

const [what, url, ...numbers] = process.argv.slice(2);
const [count, second, third] = numbers.map(Number);
const name = (index) => `lamps-${String(index).padStart(6, "0")}`;
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const say = (text) => console.log(`mqttjs    ${text}`);

async function device(index) {
  const client = await mqtt.connectAsync(url, { clientId: name(index), keepalive: 60, clean: true, protocolVersion: 4 });
  await client.subscribeAsync([`devices/${name(index)}/commands`, "fleets/lamps/commands"], { qos: 1 });
  return client;
}

async function fleet(every) {
  global.gc?.();
  const base = process.memoryUsage().rss, start = performance.now(), began = cpu(), all = [];
  for (let from = 0; from < count; from += 100) {
    const some = Array.from({ length: Math.min(100, count - from) }, (_, n) => device(from + n));
    all.push(...(await Promise.all(some)));
  }
  const took = (performance.now() - start) / 1000;
  say(`${count} devices in session after ${took.toFixed(1)} s: ${(count / took).toFixed(0)}/s, ${(((cpu() - began) / count) * 1e6).toFixed(0)} us of CPU each`);
  await sleep(5000);
  say(`${((process.memoryUsage().rss - base) / count / 1000).toFixed(2)} kB each at rest`);
  let sent = 0;
  all.forEach((client, index) => {
    const publish = () => client.publish(`devices/${name(index)}/datapoints`, `{"value":21.5,"seq":${++sent}}`, { qos: 1 });
    setTimeout(() => { publish(); setInterval(publish, every * 1000); }, Math.random() * every * 1000);
  });
  await sleep(every * 1000);
  const before = cpu(), counted = sent;
  await sleep(60_000);
  say(`one datapoint per ${every} s: ${(((cpu() - before) / 60) * 100).toFixed(1)} % of a core, ${sent - counted} datapoints in that minute`);
  process.exit(0);
}

async function churn(perSecond, seconds) {
  const client = await mqtt.connectAsync(url, { clientId: "churn" });
  for (let n = 0; n < perSecond * seconds; n++) {
    client.publish(`devices/${name(n % count)}/commands`, JSON.stringify({ reset: `churn-${n}` }), { qos: 0 });
    if (n % perSecond === perSecond - 1) await sleep(1000);
  }
  await client.endAsync();
}

await (what === "fleet" ? fleet(second) : churn(second, third));
