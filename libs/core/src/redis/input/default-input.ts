import { NoConnectionError } from '../../errors/index.js';
import { resolveInput, type ResolvedInput } from './connection-input.js';

/**
 * What a process uses that was told nothing: `REDIS_URL`, else the embedded server, else nothing. Where this may be a
 * deployment, each instance would get a Redis of its own and lose its jobs with its disk, so there it is an error.
 *
 * @throws NoConnectionError outside development and tests
 */
export function defaultInput(env: NodeJS.ProcessEnv): ResolvedInput {
  if (env['REDIS_URL']) return resolveInput(env['REDIS_URL'], 'REDIS_URL');
  const deployment = signOfDeployment(env);
  if (deployment !== undefined) throw new NoConnectionError(deployment);
  return { kind: 'embedded', options: {} };
}

function signOfDeployment(env: NodeJS.ProcessEnv): string | undefined {
  const mode = env['NODE_ENV'];
  if (mode && mode !== 'development' && mode !== 'test') return `NODE_ENV=${mode}`;
  return env['KUBERNETES_SERVICE_HOST'] ? 'This process runs in Kubernetes' : undefined;
}
