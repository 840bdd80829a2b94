// The first element that the selector finds and that can be seen, brought into view; or why there is none.
const find = (selector, use) => {
  let all;
  try { all = [...document.querySelectorAll(selector)]; } catch { return { bad: 'it is no CSS selector' }; }
  if (all.length === 0) return { wait: 'there is no such element' };
  const seen = (e) => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(e).visibility !== 'hidden';
  };
  const element = all.find(seen);
  if (use === 'file') return { element: element || all[0] };
  if (!element) return { wait: `it is there${all.length > 1 ? ` ${all.length} times` : ''}, and cannot be seen` };
  if (use === 'look') return { element };
  if (element.disabled || element.getAttribute('aria-disabled') === 'true' || element.matches('fieldset:disabled *')) {
    return { wait: 'it is disabled' };
  }
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  return { element };
};
const named = (e) => '<' + e.tagName.toLowerCase() + (e.id ? ` id="${e.id}"` : '')
  + (typeof e.className === 'string' && e.className ? ` class="${e.className.slice(0, 60)}"` : '') + '>';
