-- Of the fields of a queue's meta: whether each can be read, and what is derived from others says what they say.
-- @require settings, audit, audit-numbers
-- @key meta q hash
local audit_meta = {}

local NUMBER = '^%d+$'
local FORMS = { free = NUMBER, seen = NUMBER, waits = NUMBER, dropped = NUMBER }

local function check(field, form)
  local text = redis.call('HGET', k.meta, field)
  if not text or (#text <= 32 and string.find(text, form)) then return end
  audit.report('unreadable', 'q', field, 'it cannot be read', 'it is taken away, as if it had never been set')
end

function audit_meta.check()
  for field, form in pairs(FORMS) do check(field, form) end
  for field, form in pairs(settings.FORMS) do check(field, form) end
  local drop = settings.drop()
  if (redis.call('HGET', k.meta, 'drop') or '') ~= drop then
    audit.report('miscounted', 'q', 'drop', 'the states that are not kept are not those of the settings', 'they are', drop)
  end
  audit_numbers.check()
  audit_numbers.need('ring', redis.call('HGET', k.meta, 'free'))
end
