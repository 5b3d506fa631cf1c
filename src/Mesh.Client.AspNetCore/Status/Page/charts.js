// Pictures: SVG in percentages or with a view box, so that they take the width there is. Each says in words what it shows.

const slices = 60;
const stateOrder = ['available', 'probation', 'ejected', 'disconnected', 'not_secured'];
const marks = {
  good: 'M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1z',
  half: 'M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zm0 1.5v7a3.5 3.5 0 0 1 0-7z',
  bad: 'M2.6 1 6 4.4 9.4 1 11 2.6 7.6 6 11 9.4 9.4 11 6 7.6 2.6 11 1 9.4 4.4 6 1 2.6z',
  away: 'M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zm0 1.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 1 1 0-6.8z',
  warn: 'M6 .6 11.8 11H.2zM5.3 4.2l.2 3.6h1l.2-3.6zm0 4.5V10h1.4V8.7z',
};
const stateMarks = { available: 'good', probation: 'half', ejected: 'bad', disconnected: 'away', not_secured: 'warn' };

function mark(kind) {
  return h(
    'svg',
    { class: `mark ${kind}`, viewBox: '0 0 12 12', 'aria-hidden': 'true' },
    h('path', { d: marks[kind], 'fill-rule': 'evenodd' }),
  );
}

/** A state as a shape and a word. */
function stateWord(state) {
  return h('span', { class: 'state' }, mark(stateMarks[state] ?? 'away'), words(state));
}

/** As long as a full history: a young one begins in the middle. */
function padded(history) {
  return [...Array(Math.max(0, slices - history.length)).fill({ calls: 0, failures: 0 }), ...history];
}

/** Calls over the last minutes as a line, with a tick below wherever some failed. */
function sparkline(known, name) {
  if (known.length === 0) return h('span', { class: 'muted' }, none);
  const history = padded(known);
  const most = Math.max(1, ...history.map(slice => slice.calls));
  const step = 100 / Math.max(1, history.length - 1);
  const points = history.map((slice, i) => `${(i * step).toFixed(1)},${(21 - (slice.calls / most) * 20).toFixed(1)}`).join(' ');
  const failed = history.reduce((sum, slice) => sum + slice.failures, 0);
  const said = failed === 0 ? 'none' : count(failed);
  const label = `${name}: calls over the last minutes, at most ${count(most)} in a slice of time, ${said} failed`;
  return h(
    'svg',
    { class: 'spark', viewBox: '0 0 100 28', preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    h('title', null, label),
    h('polygon', { class: 'area', points: `0,22 ${points} 100,22` }),
    h('polyline', { class: 'line', points }),
    history.map(
      (slice, i) =>
        slice.failures > 0 && h('line', { class: 'tick', x1: (i * step).toFixed(1), x2: (i * step).toFixed(1), y1: 23, y2: 28 }),
    ),
  );
}

/** Calls of each slice as columns, what failed hatched at their foot. */
function callColumns(known) {
  const history = padded(known);
  const most = Math.max(1, ...history.map(slice => slice.calls));
  const width = 100 / history.length;
  const failed = history.reduce((sum, slice) => sum + slice.failures, 0);
  const all = history.reduce((sum, slice) => sum + slice.calls, 0);
  const label = `Calls over the last minutes: ${count(all)}, of which ${count(failed)} failed; at most ${count(most)} in one column`;
  return chart(
    'Calls',
    `at most ${count(most)} a column`,
    label,
    hatch('failed-hatch'),
    history.map((slice, i) => column(i * width, width, slice.calls / most, 'calls')),
    history.map(
      (slice, i) => slice.failures > 0 && column(i * width, width, Math.max(0.04, slice.failures / most), 'failed', 'url(#failed-hatch)'),
    ),
  );
}

/** The slow end of each slice. */
function latencyColumns(known) {
  const history = padded(known);
  const most = Math.max(...history.map(slice => slice.p99Milliseconds ?? 0), 0.001);
  const width = 100 / history.length;
  return chart(
    'p99 latency',
    `at most ${milliseconds(most)} ms`,
    `The 99th percentile of latency over the last minutes: at most ${milliseconds(most)} ms`,
    history.map((slice, i) => column(i * width, width, (slice.p99Milliseconds ?? 0) / most, 'latency')),
  );
}

function chart(title, scale, label, ...content) {
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, title, ' ', h('span', { class: 'muted' }, scale)),
    h('svg', { role: 'img', 'aria-label': label }, h('title', null, label), content),
  );
}

function column(x, width, height, kind, fill) {
  return h('rect', {
    class: kind,
    fill,
    x: `${(x + width * 0.12).toFixed(2)}%`,
    width: `${(width * 0.76).toFixed(2)}%`,
    y: `${(100 - height * 100).toFixed(2)}%`,
    height: `${(height * 100).toFixed(2)}%`,
  });
}

function hatch(id) {
  return h(
    'defs',
    null,
    h(
      'pattern',
      { id, width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      h('rect', { class: 'hatch-ground', width: 5, height: 5 }),
      h('rect', { class: 'hatch-line', width: 2.2, height: 5 }),
    ),
  );
}

/** Endpoints by state as one bar and in words. */
function stateBar(states) {
  const present = Object.keys(states).sort((a, b) => stateOrder.indexOf(a) - stateOrder.indexOf(b));
  const total = present.reduce((sum, state) => sum + states[state], 0);
  if (total === 0) return h('span', { class: 'muted' }, 'none');
  let x = 0;
  const parts = present.map(state => {
    const width = (states[state] / total) * 100;
    const part = h('rect', { key: state, class: stateMarks[state] ?? 'away', x: `${x}%`, width: `${width}%`, height: '100%' });
    x += width;
    return part;
  });
  return h(
    'span',
    { class: 'states' },
    h('svg', { class: 'statebar', 'aria-hidden': 'true' }, parts),
    h(
      'span',
      null,
      present.map((state, i) => [
        i > 0 && ', ',
        h('span', { key: state, class: 'nobreak' }, mark(stateMarks[state] ?? 'away'), `${count(states[state])} ${words(state)}`),
      ]),
    ),
  );
}

/** A bar of one value, with the line that it is measured by. */
function bar(value, most, line, kind = '') {
  const at = part => `${Math.min(100, (part / most) * 100).toFixed(2)}%`;
  return h(
    'svg',
    { class: `measure ${kind}`, 'aria-hidden': 'true' },
    h('rect', { class: 'value', width: at(value), height: '100%' }),
    line !== null && line !== undefined && h('line', { class: 'average', x1: at(line), x2: at(line), y1: 0, y2: '100%' }),
  );
}

/** The whole table as one strip, a part an endpoint. */
function strip(shares) {
  let x = 0;
  return h(
    'svg',
    { class: 'strip', 'aria-hidden': 'true' },
    hatch('strip-hatch'),
    shares.map((item, i) => {
      const width = item.share * 100;
      const part = h(
        'g',
        { key: item.key },
        h('title', null, `${item.label}: ${percent(item.share)} %`),
        h('rect', { class: `tone${i % 2}`, x: `${x.toFixed(3)}%`, width: `${width.toFixed(3)}%`, height: '100%' }),
        item.state !== 'available' &&
          h('rect', { class: 'hatched', fill: 'url(#strip-hatch)', x: `${x.toFixed(3)}%`, width: `${width.toFixed(3)}%`, height: '100%' }),
        width > 3 && h('text', { x: `${(x + width / 2).toFixed(3)}%`, y: '50%', 'text-anchor': 'middle', dy: '.35em' }, i + 1),
      );
      x += width;
      return part;
    }),
  );
}

/** The same as a ring. */
function ring(shares, size) {
  const point = (turn, radius) =>
    `${(60 + radius * Math.sin(turn * 2 * Math.PI)).toFixed(3)} ${(60 - radius * Math.cos(turn * 2 * Math.PI)).toFixed(3)}`;
  let from = 0;
  return h(
    'svg',
    { class: 'ring', viewBox: '0 0 120 120', 'aria-hidden': 'true' },
    hatch('strip-hatch'),
    shares.map((item, i) => {
      const to = from + Math.min(item.share, 0.9999);
      const large = to - from > 0.5 ? 1 : 0;
      const d = `M${point(from, 56)}A56 56 0 ${large} 1 ${point(to, 56)}L${point(to, 36)}A36 36 0 ${large} 0 ${point(from, 36)}z`;
      const middle = (from + to) / 2;
      const [x, y] = point(middle, 46).split(' ');
      const part = h(
        'g',
        { key: item.key },
        h('title', null, `${item.label}: ${percent(item.share)} %`),
        h('path', { class: `tone${i % 2}`, d }),
        item.state !== 'available' && h('path', { class: 'hatched', fill: 'url(#strip-hatch)', d }),
        to - from > 0.04 && h('text', { x, y, 'text-anchor': 'middle', dy: '.35em' }, i + 1),
      );
      from = to;
      return part;
    }),
    h('text', { class: 'center', x: 60, y: 58, 'text-anchor': 'middle' }, count(size ?? shares.length)),
    h('text', { class: 'center small', x: 60, y: 70, 'text-anchor': 'middle' }, size ? 'points' : 'endpoints'),
  );
}
