-- Pass a wake-up on: sent by a worker that was woken and has no use for the jobs.
-- @repeat natural
-- @oom allow
-- @require wake
-- @reply OK
wake.some(1)
return { 'OK' }
