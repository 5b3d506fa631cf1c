// What is read: one snapshot at once, then server-sent events until the reader pauses, hides the page or leaves.

const silence = 15000;

/** Reads from an address and its events; tells of each snapshot, each change of state, and of an answer that is none. */
class Feed {
  #address;
  #query;
  #source = null;
  #retry = 0;
  #heard = 0;
  #watch = 0;
  #lost = null;
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
    this.#source.onerror = () => this.#failed();
    this.#watch = setInterval(() => {
      if (Date.now() - this.#heard > silence) this.#failed();
    }, 1000);
  }

  /** One snapshot, for a page that is paused. */
  async readOnce() {
    try {
      const answer = await fetch(`${this.#address}${this.#query}`, { headers: { accept: 'application/json' } });
      if (answer.ok) this.#told.snapshot(await answer.json());
      else this.#told.missing(await answer.text());
    } catch {
      this.#told.state('disconnected', new Date());
    }
  }

  close() {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#source?.close();
    this.#source = null;
  }

  #take(snapshot) {
    this.#heard = Date.now();
    this.#lost = null;
    this.#told.state('live');
    this.#told.snapshot(snapshot);
  }

  // The browser's own retry knows no answer but the stream; asking once tells why.
  async #failed() {
    this.close();
    this.#lost ??= new Date();
    this.#told.state('disconnected', this.#lost);
    const attempt = setTimeout(() => this.open(), 2000);
    this.#retry = attempt;
    try {
      const answer = await fetch(`${this.#address}${this.#query}`, { headers: { accept: 'application/json' } });
      if (this.#retry !== attempt || answer.status !== 404) return;
      this.close();
      this.#told.missing(await answer.text());
    } catch {
      // Still away.
    }
  }
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
