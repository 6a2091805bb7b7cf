/** What happens after an attempt that threw: whether it is tried again, and when. */
export { backoffMs, type ComputedBackoff, type Random } from './backoff.js';
export { chooseBackoffMs, type BackoffMeans } from './choose-backoff.js';
export { decide, ruleFor, type AttemptFacts, type Decision, type DecisionMeans } from './retry-policy.js';
