-- Renames keys of the queue that are none of a queue, or of the wrong type: they stay beside those of the queue, with a `!` in place
-- of the colon before their suffix, and a number where that is taken.
-- @repeat natural
-- @oom allow
-- @require refuse, audit, audit-page, audit-shape
-- @rest rows key                   suffixes
-- @reply OK aside:int             how many were renamed by this call
refuse.unless_rows(#ARGV - REST + 1, 1)
local aside = 0
for i = REST, #ARGV do
  audit_page.look(ARGV[i], '', 0)
  if #audit.take() > 0 then
    local number = 1
    while redis.call('RENAMENX', audit_shape.key(ARGV[i]), audit_shape.aside(ARGV[i], number)) == 0 do number = number + 1 end
    aside = aside + 1
  end
end
return { 'OK', aside }
