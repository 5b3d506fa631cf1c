// Calls that failed, told with their attempts.

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
  return h(
    'ol',
    { class: 'stories', key: 'stories' },
    calls.map(call => {
      const same = `${call.at}${call.service}${call.method}${call.path}`;
      keys.set(same, (keys.get(same) ?? 0) + 1);
      return story(call, at, showService, `${same}#${keys.get(same)}`);
    }),
  );
}

function story(call, at, showService, key) {
  const longest = Math.max(call.durationMilliseconds, ...call.attempts.map(attempt => attempt.durationMilliseconds), 0.001);
  return h(
    'li',
    { key, class: 'story' },
    h(
      'p',
      { class: 'what' },
      h('time', { datetime: call.at, title: day.format(new Date(call.at)) }, time.format(new Date(call.at))),
      ' ',
      h('span', { class: 'ago muted' }, `${duration(secondsBetween(call.at, at))} ago`),
      ' ',
      h('code', null, `${call.method} ${call.path}`),
      showService && [' to ', serviceLink(call.service)],
      call.route !== 'default' && [' by route ', h('b', null, call.route)],
      ' ',
      h('span', { class: 'ending' }, mark('bad'), words(call.ending)),
      ' ',
      h('span', { class: 'number' }, `${milliseconds(call.durationMilliseconds)} ms`),
    ),
    h('p', { class: 'told' }, call.story),
    call.attempts.length > 0 &&
      h(
        'ol',
        { class: 'attempts', 'aria-label': 'Attempts' },
        call.attempts.map((attempt, i) =>
          h(
            'li',
            { key: i },
            h('span', { class: 'where' }, h('code', null, attempt.endpoint), h('span', { class: 'muted' }, `, ${words(attempt.reason)}`)),
            h(
              'span',
              { class: 'said' },
              [words(attempt.outcome), attempt.status !== undefined && ` ${attempt.status}`, attempt.error && `: ${attempt.error}`].filter(
                Boolean,
              ),
            ),
            h(
              'span',
              { class: 'took' },
              bar(attempt.durationMilliseconds, longest, null),
              h('span', { class: 'number' }, `${milliseconds(attempt.durationMilliseconds)} ms`),
            ),
          ),
        ),
      ),
  );
}
