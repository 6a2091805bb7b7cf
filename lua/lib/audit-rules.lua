-- Which rules a key has, by its family: one for the key as a whole, one for each of its members.
-- @require audit-jobs, audit-records, audit-places, audit-epochs, audit-counters, audit-indexes, audit-groups, audit-batches, audit-schedules, audit-edges
local audit_rules = {}

-- Of members, by family: (name, member, value).
local MEMBER = {
  j = function(_, id, text) audit_jobs.check(id, text) end,
  m = function(_, id, text) audit_records.header(id, text) end,
  e = function(_, id) audit_records.error(id) end,
  o = function(_, id, text) audit_records.outcome(id, text) end,
  x = function(_, id, text) audit_records.sides(id, text) end,
  ['hs:'] = function(id, entry) audit_records.entry(id, entry) end,
  ['h:'] = function(epoch, field, text) audit_epochs.check(epoch, field, text) end,
  ['g:'] = function(group, id) audit_places.grouped(group, id) end,
  ['gs:'] = function(group, id) audit_groups.held(group, id) end,
  ['gr:'] = function(group, entry) audit_groups.starts('gr:' .. group, entry) end,
  rl = function(_, entry) audit_groups.starts('rl', entry) end,
  gn = function(_, name) audit_groups.name(name) end,
  gl = function(_, name, turn) audit_groups.turn(name, turn) end,
  gc = function(_, name, text) audit_groups.settings(name, text) end,
  ['^rw:'] = function(resource, member) audit_groups.in_line(resource, member) end,
  ['^rm'] = function(_, name, text) audit_groups.limit(name, text) end,
  ['^rn'] = function(_, resource) audit_groups.line_name(resource) end,
  ['fe:'] = function(group, id) audit_indexes.failure(group, id) end,
  fk = function(_, id, group) audit_indexes.failed(id, group) end,
  fg = function(_, group) audit_indexes.name('fg', 'fe:', group) end,
  ['tg:'] = function(tag, id) audit_indexes.tagged(tag, id) end,
  tc = function(_, tag) audit_indexes.name('tc', 'tg:', tag) end,
  un = function(_, name) audit_indexes.name('un', 'u:', name) end,
  uk = function(_, key, text) audit_indexes.unique(key, text) end,
  uz = function(_, key) audit_indexes.expiry(key) end,
  l = function(_, lane, text) audit_indexes.lane(lane, text) end,
  lz = function(_, lane) audit_indexes.lane_age(lane) end,
  aw = function(_, id, text) audit_indexes.wait(id, text) end,
  af = function(_, number, text) audit_batches.facts(number, text) end,
  ['ab:'] = function(number, id) audit_batches.member(number, id) end,
  ao = function(_, identity, number) audit_batches.open(identity, number) end,
  ad = function(_, number) audit_batches.time(number) end,
  sc = function(_, id, text) audit_schedules.record(id, text) end,
  ['sh:'] = function(id, line) audit_schedules.line(id, line) end,
  ['st:'] = function(day, field, text) audit_schedules.count(day, field, text) end,
  sd = function(_, day) audit_schedules.known_day(day) end,
  mi = function(_, field, text) audit_schedules.minute(field, text) end,
  ['dl:'] = function(child, ref) audit_edges.need(child, ref) end,
  ['dd:'] = function(parent, child) audit_edges.dependent('dd:' .. parent, parent, child) end,
  ['df:'] = function(parent, child) audit_edges.dependent('df:' .. parent, parent, child) end,
  dq = function(_, entry) audit_edges.end_of(entry) end,
}
for _, key in ipairs({ 'L', 'ws', 'wk', 'i' }) do
  MEMBER[key] = function(_, epoch) audit_epochs.named(key, epoch) end
end
for _, key in ipairs({ 'si', 'sn', 'sp' }) do
  MEMBER[key] = function(_, id) audit_schedules.entry(key, id) end
end
for _, family in ipairs({ 'pp', 'pn', 'd', 't', 'b', 'wr', 'ag', 'gw', 'f:', 'y:', 'u:' }) do
  MEMBER[family] = function(name, id, score) audit_places.check(family .. name, id, tonumber(score)) end
end

-- Of keys: (name, suffix).
local KEY = {
  q = function()
    audit_counters.check()
    audit_groups.uses()
  end,
  ['h:'] = function(epoch) audit_epochs.epoch(epoch) end,
  ['s:'] = function(id, key) audit_records.job_key(key, id, 'N', 'notes') end,
  ['hs:'] = function(id, key) audit_records.job_key(key, id, 'Y', 'a history') end,
  ['dl:'] = function(id)
    audit_edges.needs(id)
    audit_records.need_letter(id, 'D', 'jobs that it waits for')
  end,
  ['dr:'] = function(id)
    audit_edges.results(id)
    audit_records.need_letter(id, 'D', 'results of jobs that it waited for')
  end,
  ['dd:'] = function(id)
    audit_edges.dependents(id)
    audit_records.need_letter(id, 'P', 'jobs that wait for it')
  end,
  ['df:'] = function(id) audit_edges.failed(id) end,
  ['dx:'] = function(number) audit_edges.set(number) end,
  ['g:'] = function(name) audit_groups.key('g:', name) end,
  ['gs:'] = function(name) audit_groups.key('gs:', name) end,
  ['gr:'] = function(name) audit_groups.key('gr:', name) end,
  ['^rw:'] = function(resource) audit_groups.line(resource) end,
  ['fe:'] = function(group) audit_indexes.failures(group) end,
  ['tg:'] = function(tag) audit_indexes.tag(tag) end,
  ['u:'] = function(name) audit_indexes.unclaimed(name) end,
  ['ab:'] = function(number) audit_batches.list(number) end,
  ['sh:'] = function(id) audit_schedules.history(id) end,
  rl = function() audit_groups.all_starts() end,
  sd = function() audit_schedules.days() end,
  ['st:'] = function(day) audit_schedules.day(day) end,
}

function audit_rules.member(family, name)
  local rule = MEMBER[family]
  if rule then return function(member, value) rule(name, member, value) end end
end

function audit_rules.key(family, name, suffix)
  if KEY[family] then KEY[family](name, suffix) end
end
