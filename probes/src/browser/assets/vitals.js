// Runs before any script of the page itself, and watches what web vitals are made of.
(() => {
  if (window !== window.top) return;
  const told = { fcp: null, lcp: null, cls: 0 };
  let first = 0, last = 0, sum = 0;
  const watch = (type, each) => {
    try {
      new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
    } catch { /* this Chromium does not measure it */ }
  };
  watch('paint', (entry) => { if (entry.name === 'first-contentful-paint') told.fcp = entry.startTime; });
  watch('largest-contentful-paint', (entry) => { told.lcp = entry.startTime; });
  watch('layout-shift', (entry) => {
    if (entry.hadRecentInput) return;
    const within = entry.startTime - last < 1000 && entry.startTime - first < 5000;
    if (!within) { first = entry.startTime; sum = 0; }
    last = entry.startTime;
    sum += entry.value;
    told.cls = Math.max(told.cls, sum);
  });
  const symbol = Symbol.for('serin.vitals');
  Object.defineProperty(globalThis, symbol, { value: () => {
    const [entry] = performance.getEntriesByType('navigation');
    return { ...told, ttfb: entry && entry.responseStart > 0 ? entry.responseStart : null };
  } });
})();
