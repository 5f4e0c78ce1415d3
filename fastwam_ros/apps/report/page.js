'use strict';
// Shows and hides lines by their tags, and a chunk's picture and facts when its mark is clicked.
(() => {
  const chunks = JSON.parse(document.getElementById('chunks').textContent);
  const boxes = [...document.querySelectorAll('input[data-tag]')];
  const joints = boxes.filter((box) => box.dataset.tag.startsWith('joint'));
  let page = null;
  let shown = -1;

  function tagged() {
    return page.roots().flatMap((root) => root.renderers ?? []).filter((one) => one.tags?.length);
  }

  function choose() {
    if (page === null) return;
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.dataset.tag));
    for (const one of tagged()) one.visible = !one.tags.some((tag) => off.has(tag));
  }

  function only(box) {
    for (const one of joints) one.checked = one === box;
    choose();
  }

  function show(index) {
    const chunk = chunks[index];
    if (chunk === undefined) return;
    shown = index;
    const picture = document.getElementById('picture');
    picture.hidden = !chunk.picture;
    if (chunk.picture) picture.src = chunk.picture;
    document.querySelector('#chunk h2').textContent = `${chunk.title}: ${chunk.kind}`;
    document.getElementById('hint').textContent = chunk.picture ? '' : 'No picture of this chunk is in the page.';
    const rows = chunk.facts.filter(([, value]) => value !== '').map(([name, value]) => {
      const row = document.createElement('tr');
      for (const text of [name, value]) row.appendChild(document.createElement('td')).textContent = text;
      return row;
    });
    document.getElementById('facts').replaceChildren(...rows);
  }

  function select(index) {
    const source = page?.get_model_by_name('chunks');
    if (!source || chunks[index] === undefined) return;
    source.selected.indices = [index];
    show(index);
  }

  function ready() {
    if (!window.Bokeh?.documents?.length) return setTimeout(ready, 50);
    page = window.Bokeh.documents[0];
    const marks = page.get_model_by_name('chunks');
    marks?.selected.change.connect(() => {
      const [index] = marks.selected.indices;
      if (index !== undefined && index !== shown) show(index);
    });
    choose();
  }

  for (const box of boxes) box.addEventListener('change', choose);
  for (const box of joints) box.parentElement.addEventListener('dblclick', () => only(box));
  document.getElementById('all-joints').addEventListener('click', () => {
    for (const box of joints) box.checked = true;
    choose();
  });
  document.getElementById('whole').addEventListener('click', () => {
    const time = page?.get_model_by_name('time');
    if (time) [time.start, time.end] = time.bounds;
  });
  for (const button of document.querySelectorAll('button[data-step]')) {
    button.addEventListener('click', () => select(Math.max(shown + Number(button.dataset.step), 0)));
  }
  ready();
})();
