// Parts that both views have: failures as stories, identity, streams, peers, configuration.

const reasons = {
  hash: 'the first of the key’s own sequence',
  hash_failover: 'a later one of the key’s sequence: those before it were unavailable or tried',
  round_robin: 'the next in turn',
  least_load: 'the least loaded of those compared',
  panic: 'shut, but too few others were left',
  bounded_load: 'another than the key’s own, which had more than its share',
  random: 'drawn at random',
  custom: 'the application’s own balancer took it',
};

function failures(calls, at, showService) {
  if (calls.length === 0) return empty('No call has failed of late. When one does, its attempts are told here one by one.');
  const keys = new Map();
  return h('ol', { class: 'stories', key: 'stories' }, calls.map(call => {
    const same = `${call.at}${call.service}${call.method}${call.path}`;
    keys.set(same, (keys.get(same) ?? 0) + 1);
    return story(call, at, showService, `${same}#${keys.get(same)}`);
  }));
}

function story(call, at, showService, key) {
  const longest = Math.max(call.durationMilliseconds, ...call.attempts.map(attempt => attempt.durationMilliseconds), 0.001);
  return h('li', { key, class: 'story' },
    h('p', { class: 'what' },
      h('time', { datetime: call.at, title: day.format(new Date(call.at)) }, time.format(new Date(call.at))), ' ',
      h('span', { class: 'ago muted' }, `${duration(secondsBetween(call.at, at))} ago`), ' ',
      h('code', null, `${call.method} ${call.path}`), showService && [' to ', serviceLink(call.service)],
      call.route !== 'default' && [' by route ', h('b', null, call.route)], ' ',
      h('span', { class: 'ending' }, mark('bad'), words(call.ending)), ' ', h('span', { class: 'number' }, `${milliseconds(call.durationMilliseconds)} ms`)),
    h('p', { class: 'told' }, call.story),
    call.attempts.length > 0 && h('ol', { class: 'attempts', 'aria-label': 'Attempts' }, call.attempts.map((attempt, i) => h('li', { key: i },
      h('span', { class: 'where' }, h('code', null, attempt.endpoint), ' ', h('span', { class: 'muted', title: reasons[attempt.reason] }, `picked by ${words(attempt.reason)}`)),
      h('span', { class: 'said' }, [words(attempt.outcome), attempt.status !== undefined && ` ${attempt.status}`, attempt.error && `: ${attempt.error}`].filter(Boolean)),
      h('span', { class: 'took' }, bar(attempt.durationMilliseconds, longest, null), h('span', { class: 'number' }, `${milliseconds(attempt.durationMilliseconds)} ms`))))));
}

function identity(own, at) {
  if (own.source === 'None') {
    return empty('This process has no identity, and speaks plaintext to endpoints that want none. Set ', h('code', null, 'Mesh:Identity:Source'), ' to give it one.');
  }

  return [
    h('dl', { class: 'facts', key: 'facts' },
      fact('Name', own.name ? h('code', null, own.name) : 'none yet'), fact('Source', own.source), fact('Mode', own.mode),
      Object.keys(own.handshakes).length > 0 && fact('Handshakes', tally(own.handshakes))),
    own.problem && h('p', { class: 'problem', key: 'problem' }, mark('warn'), own.problem),
    table({
      name: 'certificates', caption: 'Certificates and the time they have left', rows: certificates(own), rowKey: row => row.key,
      columns: [
        { title: 'Certificate', head: true, cell: row => [row.role, ' ', h('code', null, row.subject)] },
        { title: 'Time left', cell: row => timeLeft(row, at), class: 'wide' },
        { title: 'Valid until', cell: row => day.format(new Date(row.validUntil)), class: 'nobreak' },
        { title: 'Fingerprint', cell: row => row.fingerprint ? h('code', null, row.fingerprint) : none },
      ],
    }),
  ];
}

function certificates(own) {
  const anchors = own.anchors.map(anchor => ({ ...anchor, key: anchor.fingerprint, role: 'anchor' }));
  if (!own.validUntil) return anchors;
  return [{ key: 'own', role: 'own', subject: own.name ?? '', validFrom: own.validFrom, validUntil: own.validUntil }, ...anchors];
}

/** What is left of a certificate: the bar where its beginning is known, and words. */
function timeLeft(certificate, at) {
  const left = secondsBetween(at, certificate.validUntil);
  if (left <= 0) return h('span', { class: 'problem' }, mark('bad'), `ended ${duration(-left)} ago`);
  const whole = certificate.validFrom ? secondsBetween(certificate.validFrom, certificate.validUntil) : null;
  const low = isLow(certificate, at);
  return [
    whole !== null && bar(left, whole, whole / 3, low ? 'low' : ''),
    h('span', { class: 'words' }, low && mark('warn'), `${duration(left)}${whole !== null ? ` of ${duration(whole)}` : ''}`, low && (whole !== null ? ', under a third' : ', ends soon')),
  ];
}

function isLow(certificate, at) {
  const left = secondsBetween(at, certificate.validUntil);
  return certificate.validFrom ? left < secondsBetween(certificate.validFrom, certificate.validUntil) / 3 : left < 7 * 86400;
}

function controlPlanes(planes) {
  if (planes.length === 0) {
    return empty('No control plane is configured: services come from configuration alone. Set ', h('code', null, 'Mesh:ControlPlane:Address'), ' to watch one.');
  }

  return table({
    name: 'planes', caption: 'Control planes and other sources that are watched', rows: planes, rowKey: plane => plane.name,
    columns: [
      { title: 'Source', head: true, cell: plane => plane.name },
      { title: 'Address', cell: plane => plane.address ? h('code', null, plane.address) : none },
      { title: 'State', cell: plane => [
        h('span', { class: 'state' }, mark(plane.state === 'connected' ? 'good' : plane.state === 'lost' ? 'bad' : 'away'), plane.state),
        plane.problem && h('div', { class: 'why' }, plane.problem)] },
      { title: 'Streams', cell: plane => plane.streams.length === 0 ? none
        : plane.streams.map((stream, i) => [i > 0 && ', ', h('span', { key: i, class: 'nobreak' }, `${count(stream.count)} ${stream.kind} ${stream.state}`)]) },
    ],
  });
}

function inbound(server) {
  if (!server) return empty('This process is no mesh server. Call ', h('code', null, 'builder.AddMeshServer()'), ' to serve peers.');
  return [
    h('dl', { class: 'facts', key: 'facts' },
      server.service && fact('Registered as', h('code', null, server.service)), server.instance && fact('Instance', h('code', null, server.instance)),
      server.registration && fact('Registration', words(server.registration)), fact('Under way', count(server.requests))),
    server.peers.length === 0 ? empty('No peer has called yet.') : table({
      name: 'peers', caption: 'Who called since the start', rows: server.peers, rowKey: peer => peer.identity ?? '',
      columns: [
        { title: 'Peer', head: true, cell: peer => peer.identity ? h('code', null, peer.identity) : 'without a certificate' },
        { title: 'Let in', end: true, cell: peer => count(peer.allowed) },
        { title: 'Refused', end: true, cell: peer => peer.refused > 0 ? [mark('bad'), count(peer.refused)] : '0' },
        { title: 'Last seen', end: true, cell: peer => time.format(new Date(peer.lastSeen)) },
      ],
    }),
  ];
}

function configuration(settings, text, onsearch) {
  const sought = text.toLowerCase();
  const found = settings.settings.filter(setting => !sought || `${setting.path} ${setting.value} ${setting.source}`.toLowerCase().includes(sought));
  return [
    settings.problem && h('p', { class: 'problem', key: 'problem' }, mark('warn'),
      `The latest change was refused; what was in force before still is. ${settings.problem}`),
    settings.settings.length === 0 ? empty('Nothing is configured: built-in values are in force.') : [
      search('configuration-search', 'Search settings', onsearch),
      h('p', { class: 'muted', key: 'count' }, sought ? `${count(found.length)} of ${plural(settings.settings.length, 'setting')}` : plural(settings.settings.length, 'setting'),
        settings.refusedReloads > 0 && `, ${plural(settings.refusedReloads, 'change')} refused since the start`),
      found.length === 0 ? empty('No setting has that in its path, value or source.') : table({
        name: 'settings', caption: 'Configuration in force', rows: found.slice(0, 500), rowKey: setting => setting.path,
        columns: [
          { title: 'Setting', head: true, cell: setting => h('code', null, setting.path) },
          { title: 'Value', cell: setting => h('code', null, setting.value) },
          { title: 'Source', cell: setting => setting.source },
        ],
      }),
      found.length > 500 && h('p', { class: 'muted', key: 'more' }, 'The first 500 are shown; search for the others.'),
    ],
  ];
}

function fact(name, ...content) {
  return h('div', { key: name }, h('dt', null, name), h('dd', null, content));
}

function tally(counts) {
  return Object.entries(counts).map(([name, value]) => `${count(value)} ${words(name)}`).join(', ');
}

function serviceLink(name) {
  return h('a', { href: serviceAddress(name), onclick: follow }, fullName(name));
}
