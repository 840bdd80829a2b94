// What the page is now, once it is told what was painted first. A page that paints nothing is waited for a second.
(most) => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    const observed = globalThis[Symbol.for('serin.vitals')];
    const vitals = observed ? observed() : null;
    const painted = !vitals || (vitals.fcp !== null && vitals.lcp !== null);
    if (!painted && performance.now() - began < 1000) {
      setTimeout(look, 20);
      return;
    }
    const text = document.documentElement ? document.documentElement.outerHTML : '';
    done({
      url: location.href,
      title: document.title.slice(0, 1000),
      html: text.slice(0, most),
      length: text.length,
      vitals,
    });
  };
  look();
})
