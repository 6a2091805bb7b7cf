-- How times are spread: `count,mean,squares,n,n,…`, where squares is the sum of the squared differences from the mean, and the
-- n count the times up to 1, 2, 5, 10, 20 … 500,000,000 ms, up to a week, and longer ones. Zeros at the end are left out.
-- @require refuse
local spread = {}

local BUCKETS = 29

-- Reads what a worker sent, or what is stored; '' is nothing.
function spread.parse(text)
  local numbers = {}
  for piece in string.gmatch(text, '[^,]+') do numbers[#numbers + 1] = tonumber(piece) or refuse.call('A spread of times cannot be read.') end
  if #numbers == 0 then return { count = 0, mean = 0, squares = 0, buckets = {} } end
  if #numbers < 3 or #numbers > 3 + BUCKETS or numbers[1] < 1 then refuse.call('A spread of times cannot be read.') end
  local parsed = { count = numbers[1], mean = numbers[2], squares = numbers[3], buckets = {} }
  for i = 4, #numbers do parsed.buckets[i - 3] = numbers[i] end
  return parsed
end

-- Both together, as one. By Chan's formula: sums of squares would lose what is small beside large means.
function spread.merge(a, b)
  if a.count == 0 then return b end
  if b.count == 0 then return a end
  local count, apart, buckets = a.count + b.count, b.mean - a.mean, {}
  for i = 1, math.max(#a.buckets, #b.buckets) do buckets[i] = (a.buckets[i] or 0) + (b.buckets[i] or 0) end
  return { count = count, mean = a.mean + apart * b.count / count,
    squares = a.squares + b.squares + apart * apart * a.count * b.count / count, buckets = buckets }
end

function spread.text(s)
  if s.count == 0 then return '' end
  local parts = { string.format('%.0f,%.17g,%.17g', s.count, s.mean, s.squares) }
  for i = 1, #s.buckets do parts[i + 1] = string.format('%.0f', s.buckets[i]) end
  return table.concat(parts, ',')
end
