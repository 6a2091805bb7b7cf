-- Refusals of a call that cannot be carried out: an error reply, before the first write. Codes are those of the catalogue.
local refuse = {}

local MAX_ROWS = 1000

function refuse.with(code, sentence) error(redis.error_reply(code .. ' ' .. sentence)) end

-- A call that breaks the wire contract: nothing that a caller of a correct client can mend.
function refuse.call(sentence) refuse.with('PROTOCOL', sentence) end

function refuse.unless_int(name, value, least, most)
  if value and value >= least and value <= most and value == math.floor(value) then return end
  refuse.call(name .. ' is not a whole number from ' .. least .. ' to ' .. string.format('%.0f', most) .. '.')
end

-- `count` values make whole rows of `width`, and at most a thousand: a call must not hold the server for long, and Lua
-- passes no more than about eight thousand values on to a command.
function refuse.unless_rows(count, width)
  if count % width ~= 0 then refuse.call('The last row is not complete.') end
  if count > MAX_ROWS * width then refuse.call('More than ' .. MAX_ROWS .. ' rows in one call.') end
end

-- Control characters separate the parts of the records.
function refuse.unless_name(what, text)
  if text == '' or string.find(text, '%c') then refuse.call('The ' .. what .. ' is empty or has a control character.') end
end

-- A part of a token is the beginning of other tokens too.
function refuse.unless_token(token)
  if not string.find(token, '^%w+%.%d+$') then refuse.call('A token is not slot.seq.') end
end
