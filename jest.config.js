import swcOptions from './test/support/swc-options.js';

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // Sources import './x.js'; in a test run that is the TypeScript file beside it.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  globalSetup: './test/support/global-setup.ts',
  globalTeardown: './test/support/global-teardown.ts',
  testEnvironment: './test/support/environment.ts',
  // Most of the long ones wait, for leases to pass or processes to start: four keep two cores busy.
  maxWorkers: 4,
  // Modules of ES are never freed: a worker that has run a hundred files holds 2.5 GB.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 60_000,
};
