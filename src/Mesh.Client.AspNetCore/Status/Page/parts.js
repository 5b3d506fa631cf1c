// What the process has besides services: control planes, inbound peers, configuration.

function controlPlanes(planes) {
  if (planes.length === 0) {
    return empty(
      'No control plane is configured: services come from configuration alone. Set ',
      h('code', null, 'Mesh:ControlPlane:Address'),
      ' to watch one.',
    );
  }

  return table({
    name: 'planes',
    caption: 'Control planes and other sources that are watched',
    rows: planes,
    rowKey: plane => plane.name,
    columns: [
      { title: 'Source', head: true, cell: plane => plane.name },
      { title: 'Address', cell: plane => (plane.address ? h('code', null, plane.address) : none) },
      {
        title: 'State',
        cell: plane => [
          h('span', { class: 'state' }, mark(plane.state === 'connected' ? 'good' : plane.state === 'lost' ? 'bad' : 'away'), plane.state),
          plane.problem && h('div', { class: 'why' }, plane.problem),
        ],
      },
      {
        title: 'Streams',
        cell: plane =>
          plane.streams.length === 0
            ? none
            : plane.streams.map((stream, i) => [
                i > 0 && ', ',
                h('span', { key: i, class: 'nobreak' }, `${count(stream.count)} ${stream.kind} ${stream.state}`),
              ]),
      },
    ],
  });
}

function inbound(server) {
  if (!server) return empty('This process is no mesh server. Call ', h('code', null, 'builder.AddMeshServer()'), ' to serve peers.');
  return [
    h(
      'dl',
      { class: 'facts', key: 'facts' },
      server.service && fact('Registered as', h('code', null, server.service)),
      server.instance && fact('Instance', h('code', null, server.instance)),
      server.registration && fact('Registration', words(server.registration), ofReplicas(server)),
      fact('Under way', count(server.requests)),
    ),
    server.peers.length === 0
      ? empty('No peer has called yet.')
      : table({
          name: 'peers',
          caption: server.otherPeers ? 'Who called of late; the last line counts all others' : 'Who called since the start',
          rows: [...server.peers, ...(server.otherPeers ? [server.otherPeers] : [])],
          rowKey: peer => (peer === server.otherPeers ? 'others' : `peer ${peer.identity ?? ''}`),
          columns: [
            { title: 'Peer', head: true, cell: peer => peerName(peer, server) },
            { title: 'Let in', end: true, cell: peer => count(peer.allowed) },
            { title: 'Refused', end: true, cell: peer => (peer.refused > 0 ? [mark('bad'), count(peer.refused)] : '0') },
            { title: 'Last seen', end: true, cell: peer => time.format(new Date(peer.lastSeen)) },
          ],
        }),
  ];
}

function ofReplicas({ replicas, registeredReplicas }) {
  return replicas > 1 && ` with ${count(registeredReplicas)} of ${plural(replicas, 'replica')} of the control plane`;
}

function peerName(peer, { otherPeers }) {
  if (peer === otherPeers) return 'all others together';
  return peer.identity ? h('code', null, peer.identity) : 'without a certificate';
}

function configuration(settings, text, onsearch) {
  const sought = text.toLowerCase();
  const found = settings.settings.filter(
    setting => !sought || `${setting.path} ${setting.value} ${setting.source}`.toLowerCase().includes(sought),
  );
  return [
    settings.problem &&
      h(
        'p',
        { class: 'problem', key: 'problem' },
        mark('warn'),
        `The latest change was refused; what was in force before still is. ${settings.problem}`,
      ),
    settings.settings.length === 0
      ? empty('Nothing is configured: built-in values are in force.')
      : [
          search('configuration-search', 'Search settings', onsearch),
          h(
            'p',
            { class: 'muted', key: 'count' },
            sought
              ? `${count(found.length)} of ${plural(settings.settings.length, 'setting')}`
              : plural(settings.settings.length, 'setting'),
            settings.refusedReloads > 0 && `, ${plural(settings.refusedReloads, 'change')} refused since the start`,
          ),
          found.length === 0 ? empty('No setting has that in its path, value or source.') : settingGroups(found, sought ? 500 : 20),
          settings.settingsOmitted > 0 &&
            h('p', { class: 'muted', key: 'omitted' }, `${plural(settings.settingsOmitted, 'further setting')} of so many are not told here.`),
        ],
  ];
}

/** By whom they are for: this process, every service, each service. Of each the first few. */
function settingGroups(settings, most) {
  const groups = new Map([
    ['This process', []],
    ['Every service', []],
  ]);
  for (const setting of settings) {
    const name = settingOwner(setting.path);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(setting);
  }

  const told = [...groups].filter(([, rows]) => rows.length > 0);
  return [
    told.slice(0, most).map(([name, rows]) =>
      h(
        'div',
        { key: `group ${name}`, class: 'group' },
        table({
          name: 'settings',
          caption: `${name}: ${plural(rows.length, 'setting')}`,
          rows: rows.slice(0, most),
          rowKey: setting => setting.path,
          columns: [
            { title: 'Setting', head: true, cell: setting => h('code', null, setting.path) },
            { title: 'Value', cell: setting => h('code', null, setting.value) },
            { title: 'Source', cell: setting => setting.source },
          ],
        }),
        rows.length > most && h('p', { class: 'muted', key: 'more' }, `The first ${most} are shown; search for the others.`),
      ),
    ),
    told.length > most &&
      h('p', { class: 'muted', key: 'groups' }, `Those of ${plural(told.length - most, 'further service')} too: search for them.`),
  ];
}

function settingOwner(path) {
  const parts = path.split(':');
  const place = parts.findIndex(part => part === 'Services' || part === 'Defaults');
  if (place < 0 || parts[place - 1] === 'Registry') return 'This process';
  return parts[place] === 'Defaults' ? 'Every service' : parts[place + 1];
}

/** In place of what was not read yet. */
function waiting(why) {
  return h('p', { class: 'empty', key: 'wait' }, why ? `Not read: ${why}.` : 'Reading…');
}

function fact(name, ...content) {
  return h('div', { key: name }, h('dt', null, name), h('dd', null, content));
}

function tally(counts) {
  return Object.entries(counts)
    .map(([name, value]) => `${count(value)} ${words(name)}`)
    .join(', ');
}

function serviceLink(name) {
  return h('a', { href: serviceAddress(name), onclick: follow }, fullName(name));
}
