import { spawn, type ChildProcess } from 'node:child_process';

/**
 * A shell that waits on a pipe from this process. The pipe breaks however this process ends, kill -9 too; the shell
 * then ends the server and removes its folder.
 */
export function reapWithParent(pid: number, folder: string): ChildProcess {
  const script = 'cat >/dev/null; kill -9 "$1" 2>/dev/null; rm -rf "$2"';
  const reaper = spawn('sh', ['-c', script, 'reaper', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.unref();
  return reaper;
}
