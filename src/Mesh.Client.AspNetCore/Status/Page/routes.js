// Where calls go by what they are, and whether splits come out as they are wanted.

function routes({ routes, routesOmitted }) {
  if (routes.length === 0) return empty('No route yet: the first call makes it known.');
  const told = h(
    'ul',
    { class: 'routes', key: 'routes' },
    routes.map((route, i) =>
      h(
        'li',
        { key: `${route.name}#${i}` },
        h('h3', null, route.name, ' ', h('code', null, route.match)),
        h(
          'p',
          { class: 'muted' },
          `${rate(route.traffic.perSecond)} calls/s`,
          route.traffic.successRatio !== undefined && `, ${success(route.traffic.successRatio)} % succeed`,
          route.traffic.p99Milliseconds !== undefined &&
            `, p50 ${milliseconds(route.traffic.p50Milliseconds)} ms, p99 ${milliseconds(route.traffic.p99Milliseconds)} ms`,
          Object.entries(route.settings).map(([name, value]) => [' · ', h('span', { key: name }, `${name} ${span(value)}`)]),
          route.filters.map(filter => ` · ${filter}`),
        ),
        route.backends.length > 1 && split(route),
        further(route.backendsOmitted, 'backend'),
      ),
    ),
  );
  return [told, further(routesOmitted, 'route')];
}

function further(omitted, what) {
  return omitted > 0 && h('p', { class: 'muted', key: 'further' }, `${plural(omitted, `further ${what}`)} not shown.`);
}

function split(route) {
  return table({
    name: 'split',
    caption: `Split of route ${route.name}: live share of the last minute against the wanted one`,
    rows: route.backends,
    rowKey: backend => backend.key,
    columns: [
      { title: 'Backend', head: true, cell: backend => h('code', null, backend.key) },
      { title: 'Weight', end: true, cell: backend => count(backend.weight) },
      { title: 'Wanted %', end: true, cell: backend => percent(backend.wantedShare) },
      { title: 'Live %', end: true, cell: backend => percent(backend.liveShare) },
      { title: 'Live, with the wanted share marked', class: 'wide', cell: backend => bar(backend.liveShare ?? 0, 1, backend.wantedShare) },
      { title: 'Success %', end: true, cell: backend => successCell(backend.traffic) },
      { title: 'p99 ms', end: true, cell: backend => milliseconds(backend.traffic.p99Milliseconds) },
    ],
  });
}
