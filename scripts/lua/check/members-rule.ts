import { didYouMean } from '../source/names.js';
import type { Problems } from '../source/problems.js';
import type { Facts, MemberUse, World } from './facts.js';

const LIBRARY_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  redis: 'call pcall error_reply status_reply sha1hex log LOG_DEBUG LOG_VERBOSE LOG_NOTICE LOG_WARNING'.split(' '),
  string: 'byte char find format gmatch gsub len lower match rep reverse sub upper'.split(' '),
  table: 'concat insert maxn remove sort'.split(' '),
  math: 'abs ceil exp floor fmod frexp huge ldexp log log10 max min modf pow random randomseed sqrt'.split(' '),
};

/**
 * Every `name.member` exists. Redis loads a script with a misspelt member and fails only when the line runs, in
 * production perhaps.
 */
export function checkMembers(facts: Facts, { modules }: World, problems: Problems): void {
  const { file, exports } = facts;
  const requires = new Set(file.header.requires.map(({ name }) => name.replaceAll('-', '_')));
  for (const { name, line } of facts.ownMembers) {
    if (exports.has(name)) continue;
    problems.add(
      file.path,
      line,
      `${file.identifier}.${name} is not defined in this module.${didYouMean(name, exports)}`,
    );
  }
  for (const { base, name, line } of facts.members) {
    const module = requires.has(base) ? modules.get(base) : undefined;
    const known = module === undefined ? LIBRARY_MEMBERS[base] : [...module.exports];
    if (known === undefined || known.includes(name)) continue;
    const where =
      module === undefined ? 'not among the functions that our scripts use' : `not defined in ${module.file.path}`;
    problems.add(file.path, line, `${base}.${name} is ${where}.${didYouMean(name, known)}`);
  }
  for (const use of facts.members) checkAlias(use, facts, problems);
}

function checkAlias({ base, name, line }: MemberUse, { file }: Facts, problems: Problems): void {
  if (base !== 'redis' || (name !== 'call' && name !== 'pcall')) return;
  problems.add(
    file.path,
    line,
    `redis.${name} is used as a value. Call it where it stands: this check follows no aliases.`,
  );
}
