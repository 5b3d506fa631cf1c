// Numbers and times as people read them. A value that is not there is a dash.

const none = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

function count(value) {
  return whole.format(value);
}

function plural(value, one, many = one + 's') {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Calls a second. */
function rate(value) {
  if (value === 0) return '0';
  if (value < 0.1) return '<0.1';
  return value < 100 ? value.toFixed(1) : count(value);
}

/** A ratio in percent, rounded down so that 100 means all. */
function success(ratio) {
  if (ratio === null || ratio === undefined) return none;
  return ratio >= 1 ? '100' : (Math.floor(ratio * 10000) / 100).toFixed(2);
}

function percent(ratio) {
  if (ratio === null || ratio === undefined) return none;
  const value = ratio * 100;
  if (value === 0 || value >= 99.95) return value.toFixed(0);
  return value < 0.1 ? value.toFixed(3) : value.toFixed(1);
}

function milliseconds(value) {
  if (value === null || value === undefined) return none;
  if (value < 1) return value.toFixed(2);
  return value < 100 ? value.toFixed(1) : count(value);
}

/** Seconds in at most two units. */
function duration(seconds) {
  const value = Math.max(0, Math.round(seconds));
  const units = [
    ['d', 86400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  // A day's certificate has 24 hours.
  const first = units.findIndex(([name, length]) => value >= (name === 'd' ? 2 * length : length));
  if (first < 0) return '0 s';
  const [name, length] = units[first];
  const rest = units[first + 1] && value < 30 * 86400 ? Math.floor((value % length) / units[first + 1][1]) : 0;
  return `${Math.floor(value / length)} ${name}` + (rest > 0 ? ` ${rest} ${units[first + 1][0]}` : '');
}

/** A time span as .NET writes it, for people; any other text as it is. */
function span(text) {
  const parts = /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  if (!parts) return text;
  const seconds = (parts[1] ?? 0) * 86400 + parts[2] * 3600 + parts[3] * 60 + Number(parts[4]);
  return seconds % 1 === 0 ? duration(seconds) : seconds < 1 ? `${+(seconds * 1000).toFixed(3)} ms` : `${seconds} s`;
}

function secondsBetween(from, to) {
  return (new Date(to) - new Date(from)) / 1000;
}

/** A word of the snapshot for people: <c>not_secured</c> is "not secured". */
function words(text) {
  return text.replaceAll('_', ' ');
}

/** The part of a canonical name that people say, and the rest. A name may break after its dots. */
function nameParts(name) {
  const dot = name.indexOf('.');
  if (dot < 0) return [name, ''];
  const port = /:\d+$/.exec(name)?.[0] ?? '';
  const host = port ? name.slice(0, -port.length) : name;
  const labels = host.split('.');
  return [labels[0], host.slice(labels[0].length) + port];
}

function breakable(name) {
  return name.split(/(?<=\.)/).map((label, i) => [i > 0 && h('wbr'), label]);
}

/** A name with its first label before the others. */
function fullName(name) {
  const [short, rest] = nameParts(name);
  return [short, rest && h('span', { class: 'rest' }, breakable(rest))];
}
