-- What the core has to know of a job in words: lines of letter \t value \t value …, kept beside its records. For each line the
-- header of the job has the capital letter: T tags, R resources, G group, D dependencies.
-- @require refuse
-- @key sides x hash id -> lines
local side = {}

-- What a line can say, and what a client may say of a job that is added; `stay` = kept with the job.
local LINES = { t = { flag = 'T', least = 1, most = 32 }, u = { least = 4, most = 5 },
  g = { flag = 'G', least = 1, most = 1, bit = 'o' }, r = { flag = 'R', least = 2, most = 32, bit = 'w' },
  d = { flag = 'D', least = 1, most = 1001 } }
local ORDER = { 't', 'g', 'r', 'd' }

-- The values of each line, by letter.
function side.parse(text)
  local said = {}
  for line in string.gmatch(text, '[^\n]+') do
    local values = {}
    for value in string.gmatch(string.sub(line, 2) .. '\t', '\t([^\t]*)') do values[#values + 1] = value end
    values[#values] = nil
    said[string.sub(line, 1, 1)] = values
  end
  return said
end

-- Of the line r: each resource once, and how much of it.
local function check_uses(values)
  local seen = {}
  for i = 1, #values, 2 do
    local amount = values[i + 1]
    if seen[values[i]] or not amount or #amount > 9 or not string.find(amount, '^[1-9]%d*$') then
      refuse.call('The line "r" of a job is not resources with amounts.')
    end
    seen[values[i]] = true
  end
end

-- The same of a job that is added: refuses what no job can have.
function side.read(text)
  local said = side.parse(text)
  for letter, values in pairs(said) do
    local form = LINES[letter]
    if not form then refuse.call('There is no line "' .. letter .. '" that a job can have.') end
    if #values < form.least or #values > form.most then
      refuse.call('The line "' .. letter .. '" of a job has ' .. #values .. ' values.')
    end
    if form.flag then
      for i = 1, #values do refuse.unless_name('value of a line', values[i]) end
    end
    if letter == 'r' then check_uses(values) end
  end
  return said
end

-- The lines that stay with a job as they are stored, and the letters of its header that say so.
function side.kept(said)
  local lines, flags = {}, ''
  for _, letter in ipairs(ORDER) do
    local values = said[letter]
    if values and #values > 0 then
      lines[#lines + 1] = letter .. '\t' .. table.concat(values, '\t')
      flags = flags .. LINES[letter].flag
    end
  end
  return table.concat(lines, '\n'), flags
end

function side.of(id) return side.parse(redis.call('HGET', k.sides, id) or '') end

-- Puts the values of one line in the place of those that the job has; none take the line away. Others stay as they are.
function side.put(id, letter, values)
  local lines = {}
  for line in string.gmatch(redis.call('HGET', k.sides, id) or '', '[^\n]+') do
    if string.sub(line, 1, 1) ~= letter then lines[#lines + 1] = line end
  end
  if #values > 0 then lines[#lines + 1] = letter .. '\t' .. table.concat(values, '\t') end
  if #lines > 0 then redis.call('HSET', k.sides, id, table.concat(lines, '\n'))
  else redis.call('HDEL', k.sides, id) end
end

-- The letters of a header, of those that say that the job has lines.
function side.has_lines(flags) return string.find(flags, '[TRGD]') ~= nil end

-- The features that a queue needs for these lines.
function side.features(said)
  local letters = ''
  for letter in pairs(said) do letters = letters .. (LINES[letter].bit or '') end
  return letters
end

