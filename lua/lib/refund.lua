-- A rate counts jobs as they are leased. Those that are given back before they started are taken out of it again: out of that of
-- their queue, and out of those of their groups. So that this is exact, the held value says when a job was leased, as the field l.
-- @require record, window, groups
-- @key meta q hash
-- @key starts rl list
-- @key group_starts gr:<group> list
local refund = {}

-- Notes the time in the facts of jobs that are about to be held: of all, or of those of groups.
function refund.stamp(facts, of_all, now)
  local field = 'l' .. string.format('%.0f', now)
  for i = 1, #facts do
    if of_all or record.has(facts[i], 'G') then
      local fields, flags = string.match(facts[i], '^([^H]*)(.*)$')
      facts[i] = fields .. (fields == '' and '' or ',') .. field .. flags
    end
  end
end

local function add(lists, name, at)
  lists[name] = lists[name] or {}
  table.insert(lists[name], at)
end

-- Entries of `leave`; only those with `unstarted` are looked at.
function refund.run(entries, now)
  local ids, flags, leased, times = {}, {}, {}, {}
  for _, e in ipairs(entries) do
    local at = e.unstarted and tonumber(record.fact(e.facts, 'l'))
    if at then
      ids[#ids + 1], flags[#flags + 1], times[#times + 1] = e.id, e.facts, at
      leased[e.id] = at
    end
  end
  if #ids == 0 then return end
  local meta = redis.call('HMGET', k.meta, 'rate', 'group:concurrency', 'group:rate')
  local per = tonumber(string.match(meta[1] or '', ',(%d+)$'))
  if per then window.take_back(k.starts, per, times, now) end
  local by_group = {}
  for id, name in pairs(groups.names(ids, flags)) do add(by_group, name, leased[id]) end
  for name, of_group in pairs(by_group) do
    local _, _, span = groups.settings(name, { meta[2], meta[3] })
    if span then window.take_back(k.group_starts .. name, span, of_group, now) end
  end
end
