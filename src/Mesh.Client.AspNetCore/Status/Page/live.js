// What is read: one snapshot at once, then server-sent events until the reader pauses, hides the page or leaves.

const silence = 15000;
const soon = 2000;
const late = 30000;

/** Reads from an address and its events; tells of each snapshot, each change of state, and of an answer that is none. */
class Feed {
  #address;
  #query;
  #source = null;
  #retry = 0;
  #heard = 0;
  #watch = 0;
  #lost = null;
  #refusal = null;
  #tries = 0;
  #told;

  constructor(address, query, told) {
    this.#address = address;
    this.#query = query;
    this.#told = told;
  }

  open() {
    this.close();
    this.#heard = Date.now();
    this.#source = new EventSource(`${this.#address}/events${this.#query}`);
    this.#source.addEventListener('status', event => this.#take(JSON.parse(event.data)));
    // After a while the process wants to see again who reads.
    this.#source.addEventListener('again', () => this.open());
    this.#source.onerror = () => this.#failed();
    this.#watch = setInterval(() => {
      if (Date.now() - this.#heard > silence) this.#failed();
    }, 1000);
  }

  /** One snapshot, for a page that is paused. */
  async readOnce() {
    try {
      const answer = await fetch(`${this.#address}${this.#query}`, { headers: { accept: 'application/json' }, redirect: 'manual' });
      if (answer.ok) this.#told.snapshot(await answer.json());
      else if (isMissing(answer)) this.#told.missing(await answer.text());
      else this.#told.state(refusalIn(answer));
    } catch {
      this.#told.state('disconnected', new Date());
    }
  }

  close() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    clearInterval(this.#watch);
    this.#source?.close();
    this.#source = null;
  }

  #take(snapshot) {
    this.#heard = Date.now();
    this.#lost = null;
    this.#refusal = null;
    this.#tries = 0;
    this.#told.state('live');
    this.#told.snapshot(snapshot);
  }

  // The browser's own retry knows no answer but the stream; asking once tells why.
  async #failed() {
    this.close();
    this.#lost ??= new Date();
    if (this.#refusal === null) this.#told.state('disconnected', this.#lost);
    const attempt = setTimeout(() => this.open(), soon);
    this.#retry = attempt;
    let answer = null;
    try {
      answer = await fetch(`${this.#address}/events${this.#query}`, { redirect: 'manual', signal: AbortSignal.timeout(soon) });
      const said = isMissing(answer) ? await answer.text() : null;
      if (said === null) answer.body?.cancel();
      if (this.#retry !== attempt) return;
      if (said !== null) {
        this.close();
        this.#told.missing(said);
        return;
      }
    } catch {
      // Still away.
    }

    if (this.#retry === attempt) this.#wait(answer && refusalIn(answer));
  }

  // Who may not look is let in by somebody else: that takes a while. A process that sheds load is asked less and less often.
  #wait(refusal) {
    this.#refusal = refusal;
    this.#told.state(refusal ?? 'disconnected', this.#lost);
    if (refusal === null) return;
    clearTimeout(this.#retry);
    const isShut = refusal === 'signed-out' || refusal === 'forbidden';
    this.#retry = setTimeout(() => this.open(), isShut ? late : Math.min(late, soon * 2 ** this.#tries++));
  }
}

/** Why an answer is no stream, as a state; null: it is one. A redirect leads to where one signs in. */
function refusalIn(answer) {
  if (answer.type === 'opaqueredirect' || answer.status === 401) return 'signed-out';
  if (answer.status === 403) return 'forbidden';
  if (answer.status === 404) return 'gone';
  if (answer.status === 429 || answer.status === 503) return 'shedding';
  return answer.ok ? null : 'failing';
}

/** Whether the status says that there is no such service; another 404 says that there is no status. */
function isMissing(answer) {
  return answer.status === 404 && (answer.headers.get('content-type') ?? '').startsWith('text/plain');
}

/** All endpoints of a service, page by page; null when it cannot be read now. */
async function readEndpoints(address, pageSize) {
  const all = [];
  for (;;) {
    try {
      const answer = await fetch(`${address}?offset=${all.length}&limit=${pageSize}`, { headers: { accept: 'application/json' } });
      if (!answer.ok) return null;
      const service = serviceIn(await answer.json());
      all.push(...service.endpoints);
      if (service.endpoints.length === 0 || all.length >= service.endpoints.length + service.endpointsOmitted) return all;
    } catch {
      return null;
    }
  }
}

/** The one service of a snapshot. */
function serviceIn(snapshot) {
  return snapshot.services ? snapshot.services[0] : snapshot;
}
