// The page itself: which view is shown, the state of the feed, theme and keys.

const main = document.getElementById('main');
const root = document.documentElement;
const base = location.pathname.replace(/\/services\/[^/]*\/?$/, '').replace(/\/$/, '');

/** Why nothing is shown yet, by the feed's state. */
const unread = {
  disconnected: 'nobody answers',
  'signed-out': 'signed out: reload this page to sign in',
  forbidden: 'you are not allowed to see it',
  shedding: 'the process sheds load',
  failing: 'the process answers with an error',
  gone: 'the status is not here any more',
};

let view = null;
let feed = null;
let paused = false;
let held = false;
let path = '';
let state = 'starting';

function overviewAddress() {
  return base || '/';
}

function serviceAddress(name) {
  return `${base}/services/${encodeURIComponent(name)}`;
}

/** A click that another view answers; with a key held it is the browser's. */
function follow(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  history.replaceState({ y: scrollY }, '');
  history.pushState(null, '', event.currentTarget.href);
  show(null);
  document.querySelector('h1')?.focus({ preventScroll: true });
}

/** To a section, with the focus. */
function jump(event) {
  event.preventDefault();
  const title = document.getElementById(`${event.currentTarget.hash.slice(1)}-title`);
  title?.focus({ preventScroll: true });
  title?.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}

function show(y) {
  feed?.close();
  path = location.pathname;
  const name = /\/services\/([^/]*)\/?$/.exec(location.pathname)?.[1];
  const address = name === undefined ? base : `${base}/services/${name}`;
  const shown = name === undefined ? new Overview(draw) : new Service(decodeURIComponent(name), address, draw);
  view = shown;
  let first = true;
  feed = new Feed(address, view.query ?? '', {
    state: (now, since) => {
      if (view === shown && first) {
        shown.unread = unread[now];
        draw();
      }

      tell(now, since);
    },
    missing: said => {
      shown.missing?.(said);
      draw();
    },
    snapshot: snapshot => {
      if (view !== shown) return;
      shown.take(snapshot);
      document.getElementById('process').textContent =
        `${snapshot.process?.application ?? ''} on ${snapshot.process?.machine ?? ''} · Mesh.Client ${snapshot.process?.library ?? ''}`;
      document.getElementById('read-at').textContent = `Read at ${time.format(new Date(snapshot.at))}.`;
      draw();
      if (first) scrollTo(0, y ?? 0);
      first = false;
    },
  });
  draw();
  scrollTo(0, 0);
  if (paused) feed.readOnce();
  else feed.open();
}

function draw() {
  // Text that somebody selects stays as it is until they let go.
  const selection = getSelection();
  held = !selection.isCollapsed && main.contains(selection.anchorNode);
  if (held) {
    tell('held');
    return;
  }

  render(main, view.draw());
  document.title = `${view.title} · Mesh status`;
}

/** Tells the state, once for each change: the words are a live region. */
function tell(now, since) {
  if (paused && now !== 'paused') return;
  if (held && now === 'live') now = 'held';
  if (now === state) return;
  state = now;
  const kinds = { live: 'good', paused: 'away', held: 'away' };
  const said = {
    live: 'Live',
    paused: `Paused at ${time.format(new Date())}`,
    held: 'Held while text is selected',
    disconnected: `Disconnected since ${since ? time.format(since) : ''}, trying again`,
    'signed-out': 'Signed out: reload this page to sign in',
    forbidden: 'Not allowed to see this',
    shedding: 'The process sheds load, trying again',
    failing: 'The process answers with an error, trying again',
    gone: 'The status is not here any more, trying again',
  };
  const line = document.getElementById('state');
  line.dataset.state = now;
  line.dataset.kind = kinds[now] ?? 'bad';
  line.querySelector('path').setAttribute('d', marks[kinds[now] ?? 'bad']);
  document.getElementById('state-words').textContent = said[now];
}

document.getElementById('pause').onclick = event => {
  paused = !paused;
  event.currentTarget.textContent = paused ? 'Resume' : 'Pause';
  if (paused) {
    feed.close();
    tell('paused');
  } else {
    feed.open();
  }
};

document.addEventListener('selectionchange', () => {
  if (held && getSelection().isCollapsed) {
    held = false;
    draw();
    if (state === 'held') tell('live');
  }
});

document.addEventListener('visibilitychange', () => {
  if (paused) return;
  if (document.hidden) feed.close();
  else feed.open();
});

const theme = document.getElementById('theme');
function wear(name) {
  if (name) root.dataset.theme = name;
  else delete root.dataset.theme;
  theme.value = name;
}

// A browser may refuse to keep anything: then the choice holds for this page.
function remember(name) {
  try {
    localStorage.setItem('mesh-theme', name);
  } catch {
    // So be it.
  }
}

function remembered() {
  try {
    return localStorage.getItem('mesh-theme');
  } catch {
    return null;
  }
}

theme.onchange = () => {
  wear(theme.value);
  remember(theme.value);
};
wear(remembered() ?? '');

const home = document.getElementById('home');
home.href = overviewAddress();
home.onclick = follow;
history.scrollRestoration = 'manual';
addEventListener('popstate', event => {
  // A fragment is no other view.
  if (path !== location.pathname) show(event.state?.y);
});
show(null);
