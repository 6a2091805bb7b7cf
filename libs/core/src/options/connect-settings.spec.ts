import { describe, expect, it } from '@jest/globals';

import { VirtualClock } from '../clock/index.js';
import { InvalidNameError, InvalidOptionError } from '../errors/index.js';
import { defaultRedaction } from '../redaction/index.js';
import { CONNECT_DEFAULTS, resolveConnectSettings, silentLogger, type ConnectSettings } from './index.js';

describe('resolveConnectSettings', () => {
  it('fills in what is left out', () => {
    const clock = new VirtualClock();
    expect(resolveConnectSettings({ prefix: 'app', logger: silentLogger, clock })).toEqual({
      ...CONNECT_DEFAULTS,
      prefix: 'app',
      logger: silentLogger,
      redact: defaultRedaction,
      clock,
    });
    expect(resolveConnectSettings(undefined)).toMatchObject({ ...CONNECT_DEFAULTS, clock: { isVirtual: false } });
  });

  it.each([
    { connectTimeoutMs: 0 },
    { commandTimeoutMs: Infinity },
    { commandTimeoutMs: '5' },
    { waitUntilReady: 'yes' },
    { logger: console.log },
    { clock: Date },
    { retries: 5 },
  ])('refuses %p', (settings) => {
    expect(() => resolveConnectSettings(settings as ConnectSettings)).toThrow(InvalidOptionError);
  });

  it('refuses a prefix with braces [case:A14]', () => {
    expect(() => resolveConnectSettings({ prefix: '{app}' })).toThrow(InvalidNameError);
  });
});
